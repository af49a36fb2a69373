/** One message of the thread. Redraws only what changed; tells of clicks by calling `actions`. */
import './error-card.js'
import { BlocksView } from '../elements/blocks-view.js'
import { copyText } from '../lib/clipboard.js'
import { h, icon, iconButton, keepChildren } from '../lib/dom.js'
import { ending, finishName, measures } from './describe.js'
import { isComposing } from './keys.js'
import { splitThinking } from './answer.js'
import { t } from '../lib/i18n.js'

export class ChatMessage extends HTMLElement {
  #blocks = null
  #thoughts = null
  #shown = null
  #editing = false

  setUp(actions) {
    this.actions = actions
    this.body = h('div', { class: 'message-body' })
    this.foot = h('div', { class: 'message-foot' })
    this.append(this.body, this.foot)
  }

  /**
   * `place` is `{ all, index }` among its versions; `automatic`: ask a busy server again by itself; `alone`: nothing
   * before its question could be left out.
   */
  update(message, place, { automatic, alone }) {
    const now = JSON.stringify([message.revision, message.state, place.index, place.all.length, automatic, alone])
    if (now === this.#shown) return
    this.#shown = now
    Object.assign(this, { message, place, automatic, alone })
    this.className = message.role
    this.dataset.id = message.id
    this.dataset.state = message.state
    this.setAttribute('aria-label', t(message.role === 'user' ? 'message.yours' : 'message.answer'))
    this.setAttribute('aria-busy', String(message.state === 'streaming'))
    if (!this.#editing) this.#draw()
  }

  #draw() {
    if (this.message.role === 'user') this.#drawQuestion()
    else this.#drawAnswer()
    this.#drawFoot()
  }

  edit() {
    this.#editing = true
    const { content, role } = this.message
    const field = h('textarea', { class: 'edit-field', value: content, 'aria-label': t('message.editing'), rows: 1 })
    const asked = role === 'user'
    const change = asked ? this.actions.edit : this.actions.rewrite
    const save = () => this.#finishEditing(() => change(this.message.id, field.value))
    field.addEventListener('keydown', (event) => this.#editingKey(event, asked ? save : null))
    const cancel = () => this.#finishEditing()
    const buttons = h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'plain-button', onclick: cancel }, t('action.cancel')),
      h('button', { type: 'button', class: 'main-button', onclick: save }, t(asked ? 'action.send' : 'action.save')))
    this.body.replaceChildren(h('div', { class: 'edit-box' }, field, buttons))
    this.foot.replaceChildren()
    this.#blocks = null
    field.focus()
    field.setSelectionRange(content.length, content.length)
  }

  /** Enter sends a question; in an answer it is a line break. */
  #editingKey(event, send) {
    if (isComposing(event)) return
    const sends = send && event.key === 'Enter' && !event.shiftKey
    if (!sends && event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    if (sends) send()
    else this.#finishEditing()
  }

  /** Draws at once: until the next frame the box would stay, take keys and hold the focus. */
  #finishEditing(then) {
    this.#editing = false
    this.#draw()
    then?.()
    this.actions.focusComposer()
  }

  #drawQuestion() {
    this.body.replaceChildren(h('div', { class: 'bubble' }, this.message.content))
  }

  #drawAnswer() {
    const { thinking, text, open } = splitThinking(this.message)
    const growing = this.message.state === 'streaming'
    if (!this.#blocks) {
      this.text = h('div', { class: 'prose' })
      this.wait = h('div', { class: 'waiting', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'))
      this.#blocks = new BlocksView(this.text)
    }
    keepChildren(this.body, [this.#drawThinking(thinking, open && growing), this.text,
      growing && text === '' && !open ? this.wait : null].filter(Boolean))
    this.#blocks.update(text, { growing })
    this.text.classList.toggle('growing', growing)
  }

  #drawThinking(thinking, open) {
    if (thinking === '') return null
    if (!this.#thoughts) {
      this.thoughtText = h('div', { class: 'prose' })
      this.thoughtTitle = h('span')
      const summary = h('summary', {}, icon('thought'), this.thoughtTitle)
      this.thoughtBox = h('details', { class: 'thinking' }, summary, this.thoughtText)
      this.#thoughts = new BlocksView(this.thoughtText)
    }
    this.thoughtTitle.textContent = t(open ? 'message.thinking' : 'message.thought')
    this.thoughtBox.classList.toggle('open-thought', open)
    this.#thoughts.update(thinking, { growing: open })
    return this.thoughtBox
  }

  #drawFoot() {
    const { state, error, role } = this.message
    const parts = []
    if (error && state !== 'streaming') parts.push(this.#errorCard(error))
    const line = h('div', { class: 'message-line' })
    if (state === 'streaming') line.append(...this.#measureSpans())
    else line.append(...this.#tools(), ...(role === 'assistant' ? this.#endingSpans() : []))
    parts.push(line)
    this.foot.replaceChildren(...parts)
  }

  #errorCard(error) {
    const card = document.createElement('error-card')
    const { id } = this.message
    card.show(error, {
      retry: () => this.actions.retry(id), forgetHalf: () => this.actions.forgetHalf(id),
      shorten: () => this.actions.editQuestion(id), newChat: () => this.actions.newChat(),
      asCompletion: () => this.actions.asCompletion(id),
      useKey: (key) => this.actions.useKey(id, key),
    }, { automatic: this.automatic, alone: this.alone })
    return card
  }

  #tools() {
    const { id, role } = this.message
    const tool = (name, label, run) => iconButton(name, t(label), run)
    const copy = iconButton('copy', t('message.copy'), async () => {
      const copied = await copyText(splitThinking(this.message).text || this.message.content)
      copy.replaceChildren(icon(copied ? 'check' : 'alert'))
      this.actions.announce(t(copied ? 'code.copied' : 'code.notCopied'))
      setTimeout(() => copy.replaceChildren(icon('copy')), 1600)
    })
    const end = ending(this.message)
    return [
      ...this.#versions(),
      h('div', { class: 'tools' }, copy,
        role === 'assistant' && tool('again', 'message.regenerate', () => this.actions.regenerate(id)),
        end?.continuable && tool('continue', 'message.continue', () => this.actions.continue(id)),
        tool('edit', 'message.edit', () => this.edit()),
        tool('trash', 'message.delete', () => this.actions.remove(id))),
    ]
  }

  #versions() {
    const { all, index } = this.place
    if (all.length < 2) return []
    const step = (name, label, to) =>
      iconButton(name, t(label), () => this.actions.choose(all[to].id), { disabled: !all[to] })
    const position = h('span', { class: 'position' }, `${index + 1} / ${all.length}`)
    return [h('div', { class: 'versions', role: 'group', 'aria-label': t('message.versions') },
      step('left', 'message.previous', index - 1), position, step('right', 'message.next', index + 1))]
  }

  #measureSpans() {
    return measures(this.message.statistics).map(({ text, hint }) => h('span', { class: 'measure', title: hint }, text))
  }

  #endingSpans() {
    const end = ending(this.message)
    const why = end?.text ? [h('span', { class: 'ending' }, end.text)]
      : end?.finish ? [h('span', { class: 'measure', title: t('measure.finishHint') }, finishName(end.finish))] : []
    return [h('div', { class: 'measures' }, this.#measureSpans(), why)]
  }
}
customElements.define('chat-message', ChatMessage)
