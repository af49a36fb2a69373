/**
 * Two models asked the same, side by side. Each has a conversation of its own, kept only while this is; what a person
 * sees is two threads and one place to write. No DOM.
 */
import { Answering } from '../chat/answering.js'
import { Chat } from '../chat/chat.js'
import { Library } from '../chat/library.js'
import { MemoryStore } from '../chat/store.js'
import { Preferences } from '../lib/preferences.js'

export class Beside extends EventTarget {
  /** The temperature that shows two models' difference rather than chance. */
  sampling = { temperature: 0 }
  system = ''

  constructor({ api, makeId }) {
    super()
    Object.assign(this, { api, makeId, preferences: new Preferences(null) })
    this.lanes = [this.#lane(), this.#lane()]
    for (const lane of this.lanes)
      for (const type of ['change', 'switch', 'models']) lane.addEventListener(type, () => this.#tell())
  }

  #lane() {
    const library = new Library(new MemoryStore(), { makeId: this.makeId })
    const answering = new Answering({ api: this.api, library })
    return new Chat({ api: this.api, library, answering, preferences: new Preferences(null), makeId: this.makeId })
  }

  /** Puts these models beside each other, in new conversations unless they were there already. */
  async open(models) {
    if (models.join() !== this.models?.join()) this.restart()
    this.models = models
    await Promise.all(this.lanes.map((lane) => lane.loadModels()))
    this.lanes.forEach((lane, index) => lane.configure({ model: models[index] }))
  }

  /** Forgets what was said, keeps models and settings. */
  restart() {
    this.stop()
    for (const lane of this.lanes) {
      const { model } = lane.conversation
      lane.create()
      lane.configure({ ...(model ? { model } : {}), system: this.system, sampling: this.sampling })
    }
  }

  configure({ system = this.system, sampling = this.sampling }) {
    Object.assign(this, { system, sampling })
    for (const lane of this.lanes) lane.configure({ system, sampling })
  }

  async send(text) {
    if (!this.running) await Promise.all(this.lanes.map((lane) => lane.send(text)))
  }

  /** Asks the question at one place in other words, in both threads. */
  async edit(place, text) {
    await Promise.all(this.lanes.map((lane) => (lane.path[place] ? lane.edit(lane.path[place].id, text) : null)))
  }

  stop() { for (const lane of this.lanes) lane.stop() }

  // What the composer of the chat page asks of a chat.
  get running() { return this.lanes.map(({ running }) => running).find(Boolean) ?? null }
  get conversation() { return this.lanes[0].conversation }
  get model() { return this.lanes[0].model }
  get path() { return this.lanes[0].path }

  #tell() { this.dispatchEvent(new CustomEvent('change')) }
}
