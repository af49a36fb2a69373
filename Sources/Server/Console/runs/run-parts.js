/** Small things that several views of runs show. */
import { count, duration, moment } from '../lib/format.js'
import { h, icon } from '../lib/dom.js'
import { isEnded } from './run.js'
import { isKnownStatus, statusWord } from './words.js'
import { locale, t } from '../lib/i18n.js'

/** A mark and a word: the state of a run never shows by colour alone. */
export const statusMark = (status) =>
  h('span', { class: 'status', 'data-status': isKnownStatus(status) ? status : 'queued' },
    h('i', {}), h('span', {}, statusWord(status)))

/** A bar that fills, or one without a measure while nobody knows how far it is. */
export const progressBar = ({ share, label }) =>
  h('progress', { class: 'bar', max: 1, 'aria-label': label, ...(share === null ? {} : { value: share }) })

export const plainButton = (drawing, label, onclick, attributes = {}) =>
  h('button', { type: 'button', class: 'plain-button with-icon', onclick, ...attributes },
    drawing && icon(drawing), label)

export const linkButton = (drawing, label, href, attributes = {}) =>
  h('a', { class: 'plain-button with-icon', href, ...attributes }, drawing && icon(drawing), label)

/** `[term, value]` pairs as a list of definitions. */
export const facts = (pairs) => h('dl', { class: 'facts' }, pairs.filter(([, value]) => value !== null && value !== '')
  .map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))))

/** When a run began and how long it took. */
export function timesOf(run, now) {
  const began = t('run.began', { time: moment(run.created, locale()) })
  if (!isEnded(run) || run.finished === null) return [began]
  const words = [began, t('run.took', { time: duration(run.finished - run.created, locale()) })]
  return run.tokens === null ? words : [...words, t('run.trained', { number: count(run.tokens, locale()) })]
}
