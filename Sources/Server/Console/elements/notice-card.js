/** A card that says what is the matter and what can be done about it. Words come in as words. */
import { h, icon } from '../lib/dom.js'

/** `said` is what the server said, shown as such; `tone` is `danger` or `plain`. */
export const noticeCard = ({ title, text, said, tone = 'danger' }, ...actions) =>
  h('div', { class: `notice-card ${tone}`, role: tone === 'danger' ? 'alert' : null }, icon('alert'),
    h('div', {}, h('strong', {}, title), text && h('p', {}, text), said && h('p', { class: 'said' }, said),
      actions.flat().some(Boolean) && h('div', { class: 'actions' }, actions)))
