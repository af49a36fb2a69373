/**
 * The chat page: puts its parts together and sends each event where it belongs. What can be done is in `chat.js`.
 */
import './chat-composer.js'
import './chat-sidebar.js'
import './chat-thread.js'
import './model-picker.js'
import './settings-panel.js'
import '../elements/toast-list.js'
import { timestamp } from '../lib/format.js'
import { download, pickFile } from '../lib/files.js'
import { h, iconButton } from '../lib/dom.js'
import { ImportError } from './exchange.js'
import { t } from '../lib/i18n.js'
import { pageKey } from './keys.js'
import { routeOf } from '../lib/route.js'

export class ChatPage extends HTMLElement {
  #until = new AbortController()
  #frame = 0

  setUp(chat, { footer, switcher }) {
    this.chat = chat
    this.className = 'page'
    const make = (name) => document.createElement(name)
    const actions = this.#actions(footer, switcher)
    this.sidebar = make('chat-sidebar')
    this.thread = make('chat-thread')
    this.composer = make('chat-composer')
    this.picker = make('model-picker')
    this.settings = make('settings-panel')
    this.toasts = make('toast-list')
    this.live = h('div', { class: 'visually-hidden', 'aria-live': 'polite', role: 'status' })
    for (const part of [this.sidebar, this.thread, this.composer, this.settings]) part.setUp(chat, actions)
    this.picker.setUp(chat)
    this.#layOut()
  }

  connectedCallback() {
    const { signal } = this.#until
    const redraw = () => this.#soon()
    this.chat.addEventListener('switch', () => this.#now(), { signal })
    this.chat.addEventListener('change', redraw, { signal })
    this.chat.addEventListener('models', redraw, { signal })
    this.chat.addEventListener('list', () => this.sidebar.update(), { signal })
    this.chat.addEventListener('opened', ({ detail }) => history.pushState(null, '', `#/c/${detail}`), { signal })
    this.chat.addEventListener('notice', ({ detail }) => this.toasts.show(t(detail.key)), { signal })
    addEventListener('keydown', (event) => this.#key(event), { signal })
    addEventListener('hashchange', () => this.#follow(), { signal })
    addEventListener('popstate', () => this.#follow(), { signal })
    this.#now()
    this.composer.focus()
  }

  disconnectedCallback() { this.#until.abort() }

  #layOut() {
    const narrow = { class: 'icon-button drawer-button' }
    const openDrawer = iconButton('menu', t('sidebar.open'), () => this.#drawer(true), narrow)
    this.settingsButton =
      iconButton('sliders', t('settings.open'), () => this.#toggleSettings(), { 'aria-expanded': 'false' })
    this.heading = h('h1', { class: 'visually-hidden' })
    const header = h('header', { class: 'page-head' }, openDrawer, this.picker, h('span', { class: 'space' }),
      iconButton('new', t('sidebar.new'), () => this.#create(), narrow), this.settingsButton)
    const main = h('main', {}, this.heading, header, this.thread, h('div', { class: 'column foot' }, this.composer))
    const shade = h('div', { class: 'shade', onclick: () => { this.#drawer(false); this.#toggleSettings(false) } })
    this.settings.hidden = true
    this.append(this.sidebar, main, this.settings, shade, this.toasts, this.live)
  }

  /** However many tokens arrive, the parts are brought up to date once a frame. */
  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#update()
    })
  }

  /** At once where the conversation itself changes, so that nobody types into the one before. */
  #now() {
    this.#update()
    this.thread.draw()
  }

  #update() {
    this.thread.redraw()
    this.composer.update()
    this.picker.update()
    this.settings.update()
    this.sidebar.update()
    const { title } = this.chat.conversation
    this.heading.textContent = title || t('sidebar.new')
    document.title = title ? `${title} · ${t('brand')}` : t('brand')
  }

  #actions(footer, switcher) {
    const { chat } = this
    return {
      footer: () => footer(this),
      switcher,
      create: () => this.#create(),
      closeDrawer: () => this.#drawer(false),
      closeSettings: () => this.#toggleSettings(false),
      send: (text) => { this.thread.follow.toEnd(); chat.send(text) },
      suggest: (text) => this.composer.write(text),
      edit: (id, text) => { this.thread.follow.toEnd(); chat.edit(id, text) },
      rewrite: (id, text) => chat.rewrite(id, text),
      regenerate: (id) => chat.regenerate(id),
      continue: (id) => chat.continue(id),
      retry: (id) => chat.retry(id),
      choose: (id) => { this.thread.follow.pause(); chat.choose(id) },
      newChat: () => this.#create(),
      useKey: async (id, key) => { await chat.useKey(key); chat.retry(id) },
      asCompletion: (id) => { chat.configure({ mode: 'completion' }); chat.retry(id) },
      forgetHalf: (id) => (chat.forgetHalf() ? chat.retry(id) : this.toasts.show(t('notice.nothingToForget'))),
      editQuestion: (id) => this.thread.message(chat.conversation.messages[id].parent)?.edit(),
      remove: (id) => this.#remove(id),
      export: (id) => this.#export(id),
      editLast: () => this.#editLast(),
      focusComposer: () => this.composer.focus(),
      announce: (text) => { this.live.textContent = text },
      keepAsDefault: () => { chat.keepAsDefault(); this.toasts.show(t('notice.keptAsDefault')) },
    }
  }

  /** Takes out a conversation or a message, whichever has that id, and offers it back. */
  async #remove(id) {
    const isMessage = id in this.chat.conversation.messages
    const restore = isMessage ? this.chat.removeMessage(id) : await this.chat.remove(id)
    if (!isMessage) this.#showHash()
    this.toasts.show(t(isMessage ? 'notice.messageDeleted' : 'notice.deleted'), {
      action: t('action.undo'), run: async () => { await restore(); this.#showHash() },
    })
  }

  #create() {
    this.chat.create()
    this.#showHash()
    this.#drawer(false)
    this.composer.focus()
  }

  #showHash() {
    const { conversation, path } = this.chat
    const hash = path.length ? `#/c/${conversation.id}` : '#/'
    if (location.hash !== hash) history.pushState(null, '', hash)
  }

  /** Shows the conversation that the address names. */
  async #follow() {
    const { page, conversation: id } = routeOf(location.hash)
    if (page !== 'chat') return
    this.#drawer(false)
    if (!id) this.chat.create()
    else if (id !== this.chat.conversation.id && !(await this.chat.select(id))) {
      this.toasts.show(t('notice.notFound'))
      this.#create()
    }
    this.composer.focus()
  }

  #editLast() {
    const last = this.chat.path.findLast(({ role }) => role === 'user')
    if (last && !this.chat.running) this.thread.message(last.id)?.edit()
  }

  async #export(id) {
    const name = id ? this.chat.library.summaries.find((each) => each.id === id).title : t('brand')
    download(`${name} ${timestamp(Date.now())}.json`, await this.chat.library.export(id))
  }

