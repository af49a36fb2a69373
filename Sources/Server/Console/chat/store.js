/**
 * Where conversations are kept. A store is anything with these five methods; a server-side one can take this one's
 * place without the page noticing.
 *
 *     summaries()          → [{ id, title, updated, … }]
 *     load(id)             → conversation, or null
 *     save(conversation)   → the conversation as it is stored now, or null if it was deleted meanwhile
 *     remove(id)
 *     each(visit)          every conversation in turn, newest first; stops when `visit` returns false
 *     subscribe(notice)    calls `notice(id)` when somebody else changed a conversation
 */
import { merging, summaryOf } from './conversation.js'

/** What is stored after `mine` arrives where `stored` stands. No words are lost, and what was deleted stays so. */
export function reconciled(mine, stored) {
  if (!stored) return mine.version === 0 ? { ...mine, version: 1 } : null
  const merged = stored.version === mine.version ? mine : merging(mine, stored)
  return { ...merged, version: stored.version + 1 }
}

/** Keeps conversations while the page is open: for tests, and where the browser forbids storage. */
export class MemoryStore {
  conversations = new Map()
  async summaries() { return [...this.conversations.values()].map(summaryOf) }
  async load(id) { return structuredClone(this.conversations.get(id) ?? null) }
  async save(mine) {
    const saved = reconciled(mine, this.conversations.get(mine.id))
    if (saved) this.conversations.set(mine.id, structuredClone(saved))
    return saved
  }
  async remove(id) { this.conversations.delete(id) }
  async each(visit) {
    const newestFirst = [...this.conversations.values()].sort((a, b) => b.updated - a.updated)
    for (const conversation of newestFirst) if (visit(structuredClone(conversation)) === false) return
  }
  subscribe() {}
}

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
})

/** Keeps conversations in this browser. */
export class BrowserStore {
  #database
  #channel

  static async open(name = 'yuyan') {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('summaries', { keyPath: 'id' })
      const conversations = request.result.createObjectStore('conversations', { keyPath: 'id' })
      conversations.createIndex('updated', 'updated')
    }
    return new BrowserStore(await done(request), name)
  }

  constructor(database, name) {
    this.#database = database
    database.onversionchange = () => database.close()
    this.#channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(`${name}.conversations`) : null
  }

  summaries() { return done(this.#database.transaction('summaries').objectStore('summaries').getAll()) }

  async load(id) {
    return (await done(this.#database.transaction('conversations').objectStore('conversations').get(id))) ?? null
  }

  /** Reads and writes in one transaction, so two tabs take turns. */
  async save(mine) {
    const transaction = this.#database.transaction(['conversations', 'summaries'], 'readwrite')
    const finished = completion(transaction)
    const stored = await done(transaction.objectStore('conversations').get(mine.id))
    const saved = reconciled(mine, stored)
    if (saved) {
      transaction.objectStore('conversations').put(saved)
      transaction.objectStore('summaries').put(summaryOf(saved))
    }
    await finished
    if (saved) this.#channel?.postMessage(mine.id)
    return saved
  }

  async remove(id) {
    const transaction = this.#database.transaction(['conversations', 'summaries'], 'readwrite')
    for (const name of ['conversations', 'summaries']) transaction.objectStore(name).delete(id)
    await completion(transaction)
    this.#channel?.postMessage(id)
  }

  each(visit) {
    const index = this.#database.transaction('conversations').objectStore('conversations').index('updated')
    return new Promise((resolve, reject) => {
      const walk = index.openCursor(null, 'prev')
      walk.onerror = () => reject(walk.error)
      walk.onsuccess = () => {
        if (!walk.result || visit(walk.result.value) === false) return resolve()
        walk.result.continue()
      }
    })
  }

  subscribe(notice) {
    this.#channel?.addEventListener('message', ({ data }) => notice(data))
  }
}

const completion = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = resolve
  transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('storage'))
})

/** The browser's storage, or memory where it is forbidden; `kept` says which. */
export async function openStore() {
  try {
    return { store: await BrowserStore.open(), kept: true }
  } catch {
    return { store: new MemoryStore(), kept: false }
  }
}
