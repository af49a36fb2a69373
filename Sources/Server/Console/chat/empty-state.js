/** What a new conversation shows: the mark, a greeting, and four things to try. */
import { h } from '../lib/dom.js'
import { t } from '../lib/i18n.js'

const mark = new URL('../swift.svg', import.meta.url).href

export function emptyState(suggest) {
  const cards = ['write', 'explain', 'code', 'plan'].map((name) =>
    h('button', { type: 'button', class: 'suggestion', onclick: () => suggest(t(`try.${name}`)) },
      h('strong', {}, t(`try.${name}Title`)), h('span', {}, t(`try.${name}`))))
  return h('section', { class: 'empty-state' },
    h('img', { src: mark, alt: '', width: 72, height: 72 }),
    h('h1', {}, t('empty.greeting')),
    h('p', {}, t('empty.text')),
    h('div', { class: 'suggestions' }, cards))
}