  exportAll() { return this.#export() }

  async import() {
    const text = await pickFile('.json,application/json')
    if (text === null) return
    try {
      this.toasts.show(t('notice.imported', { count: await this.chat.library.import(text) }))
    } catch (error) {
      this.toasts.show(t(error instanceof ImportError ? `import.${error.reason}` : 'import.failed'))
    }
  }

  #drawer(open) {
    this.classList.toggle('drawer-open', open)
    if (open) this.sidebar.querySelector('.drawer-only').focus()
  }

  #toggleSettings(open = this.settings.hidden) {
    this.settings.hidden = !open
    this.classList.toggle('settings-open', open)
    this.settingsButton.setAttribute('aria-expanded', String(open))
    if (open) this.settings.querySelector('button').focus()
    else if (this.settings.contains(document.activeElement)) this.settingsButton.focus()
  }

  #key(event) {
    const action = pageKey(event)
    if (!action) return
    if (action !== 'stop') event.preventDefault()
    if (action === 'search') { this.#drawer(true); this.sidebar.focusSearch() }
    if (action === 'new') this.#create()
    if (action === 'settings') this.#toggleSettings()
    if (action === 'stop') this.#escape()
  }

  #escape() {
    if (this.classList.contains('drawer-open')) this.#drawer(false)
    else if (this.chat.running) this.chat.stop()
    else if (!this.settings.hidden) this.#toggleSettings(false)
    else this.composer.focus()
  }
}
customElements.define('chat-page', ChatPage)
