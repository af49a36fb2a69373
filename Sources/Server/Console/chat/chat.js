/**
 * What a person can do on the chat page, without the page: the elements call these methods and redraw on the events
 * `switch` (another conversation is shown), `change` (it changed), `list`, `models` and `notice`.
 */
import { adding, changing, choosing, makeConversation, pathOf, removing, restoring } from './conversation.js'
import { customary } from './sampling.js'
import { forgettingHalf } from './request.js'
import { untilLeft } from './answering.js'
import { titleFrom } from '../lib/format.js'

export class Chat extends EventTarget {
  #fresh
  #current = null
  models = []
  modelsError = null

  constructor({ api, library, answering, preferences, makeId, now = Date.now, left = untilLeft }) {
    super()
    Object.assign(this, { api, library, answering, preferences, makeId, now, left })
    library.addEventListener('conversation', ({ detail }) => { if (detail === this.#current) this.#tell('change') })
    library.addEventListener('list', () => this.#tell('list'))
    library.addEventListener('gone', ({ detail }) => { if (detail === this.#current) this.create() })
    library.addEventListener('trouble', () => this.#tell('notice', { key: 'notice.notSaved' }))
    this.#fresh = this.#makeFresh()
  }

  /** The conversation shown; one that was not spoken in yet is not kept. */
  get conversation() { return this.library.get(this.#current) ?? this.#fresh }
  get path() { return pathOf(this.conversation) }
  get model() { return this.models.find(({ id }) => id === this.conversation.model) ?? null }
  /** The answer that this page is writing in the conversation shown. */
  get running() { return this.path.find(({ id }) => this.answering.isRunning(id)) ?? null }

  async loadModels() {
    try {
      this.models = await this.api.models()
      this.modelsError = null
    } catch (error) {
      this.modelsError = error
    }
    if (!this.#current) this.#fresh = { ...this.#fresh, ...this.#modelFields(this.#fresh.model) }
    this.#tell('models')
  }

  /** Shows the server a key from now on. */
  useKey(key) {
    this.preferences.set('key', key)
    return this.loadModels()
  }

  create() {
    this.#current = null
    this.#fresh = this.#makeFresh()
    this.#tell('switch')
  }

  /** Shows a conversation. False if there is none of that id. */
  async select(id) {
    const conversation = await this.library.open(id)
    if (!conversation) return false
    this.#current = id
    this.#tell('switch')
    for (const message of Object.values(conversation.messages)) this.#closeWhenLeft(id, message)
    return true
  }

  async send(text) {
    if (this.running || text.trim() === '') return
    await this.#ask(text, this.path.at(-1)?.id ?? null)
  }

  /** Asks in other words: a sibling of the message, with an answer of its own. */
  async edit(id, text) {
    if (this.running || text.trim() === '') return
    await this.#ask(text, this.conversation.messages[id].parent)
  }

  /** Corrects an answer by hand, in place. */
  rewrite(id, content) { this.#update((each) => changing(each, id, { content, state: 'done', error: null })) }

  async regenerate(id) {
    if (!this.running) await this.#answer(this.conversation.messages[id].parent)
  }

  /** Goes on with an answer that ended early. */
  async continue(id) {
    if (!this.running) await this.answering.run(this.#current, id, { continuing: true })
  }

  /** Tries a failed answer again, in its own place. */
  async retry(id) {
    if (this.running) return
    const { content } = this.conversation.messages[id]
    await this.answering.run(this.#current, id, { continuing: content !== '' })
  }

  stop() { if (this.running) this.answering.stop(this.running.id) }
  choose(id) { this.#update((each) => choosing(each, id)) }

  /** Takes a message out and returns what brings it back. */
  removeMessage(id) {
    const conversation = this.conversation
    this.answering.stop(id)
    this.#update((each) => removing(each, id))
    return () => this.library.edit(conversation.id, (each) => restoring(each, conversation, id))
  }

  /** Changes model, system prompt, sampling or mode. */
  configure(fields) {
    if (fields.model) {
      this.preferences.set('model', fields.model)
      fields = { ...this.#modeFor(fields.model), ...fields }
    }
    this.#update((each) => ({ ...each, ...fields }))
  }

  /** Makes the settings of this conversation those of every new one. */
  keepAsDefault() {
    const { system, sampling } = this.conversation
    this.preferences.set('defaults', { system, sampling })
  }

  /** Whether there is an older half that could be left out of what is sent. */
  get canForgetHalf() { return forgettingHalf(this.path, this.conversation.forgotten) !== null }

  /** Leaves the older half of the conversation out of what is sent. False if there is nothing to leave out. */
  forgetHalf() {
    const start = forgettingHalf(this.path, this.conversation.forgotten)
    if (start) this.#update((each) => ({ ...each, forgotten: start }))
    return start !== null
  }

  async rename(id, title) {
    await this.library.open(id)
    await this.library.edit(id, (each) => ({ ...each, title, titled: 'hand' }))
  }

  /** Deletes a conversation and returns what brings it back. */
  async remove(id) {
    const writing = this.answering.running.filter(({ conversation }) => conversation === id)
    for (const { message } of writing) this.answering.stop(message)
    const wasShown = id === this.#current
    if (wasShown) this.create()
    const restore = await this.library.remove(id)
    return async () => {
      await restore()
      if (wasShown) await this.select(id)
    }
  }

  async #ask(content, parent) {
    await this.#keep(content)
    const id = this.makeId()
    this.#update((each) => adding(each, { id, parent, role: 'user', content, created: this.now() }))
    await this.#answer(id)
  }

  async #answer(parent) {
    const { id, model } = this.conversation
    const answer = this.makeId()
    const message = { id: answer, parent, role: 'assistant', content: '', model, created: this.now() }
    this.#update((each) => adding(each, { ...message, state: 'streaming' }))
    await this.answering.run(id, answer)
  }

  /** Puts a fresh conversation into the library when its first message comes. */
  async #keep(content) {
    if (this.#current) return
    const conversation = { ...this.#fresh, title: titleFrom(content), created: this.now(), updated: this.now() }
    this.#current = conversation.id
    this.library.add(conversation)
    this.#tell('opened', conversation.id)
  }

  /**
   * An answer that nobody writes any more was interrupted by a reload or a crash; one that another tab writes may be
   * so later. What counts is what is stored once that tab has let go of it.
   */
  async #closeWhenLeft(id, message) {
    let waited = message
    while (waited?.state === 'streaming' && !this.answering.isRunning(message.id)) {
      await this.left(waited, this.now())
      const now = (await this.library.refresh(id))?.messages[message.id]
      if (now?.state === 'streaming' && now.revision === waited.revision && !this.answering.isRunning(message.id))
        return this.library.update(id, (each) => changing(each, message.id, { state: 'interrupted' }))
      waited = now
    }
  }

  #makeFresh() {
    const { system, sampling = customary } = this.preferences.get('defaults') ?? {}
    const fresh = makeConversation({ id: this.makeId(), now: this.now(), system, sampling })
    return { ...fresh, ...this.#modelFields(this.preferences.get('model')) }
  }

  /** The model asked for if the server has it, else its first; and how to speak to it. */
  #modelFields(wanted) {
    const model = this.models.find(({ id }) => id === wanted) ?? this.models[0]
    return model ? { model: model.id, ...this.#modeFor(model.id) } : { model: wanted ?? null }
  }

  /** How to speak to a model that is known. */
  #modeFor(id) {
    const model = this.models.find((each) => each.id === id)
    return model ? { mode: model.hasTemplate ? 'chat' : 'completion' } : {}
  }

  #update(change) {
    if (this.#current) return void this.library.edit(this.#current, change)
    this.#fresh = change(this.#fresh)
    this.#tell('change')
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })) }
}
