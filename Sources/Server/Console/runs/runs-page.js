/**
 * The page of training runs: a list at the side, beside it the view that the address names. What can be done is in
 * `runs.js` and `start.js`; while the page is there, it looks at the server again and again.
 */
import './beside-view.js'
import './compare-view.js'
import './run-list.js'
import './run-view.js'
import './runs-sidebar.js'
import './start-view.js'
import '../elements/toast-list.js'
import { addresses, routeOf } from '../lib/route.js'
import { h, iconButton } from '../lib/dom.js'
import { isComposing } from '../chat/keys.js'
import { Polling } from '../lib/polling.js'
import { t } from '../lib/i18n.js'

const views = { list: 'run-list', start: 'start-view', run: 'run-view', beside: 'beside-view', compare: 'compare-view' }

export class RunsPage extends HTMLElement {
  #until = new AbortController()
  #frame = 0
  #polling = new Polling(() => this.context.runs.look(this.view.ids ?? []))

  /** `context` holds `runs`, `start`, `beside`, `preferences` and `useKey`; see `app.js`. */
  setUp(context, { footer, switcher }) {
    this.toasts = document.createElement('toast-list')
    this.live = h('div', { class: 'visually-hidden', 'aria-live': 'polite', role: 'status' })
    this.context = { ...context, toasts: this.toasts, look: () => this.#polling.now(),
      useKey: async (key) => { await context.useKey(key); this.#polling.now() },
      announce: (text) => { this.live.textContent = text } }
    this.sidebar = document.createElement('runs-sidebar')
    this.sidebar.setUp(this.context, { footer: () => footer(this), switcher, closeDrawer: () => this.#drawer(false) })
    const openDrawer = iconButton('menu', t('runs.open'), () => this.#drawer(true),
      { class: 'icon-button drawer-button' })
    this.heading = h('h1', { tabindex: -1 })
    this.tools = h('div', { class: 'head-tools' })
    this.main = h('main', {}, h('header', { class: 'page-head' },
      openDrawer, this.heading, h('span', { class: 'space' }), this.tools))
    this.append(this.sidebar, this.main, h('div', { class: 'shade', onclick: () => this.#drawer(false) }), this.toasts,
      this.live)
    this.className = 'page'
  }

  connectedCallback() {
    const { signal } = this.#until
    const redraw = () => this.#soon()
    this.context.runs.addEventListener('change', redraw, { signal })
    this.context.start.addEventListener('change', redraw, { signal })
    addEventListener('hashchange', () => this.#follow(), { signal })
    addEventListener('keydown', (event) => this.#key(event), { signal })
    this.#follow(false)
    this.#polling.start()
  }

  disconnectedCallback() {
    this.#until.abort()
    this.#polling.stop()
    cancelAnimationFrame(this.#frame)
  }

  /** Shows the view that the address names. */
  #follow(moveFocus = true) {
    const route = routeOf(location.hash)
    if (route.page !== 'runs') return
    this.view?.remove()
    this.view = document.createElement(views[route.view])
    this.view.setUp(this.context, route)
    this.tools.replaceChildren(...(this.view.tools ?? []))
    this.main.append(this.view)
    this.route = route
    this.#drawer(false)
    this.#update()
    this.#polling.now()
    if (moveFocus) this.heading.focus({ preventScroll: true })
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#update()
    })
  }

  #update() {
    this.sidebar.update(this.route)
    this.view.update()
    this.heading.textContent = this.view.heading
    document.title = `${this.view.heading} · ${t('brand')}`
  }

  #drawer(open) {
    this.classList.toggle('drawer-open', open)
    if (open) this.sidebar.querySelector('.drawer-only').focus()
  }

  #key(event) {
    if (isComposing(event) || event.key !== 'Escape' || document.querySelector('dialog[open]')) return
    if (this.classList.contains('drawer-open')) this.#drawer(false)
    else if (this.view.escape?.()) event.preventDefault()
    else if (this.route.view !== 'list' && !isWriting(event.target)) location.hash = addresses.list
  }
}
customElements.define('runs-page', RunsPage)

/** Where Escape means something else than "back". */
const isWriting = (target) => target.closest?.('input, textarea, select') != null
