/** The messages shown, one element each, kept while the path changes around them. */
import './chat-message.js'
import { Follow } from './follow.js'
import { emptyState } from './empty-state.js'
import { h, icon, keepChildren } from '../lib/dom.js'
import { siblingsOf } from './conversation.js'
import { splitThinking } from './answer.js'
import { t } from '../lib/i18n.js'

export class ChatThread extends HTMLElement {
  #elements = new Map()
  #frame = 0
  #shown = null
  #speaking = null
  #heard = new Set()
  #empty = null

  setUp(chat, actions) {
    this.chat = chat
    this.actions = actions
    this.column = h('div', { class: 'column', role: 'log', 'aria-label': t('thread.label'), 'aria-live': 'off' })
    this.scroller = h('div', { class: 'scroller', tabindex: -1 }, this.column)
    this.jump = h('button', { type: 'button', class: 'jump', hidden: true, title: t('thread.latest'),
      'aria-label': t('thread.latest'), onclick: () => this.follow.toEnd() }, icon('down'))
    this.append(this.scroller, this.jump)
    this.follow = new Follow(this.scroller, this.column, (following) => { this.jump.hidden = following })
  }

  /** Draws at most once a frame, and less often when drawing is slow, so that typing and scrolling stay smooth. */
  redraw() {
    if (this.#frame) return
    this.#frame = requestAnimationFrame(() => {
      const start = performance.now()
      this.draw()
      const pause = Math.min((performance.now() - start) * 3, 250)
      if (pause < 12) this.#frame = 0
      else setTimeout(() => { this.#frame = 0; this.redrawIfStale() }, pause)
    })
  }

  redrawIfStale() { if (this.#drawn !== this.chat.conversation) this.redraw() }
  #drawn = null

  draw() {
    const { conversation, path } = this.chat
    this.#drawn = conversation
    const begun = this.#shown !== conversation.id
    if (begun) this.#begin(conversation.id)
    if (path.length === 0) return this.#drawEmpty()
    const last = path.at(-1)
    const isNew = !begun && !this.#elements.has(last.id)
    keepChildren(this.column, path.flatMap((message) => this.#nodes(conversation, message, message === last)))
    for (const id of this.#elements.keys()) if (!path.some((each) => each.id === id)) this.#elements.delete(id)
    this.#speak(last, isNew)
  }

  message(id) { return this.#elements.get(id) }

  #begin(id) {
    this.#shown = id
    this.#speaking = null
    this.#elements.clear()
    this.column.replaceChildren()
    this.follow.toEnd()
  }

  #drawEmpty() {
    this.#elements.clear()
    if (this.column.childElementCount === 1 && this.column.firstChild === this.#empty) return
    this.#empty = this.actions.empty?.() ?? emptyState(this.actions.suggest)
    this.column.replaceChildren(this.#empty)
  }

  #nodes(conversation, message, last) {
    const { answering } = this.chat
    const element = this.#element(message.id)
    const automatic = last && answering.isMine(message.id)
    element.update(message, siblingsOf(conversation, message), { automatic, alone: !this.chat.canForgetHalf })
    const forgotten = conversation.forgotten === message.id
    return forgotten ? [h('div', { class: 'forgotten' }, h('span', {}, t('thread.forgotten'))), element] : [element]
  }

  #element(id) {
    if (!this.#elements.has(id)) {
      const element = document.createElement('chat-message')
      element.setUp(this.actions)
      this.#elements.set(id, element)
    }
    return this.#elements.get(id)
  }

  /** Reads an answer out once, when it is complete, instead of a word at a time; also one complete at first sight. */
  #speak(last, isNew) {
    if (last.role !== 'assistant') return
    const isQuick = isNew && this.chat.answering.isMine(last.id) && !this.#heard.has(last.id)
    if (last.state === 'streaming' && this.#speaking !== last.id) {
      this.#speaking = last.id
      this.actions.announce(t('thread.answering'))
    } else if (last.state !== 'streaming' && (this.#speaking === last.id || isQuick)) {
      this.#speaking = null
      this.#heard.add(last.id)
      this.actions.announce(splitThinking(last).text || t('thread.noAnswer'))
    }
  }
}
customElements.define('chat-thread', ChatThread)
