/** An error in words, with what can be done about it. `<error-card>` counts down where the server asked to wait. */
import { h, icon } from '../lib/dom.js'
import { keyForm } from '../elements/key-form.js'
import { explain } from './describe.js'
import { t } from '../lib/i18n.js'

export class ErrorCard extends HTMLElement {
  #timer = 0

  /**
   * `actions`: retry, forgetHalf, shorten, newChat, asCompletion, useKey. `automatic`: retry when the wait is over;
   * `alone`: the message that is too long is the only one.
   */
  show(error, actions, { automatic = false, alone = false } = {}) {
    clearInterval(this.#timer)
    this.setAttribute('role', 'alert')
    const { title, text, said } = explain(error, { alone })
    const wait = h('p', { class: 'wait', 'aria-live': 'off' })
    this.replaceChildren(
      icon('alert'),
      h('div', {}, h('strong', {}, title), text && h('p', {}, text), wait,
        said && h('p', { class: 'said' }, said), h('div', { class: 'actions' }, buttons(error.kind, actions, alone))),
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

function buttons(kind, { retry, forgetHalf, shorten, newChat, asCompletion, useKey }, alone) {
  const button = (label, run, main) =>
    h('button', { type: 'button', class: main ? 'main-button' : 'plain-button', onclick: run }, label)
  if (kind === 'contextFull' && alone)
    return [button(t('error.shorten'), shorten, true), button(t('action.retry'), retry)]
  if (kind === 'contextFull')
    return [button(t('error.forgetHalf'), forgetHalf, true), button(t('error.newChat'), newChat)]
  if (kind === 'unauthorized') return [keyForm(useKey)]
  if (kind === 'noTemplate') return [button(t('error.asCompletion'), asCompletion, true)]
  return [button(t('action.retry'), retry, true)]
}
