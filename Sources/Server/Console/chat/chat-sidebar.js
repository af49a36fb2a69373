/** The list of conversations: grouped by date, searched, renamed, deleted. */
import '../elements/menu-button.js'
import { groupByDate } from '../lib/format.js'
import { h, icon, iconButton, keepChildren } from '../lib/dom.js'
import { marked, words } from './search.js'
import { menuButton } from '../elements/menu-button.js'
import { isComposing } from './keys.js'
import { t } from '../lib/i18n.js'

const mark = new URL('../swift.svg', import.meta.url).href

export class ChatSidebar extends HTMLElement {
  #found = null
  #query = ''
  #rows = new Map()

  setUp(chat, actions) {
    this.chat = chat
    this.actions = actions
    this.className = 'side'
    this.field = h('input', { type: 'search', placeholder: t('sidebar.search'), 'aria-label': t('sidebar.search'),
      autocomplete: 'off', spellcheck: 'false', oninput: () => this.#search(),
      onkeydown: (event) => this.#key(event) })
    this.list = h('nav', { class: 'side-list', 'aria-label': t('sidebar.list') })
    this.append(
      h('header', { class: 'brand' }, h('img', { src: mark, alt: '', width: 28, height: 28 }),
        h('span', { class: 'brand-name' }, t('brand')),
        iconButton('close', t('sidebar.close'), actions.closeDrawer, { class: 'icon-button drawer-only' })),
      actions.switcher('chat'),
      h('button', { type: 'button', class: 'new-button', onclick: actions.create },
        icon('new'), t('sidebar.new'), h('kbd', {}, shortcut('⇧O'))),
      h('label', { class: 'search' }, icon('search'), this.field, h('kbd', {}, shortcut('K'))),
      this.list, h('footer', { class: 'side-foot' }, actions.footer()))
  }

  focusSearch() { this.field.select(); this.field.focus() }

  update() {
    const { summaries } = this.chat.library
    if (this.#query === '') return this.#draw(groupByDate(summaries), summaries.length === 0 ? t('sidebar.empty') : '')
    const known = new Map(summaries.map((each) => [each.id, each]))
    const items = (this.#found ?? []).filter(({ summary }) => known.has(summary.id))
    const rows = items.map(({ summary, snippet }) => ({ ...known.get(summary.id), snippet }))
    const nothing = this.#found && rows.length === 0
    this.#draw(rows.length ? [{ group: 'found', items: rows }] : [], nothing ? t('sidebar.nothing') : '')
  }

  #draw(groups, emptyText) {
    const nodes = groups.flatMap(({ group, items }) =>
      [h('h2', {}, t(`group.${group}`)), ...items.map((item) => this.#row(item))])
    keepChildren(this.list, emptyText ? [...nodes, h('p', { class: 'nothing' }, emptyText)] : nodes)
  }

  /** A row is drawn anew only when what it shows changed, so that a menu or a name being typed stays open. */
  #row(item) {
    const current = item.id === this.chat.conversation.id
    const state = JSON.stringify([item.title, item.snippet, current, this.#query])
    const row = this.#rows.get(item.id) ?? h('div', { class: 'row' })
    this.#rows.set(item.id, row)
    if (row.dataset.state !== state && !row.querySelector('input')) {
      row.dataset.state = state
      row.replaceChildren(this.#link(item, current), this.#menu(item, row))
    }
    return row
  }

  #link(item, current) {
    const wanted = words(this.#query)
    const text = (string) => marked(string, wanted).map(({ text, hit }) => (hit ? h('mark', {}, text) : text))
    return h('a', { href: `#/c/${item.id}`, 'aria-current': current ? 'page' : null, title: item.title },
      h('span', { class: 'row-title' }, text(item.title || t('sidebar.untitled'))),
      item.snippet ? h('span', { class: 'row-snippet' }, text(item.snippet)) : null)
  }

  #menu(item, row) {
    return menuButton(t('sidebar.more', { title: item.title }), [
      { icon: 'edit', label: t('sidebar.rename'), run: () => this.#rename(item, row) },
      { icon: 'download', label: t('sidebar.export'), run: () => this.actions.export(item.id) },
      { icon: 'trash', label: t('sidebar.delete'), run: () => this.actions.remove(item.id), danger: true },
    ])
  }

  #rename(item, row) {
    const field = h('input', { class: 'rename', value: item.title, 'aria-label': t('sidebar.rename'), maxlength: 200 })
    let finished = false
    const finish = (save) => {
      if (finished) return
      finished = true  // taking the field away makes it lose the focus, which ends here again
      const title = field.value.trim()
      field.remove()
      row.dataset.state = ''
      if (save && title !== '' && title !== item.title) this.chat.rename(item.id, title)
      this.update()
    }
    field.addEventListener('keydown', (event) => {
      if (isComposing(event) || !['Enter', 'Escape'].includes(event.key)) return
      event.stopPropagation()
      finish(event.key === 'Enter')
    })
    field.addEventListener('blur', () => finish(true))
    row.replaceChildren(field)
    field.select()
  }

  #key(event) {
    if (isComposing(event)) return
    const links = [...this.list.querySelectorAll('a')]
    if (event.key === 'Enter' && this.#query !== '') links[0]?.click()
    else if (event.key === 'ArrowDown') links[0]?.focus()
    else if (event.key === 'Escape' && this.field.value !== '') { this.field.value = ''; this.#search() }
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  async #search() {
    const query = this.field.value.trim()
    this.#query = query
    this.#found = null
    if (query !== '') {
      const found = await this.chat.library.search(query)
      if (query !== this.#query) return
      this.#found = found
    }
    this.update()
  }
}
customElements.define('chat-sidebar', ChatSidebar)

const shortcut = (key) => (/Mac|iPhone|iPad/.test(navigator.platform) ? `⌘${key}` : `Ctrl ${key}`)
