/** Says in the reader's language how runs are and what went wrong with them. No DOM. */
import { bytes, count, duration, measure, rate } from '../lib/format.js'
import { locale, t } from '../lib/i18n.js'

const statuses = new Set(['validating_files', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled'])
export const isKnownStatus = (status) => statuses.has(status)
export const statusWord = (status) => (statuses.has(status) ? t(`status.${status}`) : status)
export const methodWord = (method) => (['supervised', 'dpo'].includes(method) ? t(`method.${method}`) : method)

/** How far a run is, in the words of one line; parts that nobody knows are left out. */
export function progressWords(run, { step, total, perSecond, left }) {
  const where = locale()
  const parts = []
  const numbers = { step: count(step ?? 0, where), total: count(total ?? 0, where) }
  if (step !== null) parts.push(t(total ? 'run.stepOf' : 'run.step', numbers))
  else if (run.status === 'running') parts.push(t('run.preparing'))
  if (run.status === 'running' && perSecond !== null) parts.push(t('run.speed', { rate: rate(perSecond, where) }))
  if (left !== null) parts.push(t('run.left', { time: duration(left, where) }))
  return parts
}

/** A value of the comparison as it is printed. */
export function printed(kind, value, fileName = String) {
  const where = locale()
  if (value === null) return kind === 'setting' ? t('run.automatic') : '–'
  if (kind === 'status') return statusWord(value)
  if (kind === 'method') return methodWord(value)
  if (kind === 'file') return fileName(value)
  if (kind === 'setting') return value === 'auto' ? t('run.automatic') : String(value)
  const print = { count: (each) => count(each, where), loss: measure, duration: (each) => duration(each, where),
    rate: (each) => t('run.speed', { rate: rate(each, where) }) }
  return Object.hasOwn(print, kind) ? print[kind](value) : String(value)
}

/** Why the runs cannot be had, as a title, what to do, and what the server said. */
export function explainTrouble({ kind, details = {} }) {
  if (lacksTraining({ details }))
    return { title: t('trouble.unsupported'), text: t('trouble.unsupportedText'), said: details.message }
  if (kind === 'unauthorized') return { title: t('error.unauthorized'), text: t('error.unauthorizedText'), said: '' }
  if (kind === 'unreachable') return { title: t('error.unreachable'), text: t('trouble.unreachableText'), said: '' }
  if (kind === 'busy') return { title: t('error.busy'), text: t('trouble.busyText'), said: details.message }
  if (kind === 'tooLarge') return { title: t('trouble.tooLarge'), text: t('trouble.tooLargeText'),
    said: details.message }
  if (details.status >= 500) return { title: t('error.failed'), text: t('trouble.failedText'), said: details.message }
  return { title: t('error.refused'), text: '', said: details.message }
}

/** A server that has no such address, or says that it cannot do this; not one that misses a model or a file. */
export const lacksTraining = ({ details: { status, code } = {} }) =>
  [405, 501].includes(status) || (status === 404 && [null, undefined, '', 'unknown_url', 'not_found'].includes(code))

const remedies = [
  [/memory|oom/i, 'remedy.memory'], [/disk|space|storage|no_room/i, 'remedy.disk'],
  [/diverg|nan|not_finite|infinite/i, 'remedy.diverged'], [/file|data|format|row/i, 'remedy.data'],
  [/model/i, 'remedy.model'],
]

/** What went wrong with a run, and what to do about it. */
export function explainProblem({ code, message, param }) {
  const found = remedies.find(([pattern]) => pattern.test(code)) ?? remedies.find(([pattern]) =>
    pattern.test(param ?? ''))
  return { title: t('run.failed'), text: t(found ? found[1] : 'remedy.other'),
    said: [message, code && `(${code})`].filter(Boolean).join(' ') }
}

/** What a first look into a file found, in one line. */
export function datasetWords({ name, size, reading, dataset }) {
  const parts = [bytes(size, locale())]
  if (reading) parts.push(t('dataset.reading'))
  if (dataset) parts.push(t('dataset.rows', { count: dataset.rows, number: count(dataset.rows, locale()) }))
  if (dataset?.layout) parts.push(t(`layout.${dataset.layout}`))
  if (!reading && !dataset) parts.push(t('dataset.unread'))
  return { name, text: parts.join(' · ') }
}
