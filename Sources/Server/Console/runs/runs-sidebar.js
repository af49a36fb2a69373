/** The runs at the side of the page: newest first, each with its state and how far it is. */
import { addresses } from '../lib/route.js'
import { groupByDate } from '../lib/format.js'
import { h, icon, iconButton, keepChildren } from '../lib/dom.js'
import { nameOf } from './run.js'
import { progressOf } from './history.js'
import { statusWord } from './words.js'
import { t } from '../lib/i18n.js'

const mark = new URL('../swift.svg', import.meta.url).href

export class RunsSidebar extends HTMLElement {
  #rows = new Map()

  setUp({ runs }, { footer, switcher, closeDrawer }) {
    this.runs = runs
    this.className = 'side'
    this.list = h('nav', { class: 'side-list', 'aria-label': t('runs.list') })
    this.append(
      h('header', { class: 'brand' }, h('img', { src: mark, alt: '', width: 28, height: 28 }),
        h('span', { class: 'brand-name' }, t('brand')),
        iconButton('close', t('sidebar.close'), closeDrawer, { class: 'icon-button drawer-only' })),
      switcher('runs'),
      h('a', { class: 'new-button', href: addresses.start }, icon('plus'), t('runs.new')),
      this.list, h('footer', { class: 'side-foot' }, footer()))
  }

  update(route) {
    const { list } = this.runs
    if (!list || list.length === 0) {
      const text = list || this.runs.error ? t('runs.sideEmpty') : t('runs.loading')
      return keepChildren(this.list, [h('p', { class: 'nothing' }, text)])
    }
    const isAll = route.view === 'list'
    const all = h('a', { class: 'side-all', href: addresses.list, 'aria-current': isAll ? 'page' : null },
      t('runs.all'))
    keepChildren(this.list, [all, ...groupByDate(list).flatMap(({ group, items }) =>
      [h('h2', {}, t(`group.${group}`)), ...items.map((run) => this.#row(run, route))])])
  }

  #row(run, route) {
    const { share } = progressOf(run, this.runs.history(run.id), this.runs.now())
    const current = route.id === run.id
    const state = JSON.stringify([nameOf(run), run.status, share && Math.round(share * 100), current])
    const row = this.#rows.get(run.id) ?? h('div', { class: 'row' })
    this.#rows.set(run.id, row)
    if (row.dataset.state === state) return row
    const focused = row.contains(document.activeElement)
    row.dataset.state = state
    const percent = ['running', 'paused'].includes(run.status) && share !== null ? ` · ${Math.round(share * 100)}%` : ''
    row.replaceChildren(h('a', { href: addresses.run(run.id), 'aria-current': current ? 'page' : null,
      title: nameOf(run) },
      h('span', { class: 'row-title' }, nameOf(run)),
      h('span', { class: 'row-snippet status', 'data-status': run.status }, h('i', {}), statusWord(run.status)
        + percent)))
    if (focused) row.firstChild.focus()
    return row
  }
}
customElements.define('runs-sidebar', RunsSidebar)
