/** Where a person writes. Calls `actions.send(text)`; keeps a draft for every conversation. */
import { composerKey } from './keys.js'
import { contextSize, count } from '../lib/format.js'
import { h, icon } from '../lib/dom.js'
import { locale, t } from '../lib/i18n.js'

const draftLimit = 200_000

export class ChatComposer extends HTMLElement {
  #conversation = null
  #count = { timer: 0, abort: null, tokens: null, able: true }

  setUp(chat, actions) {
    this.chat = chat
    this.actions = actions
    this.field = h('textarea', { rows: 1, placeholder: t('composer.placeholder'), 'aria-label': t('composer.label'),
      enterkeyhint: 'send', oninput: () => this.#changed(), onkeydown: (event) => this.#key(event) })
    this.button = h('button', { type: 'button', class: 'send-button', onclick: () => this.#press() })
    this.tokens = h('span', { class: 'draft-tokens' })
    this.note = h('span', { class: 'composer-note' })
    this.append(h('div', { class: 'composer-box' }, this.field, this.button),
      h('div', { class: 'composer-line' }, this.note, this.tokens))
  }

  /** Draws the button, and the draft when another conversation is shown. */
  update() {
    const { conversation, running, path } = this.chat
    const name = path.length === 0 ? 'new' : conversation.id
    if (name !== this.#conversation) this.#load(name)
    this.#drawButton(Boolean(running))
    this.button.disabled = !running && this.field.value.trim() === ''
    this.note.textContent = t(conversation.mode === 'completion' ? 'composer.completion' : 'composer.hint')
    this.#drawTokens()
  }

  #drawButton(running) {
    if (this.button.firstChild && running === this.button.classList.contains('stopping')) return
    const label = t(running ? 'composer.stop' : 'composer.send')
    this.button.replaceChildren(icon(running ? 'stop' : 'send'))
    this.button.setAttribute('aria-label', label)
    this.button.title = label
    this.button.classList.toggle('stopping', running)
  }

  write(text) {
    this.field.value = text
    this.#changed()
    this.focus()
  }

  focus() { this.field.focus({ preventScroll: true }) }

  #press() {
    if (this.chat.running) this.chat.stop()
    else this.#send()
  }

  #send() {
    const text = this.field.value
    if (this.chat.running || text.trim() === '') return
    this.field.value = ''
    this.#changed()
    this.actions.send(text)
    this.focus()
  }

  #key(event) {
    const action = composerKey(event, { empty: this.field.value === '' })
    if (!action) return
    event.preventDefault()
    if (action === 'send') this.#send()
    else this.actions.editLast()
  }

  #changed() {
    this.#fit()
    const { value } = this.field
    this.chat.preferences.set(`draft.${this.#conversation}`, value === '' || value.length > draftLimit ? null : value)
    this.button.disabled = !this.chat.running && value.trim() === ''
    this.#countSoon()
  }

  #load(name) {
    this.#conversation = name
    this.field.value = this.chat.preferences.get(`draft.${name}`) ?? ''
    this.#fit()
    this.#countSoon()
  }

  /** Browsers that size fields by content do it themselves; for the others the height follows by rows. */
  #fit() {
    if (CSS.supports('field-sizing', 'content')) return
    this.field.rows = Math.min(12, this.field.value.split('\n').length)
  }

  #countSoon() {
    clearTimeout(this.#count.timer)
    this.#count.abort?.abort()
    this.#count.tokens = null
    this.#drawTokens()
    if (this.#count.able && this.field.value.length > 1) this.#count.timer = setTimeout(() => this.#ask(), 400)
  }

  async #ask() {
    const abort = new AbortController()
    this.#count.abort = abort
    try {
      const { api, conversation } = this.chat
      this.#count.tokens = await api.countTokens(conversation.model, this.field.value, abort.signal)
    } catch ({ details }) {
      if (details?.status === 404) this.#count.able = false
    }
    this.#drawTokens()
  }

  /** Tokens of the draft, and how much of the context the conversation fills. */
  #drawTokens() {
    const { model, path } = this.chat
    const parts = []
    if (this.#count.tokens != null)
      parts.push(t('measure.tokens', { count: this.#count.tokens, number: count(this.#count.tokens, locale()) }))
    const used = path.findLast(({ statistics }) => statistics?.prompt != null)?.statistics
    if (used && model?.contextLength) {
      const full = Math.min(100, Math.round((100 * (used.prompt + (used.tokens ?? 0))) / model.contextLength))
      parts.push(t('composer.context', { percent: full, size: contextSize(model.contextLength) }))
    }
    this.tokens.textContent = parts.join(' · ')
  }
}
customElements.define('chat-composer', ChatComposer)
