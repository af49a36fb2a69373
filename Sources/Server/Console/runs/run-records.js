/** What a run laid by and what it said. Foreign words stay words: they are only ever text. */
import { count, measure, moment } from '../lib/format.js'
import { copyText } from '../lib/clipboard.js'
import { h, iconButton } from '../lib/dom.js'
import { locale, t } from '../lib/i18n.js'

const shown = 200

export function checkpointTable(checkpoints) {
  if (checkpoints.length === 0) return null
  const best = Math.min(...checkpoints.map(({ valid }) => valid ?? Infinity))
  const head = ['step', 'valid', 'train', 'time', 'model']
    .map((name) => h('th', { scope: 'col' }, t(`checkpoint.${name}`)))
  return h('section', {}, h('h2', {}, t('run.checkpoints')), h('div', { class: 'wide-table', tabindex: 0 },
    h('table', { class: 'records' }, h('thead', {}, h('tr', {}, head)),
      h('tbody', {}, checkpoints.map((each) => checkpointRow(each, each.valid === best))))))
}

const checkpointRow = ({ step, valid, train, time, model }, best) => h('tr', {},
  h('td', {}, count(step, locale())),
  h('td', {}, valid === null ? '–' : measure(valid), best && h('span', { class: 'tag' }, t('compare.best'))),
  h('td', {}, train === null ? '–' : measure(train)), h('td', {}, moment(time, locale())),
  h('td', { class: 'model-name' }, h('span', {}, h('code', {}, model), model &&
    iconButton('copy', t('checkpoint.copy'), (event) => copied(event.currentTarget, model)))))

async function copied(button, text) {
  const label = t((await copyText(text)) ? 'code.copied' : 'code.notCopied')
  button.title = label
  button.setAttribute('aria-label', label)
}

/** The newest messages first. */
export function eventLog(messages) {
  const newest = messages.slice(-shown).reverse()
  const body = newest.length === 0 ? h('p', { class: 'nothing' }, t('run.noEvents'))
    : h('ol', { class: 'events scroller', tabindex: 0, 'aria-label': t('run.events') }, newest.map(eventLine))
  return h('section', {}, h('h2', {}, t('run.events')), body)
}

const eventLine = ({ time, level, text }) => h('li', { 'data-level': level },
  h('time', { datetime: new Date(time).toISOString() }, moment(time, locale())),
  level === 'info' ? null : h('b', {}, t(`level.${level}`)), h('span', {}, text))
