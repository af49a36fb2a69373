/**
 * Short notices at the foot of the page, with at most one thing to do about each.
 *
 *     toasts.show('Deleted', { action: 'Undo', run: restore })
 */
import { h, iconButton } from '../lib/dom.js'
import { t } from '../lib/i18n.js'

export class ToastList extends HTMLElement {
  connectedCallback() {
    this.setAttribute('role', 'status')
    this.setAttribute('aria-live', 'polite')
  }

  show(text, { action, run, seconds = action ? 9 : 5 } = {}) {
    const toast = h('div', { class: 'toast' }, h('span', {}, text))
    const close = () => toast.remove()
    const act = () => {
      close()
      run()
    }
    if (action) toast.append(h('button', { type: 'button', class: 'text-button', onclick: act }, action))
    toast.append(iconButton('close', t('action.close'), close))
    this.append(toast)
    while (this.childElementCount > 3) this.firstElementChild.remove()
    this.#leaveAfter(toast, seconds)
  }

  /** Time stands still while somebody points at the notice or has the focus in it. */
  #leaveAfter(toast, seconds) {
    let timer = 0
    const start = () => { timer = setTimeout(() => toast.remove(), seconds * 1000) }
    const hold = () => clearTimeout(timer)
    for (const event of ['pointerenter', 'focusin']) toast.addEventListener(event, hold)
    for (const event of ['pointerleave', 'focusout']) toast.addEventListener(event, start)
    start()
  }
}
customElements.define('toast-list', ToastList)
