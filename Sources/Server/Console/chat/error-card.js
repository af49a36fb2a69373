/** An error in words, with what can be done about it. `<error-card>` counts down where the server asked to wait. */
import { h, icon } from '../lib/dom.js'
import { keyForm } from '../elements/key-form.js'
import { explain } from './describe.js'
import { t } from '../lib/i18n.js'

export class ErrorCard extends HTMLElement {
  #timer = 0

  /** `actions`: retry, forgetHalf, newChat, asCompletion, useKey. `automatic`: retry when the wait is over. */
  show(error, actions, { automatic = false } = {}) {
    clearInterval(this.#timer)
    this.setAttribute('role', 'alert')
    const { title, text, said } = explain(error)
    const wait = h('p', { class: 'wait', 'aria-live': 'off' })
    this.replaceChildren(
      icon('alert'),
      h('div', {}, h('strong', {}, title), text && h('p', {}, text), wait,
        said && h('p', { class: 'said' }, said), h('div', { class: 'actions' }, buttons(error.kind, actions))),
    )
    if (error.kind === 'busy') this.#countDown(error, wait, automatic ? actions.retry : null)
    else wait.remove()
  }

  disconnectedCallback() { clearInterval(this.#timer) }

  #countDown({ at, retryAfter = 5 }, place, retry) {
    const due = at + retryAfter * 1000
    const tick = () => {
      const left = Math.max(0, Math.ceil((due - Date.now()) / 1000))
      const words = left === 0 ? 'error.busyNow' : retry ? 'error.busyWait' : 'error.busyThen'
      place.textContent = t(words, { count: left })
      if (left > 0) return
      clearInterval(this.#timer)
      retry?.()
    }
    this.#timer = setInterval(tick, 250)
    tick()
  }
}
customElements.define('error-card', ErrorCard)

function buttons(kind, { retry, forgetHalf, newChat, asCompletion, useKey }) {
  const button = (label, run, main) =>
    h('button', { type: 'button', class: main ? 'main-button' : 'plain-button', onclick: run }, label)
  if (kind === 'contextFull')
    return [button(t('error.forgetHalf'), forgetHalf, true), button(t('error.newChat'), newChat)]
  if (kind === 'unauthorized') return [keyForm(useKey)]
  if (kind === 'noTemplate') return [button(t('error.asCompletion'), asCompletion, true)]
  return [button(t('action.retry'), retry, true)]
}
