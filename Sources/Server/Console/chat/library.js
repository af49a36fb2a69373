/**
 * All conversations, those in use held in memory and saved as they change. Knows the store, not the network and not
 * the page. Tells of changes by events: `list` when titles or order changed, `conversation` (detail: its id) when one
 * did, `gone` (detail: its id) when another tab deleted it, `trouble` when saving failed.
 */
import { exported, imported } from './exchange.js'
import { merging, pathOf, summaryOf } from './conversation.js'
import { match, words } from './search.js'

export class Library extends EventTarget {
  #live = new Map()
  #summaries = new Map()
  #timers = new Map()
  #saving = new Map()

  constructor(store, { makeId, now = Date.now, delay = 700 }) {
    super()
    Object.assign(this, { store, makeId, now, delay })
    store.subscribe((id) => this.#hear(id))
  }

  async start() {
    for (const summary of await this.store.summaries()) this.#summaries.set(summary.id, summary)
    this.#tell('list')
  }

  get summaries() { return [...this.#summaries.values()] }
  get(id) { return this.#live.get(id) ?? null }

  /** Takes a conversation into memory. */
  async open(id) {
    if (!this.#live.has(id)) {
      const conversation = await this.store.load(id)
      if (conversation && !this.#live.has(id)) this.#live.set(id, conversation)
    }
    return this.get(id)
  }

  /** Adds a conversation, or one that was deleted again. */
  add(conversation) {
    this.#live.set(conversation.id, { ...conversation, version: 0 })
    this.#changed(conversation.id)
    return this.save(conversation.id)
  }

  /** Applies a change that a person made, and saves it. */
  edit(id, change) {
    this.update(id, change)
    return this.save(id)
  }

  /** Applies a change to a conversation in memory and saves it shortly: for what changes many times a second. */
  update(id, change) {
    const before = this.#live.get(id)
    if (!before) return
    this.#live.set(id, { ...change(before), touched: this.now() })
    this.#changed(id)
    if (!this.#timers.has(id)) this.#timers.set(id, setTimeout(() => this.save(id), this.delay))
  }

  /** Saves now; one save of a conversation at a time. */
  save(id) {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    const turn = (this.#saving.get(id) ?? Promise.resolve()).then(() => this.#write(id))
    this.#saving.set(id, turn)
    return turn
  }

  /** Saves everything that waits. */
  flush() { return Promise.all([...this.#timers.keys()].map((id) => this.save(id))) }

  /** Deletes a conversation and returns what brings it back. */
  async remove(id) {
    const conversation = await this.open(id)
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.#forget(id)
    await this.#saving.get(id)
    await this.store.remove(id)
    return () => this.add(conversation)
  }

  /** The conversations that contain all words of a query: `[{ summary, snippet }]`, newest first. */
  async search(query, limit = 100) {
    const wanted = words(query)
    const found = []
    await this.flush()
    await this.store.each((conversation) => {
      const hit = match(conversation, wanted)
      if (hit) found.push({ summary: summaryOf(conversation), ...hit })
      return found.length < limit
    })
    return found
  }

  async export(id) {
    const conversations = []
    await this.flush()
    await this.store.each((each) => { if (!id || each.id === id) conversations.push(each) })
    return exported(conversations, this.now())
  }

  async import(text) {
    const conversations = imported(text, { makeId: this.makeId, now: this.now() })
    for (const conversation of conversations) await this.add(conversation)
    return conversations.length
  }

  /** The conversation as it is stored now, with what was changed here. */
  async refresh(id) {
    await this.#hear(id)
    return this.get(id)
  }

  async #write(id) {
    const mine = this.#live.get(id)
    if (!mine) return
    try {
      const saved = await this.store.save(mine)
      if (saved) this.#adopt(id, saved)
      else this.#forget(id, 'gone')
    } catch (error) {
      this.#tell('trouble', error)
    }
  }

  /** What was saved may hold another tab's words; what changed here meanwhile is newer than what was saved. */
  #adopt(id, saved) {
    const now = this.#live.get(id)
    if (now) this.#live.set(id, { ...merging(now, saved), version: saved.version })
    this.#changed(id)
  }

  async #hear(id) {
    const stored = await this.store.load(id)
    if (!stored) return this.#forget(id, 'gone')
    if (this.#live.has(id)) this.#adopt(id, stored)
    else {
      this.#summaries.set(id, summaryOf(stored))
      this.#tell('list')
    }
  }

  #changed(id) {
    const summary = summaryOf(this.#live.get(id))
    const before = this.#summaries.get(id)
    this.#summaries.set(id, summary)
    if (!before || before.title !== summary.title || before.updated !== summary.updated) this.#tell('list')
    this.#tell('conversation', id)
  }

  #forget(id, event) {
    this.#live.delete(id)
    if (this.#summaries.delete(id)) this.#tell('list')
    if (event) this.#tell(event, id)
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })) }
}

/** The text of the path shown, as Markdown, for a person's own notes. */
export const asMarkdown = (conversation, names) =>
  `# ${conversation.title}\n\n` +
  pathOf(conversation).map(({ role, content }) => `## ${names[role]}\n\n${content}\n`).join('\n')
