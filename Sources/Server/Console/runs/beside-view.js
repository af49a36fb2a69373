/** The result of a run beside its base: one question, two answers. */
import '../chat/chat-composer.js'
import '../chat/chat-thread.js'
import '../chat/model-picker.js'
import { addresses } from '../lib/route.js'
import { h } from '../lib/dom.js'
import { linkButton, plainButton } from './run-parts.js'
import { nameOf } from './run.js'
import { t } from '../lib/i18n.js'

export class BesideView extends HTMLElement {
  #until = new AbortController()
  #opened = null
  #frame = 0

  setUp(context, { id }) {
    const { beside } = context
    Object.assign(this, context, { run: id, ids: [id] })
    this.lanes = beside.lanes.map((lane, index) => this.#lane(lane, index))
    this.composer = document.createElement('chat-composer')
    this.composer.setUp(beside, { send: (text) => this.#send(text), editLast: () => this.#editLast() })
    this.system = h('textarea', { rows: 2, placeholder: t('settings.systemPlaceholder'),
      'aria-label': t('settings.system'), value: beside.system,
      onchange: () => beside.configure({ system: this.system.value }) })
    this.temperature = h('input', { type: 'number', min: 0, max: 2, step: 0.1, value: beside.sampling.temperature,
      'aria-label': t('sampling.temperature'), onchange: () => this.#heat() })
    const settings = h('details', { class: 'beside-settings' }, h('summary', {}, t('settings.title')),
      h('label', {}, t('settings.system'), this.system),
      h('label', { class: 'heat' }, t('sampling.temperature'), this.temperature, h('small', {}, t('beside.heatHint'))))
    this.tools = [plainButton('new', t('sidebar.new'), () => this.#restart()),
      linkButton('left', t('beside.back'), addresses.run(id))]
    this.append(settings, h('div', { class: 'lanes' }, this.lanes.map(({ element }) => element)),
      h('div', { class: 'column foot' }, this.composer))
  }

  get heading() {
    const run = this.runs.get(this.run)
    return run ? t('beside.title', { name: nameOf(run) }) : t('runs.title')
  }

  connectedCallback() {
    this.beside.addEventListener('change', () => this.#soon(), { signal: this.#until.signal })
  }

  disconnectedCallback() {
    this.#until.abort()
    cancelAnimationFrame(this.#frame)
  }

  update() {
    const run = this.runs.get(this.run)
    if (run && this.#opened === null) this.#open(run)
    this.#draw()
  }

  async #open(run) {
    this.#opened = run.id
    await this.beside.open([run.model ?? run.base, run.base])
    if (this.isConnected) this.composer.focus()
  }

  #lane(lane, index) {
    const [thread, picker] = ['chat-thread', 'model-picker'].map((name) => document.createElement(name))
    thread.setUp(lane, this.#actions(lane, thread))
    picker.setUp(lane)
    const label = t(index === 0 ? 'beside.result' : 'beside.base')
    const element = h('section', { class: 'lane', 'aria-label': label },
      h('header', {}, h('span', { class: 'tag' }, label), picker), thread)
    return { lane, thread, picker, element }
  }

  #actions(lane, thread) {
    const place = (id) => lane.path.findIndex((each) => each.id === id)
    return {
      empty: () => h('p', { class: 'lane-empty' }, t('beside.empty')),
      edit: (id, text) => this.beside.edit(place(id), text), rewrite: (id, text) => lane.rewrite(id, text),
      regenerate: (id) => lane.regenerate(id), continue: (id) => lane.continue(id), retry: (id) => lane.retry(id),
      choose: (id) => { thread.follow.pause(); lane.choose(id) }, newChat: () => this.#restart(),
      useKey: async (id, key) => { await this.useKey(key); lane.retry(id) },
      asCompletion: (id) => { lane.configure({ mode: 'completion' }); lane.retry(id) },
      forgetHalf: (id) => (lane.forgetHalf() ? lane.retry(id) : this.toasts.show(t('notice.nothingToForget'))),
      remove: (id) => lane.removeMessage(id), focusComposer: () => this.composer.focus(), announce: this.announce,
    }
  }

  #send(text) {
    for (const { thread } of this.lanes) thread.follow.toEnd()
    this.beside.send(text)
  }

  #editLast() {
    const { lane, thread } = this.lanes[0]
    const last = lane.path.findLast(({ role }) => role === 'user')
    if (last && !this.beside.running) thread.message(last.id)?.edit()
  }

  #restart() {
    this.beside.restart()
    this.composer.focus()
  }

  #heat() {
    const value = Number(this.temperature.value)
    if (Number.isFinite(value)) this.beside.configure({ sampling: { temperature: Math.min(Math.max(value, 0), 2) } })
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#draw()
    })
  }

  #draw() {
    for (const { thread, picker } of this.lanes) {
      thread.redraw()
      picker.update()
    }
    this.composer.update()
  }

  /** Escape stops the answers first. */
  escape() {
    const { running } = this.beside
    this.beside.stop()
    return Boolean(running)
  }
}
customElements.define('beside-view', BesideView)
