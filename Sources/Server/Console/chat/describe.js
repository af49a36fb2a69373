/** Says in the reader's language what happened to an answer. No DOM. */
import { contextSize, count, rate, seconds } from '../lib/format.js'
import { locale, t } from '../lib/i18n.js'

/** The measures of an answer: `[{ text, hint }]`, most telling first. */
export function measures(statistics) {
  if (!statistics) return []
  const { tokens, exact, perSecond, firstTokenMs, prompt, cached, promptPerSecond } = statistics
  const where = locale()
  const list = []
  if (perSecond) list.push({ text: t('measure.speed', { rate: rate(perSecond, where) }), hint: t('measure.speedHint') })
  if (tokens != null) {
    const text = t('measure.tokens', { count: tokens, number: (exact ? '' : '≈ ') + count(tokens, where) })
    list.push({ text, hint: t('measure.tokensHint') })
  }
  if (firstTokenMs != null) {
    const text = t('measure.first', { time: seconds(firstTokenMs, where) })
    list.push({ text, hint: firstHint(promptPerSecond, where) })
  }
  if (prompt != null) {
    const text = t('measure.prompt', { number: count(prompt, where) })
    const hint = cached ? t('measure.cachedHint', { number: count(cached, where) }) : t('measure.promptHint')
    list.push({ text, hint })
  }
  return list
}

const firstHint = (speed, where) =>
  speed ? t('measure.firstHintSpeed', { rate: rate(speed, where) }) : t('measure.firstHint')

/** Why an answer ended, where that is worth saying: `{ text, continuable }`. */
export function ending({ state, statistics, error }) {
  if (state === 'stopped') return { text: t('ending.stopped'), continuable: true }
  if (state === 'interrupted') return { text: t('ending.interrupted'), continuable: true }
  if (state === 'cut') return { text: t('ending.cut'), continuable: true }
  if (state === 'done' && statistics?.finish === 'length') return { text: t('ending.length'), continuable: true }
  if (state === 'done' && statistics?.finish === 'content_filter') return { text: t('ending.filtered') }
  return state === 'failed' || error ? null : statistics?.finish ? { text: '', finish: statistics.finish } : null
}

const plain = new Set(['unreachable', 'cut', 'noTemplate', 'unknownModel', 'unauthorized', 'tooLarge', 'failed',
  'refused'])
const unsaid = new Set(['unreachable', 'cut', 'noTemplate'])

/**
 * An error as a title, an explanation and what the server said, if anything. `alone`: the message that is too long is
 * the only one.
 */
export function explain({ kind, message, tokens, limit, wanted }, { alone = false } = {}) {
  if (kind === 'contextFull') return explainFull({ message, tokens, limit, wanted }, alone)
  if (kind === 'busy') return { title: t('error.busy'), text: '', said: '' }
  const name = plain.has(kind) ? kind : 'failed'
  const said = unsaid.has(name) ? '' : (message ?? '')
  return { title: t(`error.${name}`), text: t(`error.${name}Text`), said }
}

/** What does not fit the context: a conversation, or one message by itself. */
const conversation = {
  title: 'error.contextFull', text: 'error.contextFullText', counts: 'error.contextFullCounts',
  answer: 'error.contextFullAnswer',
}
const oneMessage = {
  title: 'error.messageFull', text: 'error.messageFullText', counts: 'error.messageFullCounts',
  answer: 'error.messageFullAnswer',
}

function explainFull({ message, tokens, limit, wanted }, alone) {
  const words = alone ? oneMessage : conversation
  const title = t(words.title)
  if (!tokens || !limit) return { title, text: t(words.text), said: message }
  const where = locale()
  const values = { tokens: count(tokens, where), limit: count(limit, where), wanted: count(wanted ?? 0, where) }
  return { title, text: t(wanted > 0 ? words.answer : words.counts, values), said: '' }
}

const finishes = { stop: 'finish.stop', length: 'finish.length' }

/** The server's word for the end of an answer in the reader's language; a word that is not known here as it is. */
export const finishName = (reason) => (Object.hasOwn(finishes, reason) ? t(finishes[reason]) : reason)

export const modelLabel = ({ id, contextLength }) => (contextLength ? `${id} · ${contextSize(contextLength)}` : id)
