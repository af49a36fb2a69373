/**
 * A button that opens a short menu: arrows move, Escape closes and gives the focus back.
 *
 *     menuButton('More', [{ icon: 'edit', label: 'Rename', run: rename }])
 */
import { h, icon, iconButton } from '../lib/dom.js'

export function menuButton(label, items, { name = 'more', className = '' } = {}) {
  const menu = new MenuButton()
  menu.className = className
  menu.setUp(label, items, name)
  return menu
}

export class MenuButton extends HTMLElement {
  #button
  #list = null

  setUp(label, items, name) {
    this.items = items
    const attributes = { 'aria-haspopup': 'menu', 'aria-expanded': 'false' }
    this.#button = iconButton(name, label, () => (this.#list ? this.close() : this.open()), attributes)
    this.append(this.#button)
    this.addEventListener('keydown', (event) => this.#key(event))
    this.addEventListener('focusout', ({ relatedTarget }) => { if (!this.contains(relatedTarget)) this.close(false) })
  }

  open() {
    const entries = this.items.map(({ icon: drawing, label, run, danger }) =>
      h('button', { type: 'button', role: 'menuitem', class: danger && 'danger', onclick: () => this.#choose(run) },
        icon(drawing), label))
    this.#list = h('div', { class: 'menu', role: 'menu' }, entries)
    this.append(this.#list)
    const end = this.getBoundingClientRect().bottom + this.#list.offsetHeight
    this.#list.classList.toggle('above', end > innerHeight - 8)
    this.#button.setAttribute('aria-expanded', 'true')
    entries[0].focus()
  }

  close(focus = true) {
    if (!this.#list) return
    const list = this.#list
    this.#list = null
    this.#button.setAttribute('aria-expanded', 'false')
    if (focus) this.#button.focus()
    list.remove()
  }

  #choose(run) {
    this.close()
    run()
  }

  #key(event) {
    if (!this.#list) return
    const entries = [...this.#list.children]
    const at = entries.indexOf(document.activeElement)
    const steps = { ArrowDown: 1, ArrowUp: -1 }
    if (event.key === 'Escape') this.close()
    else if (event.key in steps) entries.at((at + steps[event.key]) % entries.length).focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}
customElements.define('menu-button', MenuButton)
