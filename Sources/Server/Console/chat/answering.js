/**
 * Fetches answers: one stream per message, several at once in different conversations. Knows the API and the library,
 * not the page.
 */
import { beginning, receiving, statisticsOf } from './answer.js'
import { ApiError } from '../lib/api-error.js'
import { changing } from './conversation.js'
import { requestFor } from './request.js'

export class Answering {
  #running = new Map()
  #mine = new Set()
  #unsaved = new Map()

  constructor({ api, library, now = Date.now, hold = holdLock }) {
    Object.assign(this, { api, library, now, hold })
  }

  /** Whether this page is fetching that message now. */
  isRunning(id) { return this.#running.has(id) }
  /** Whether this page, rather than another tab or an earlier visit, asked for that message. */
  isMine(id) { return this.#mine.has(id) }
  get running() { return [...this.#running.values()].map(({ conversation, message }) => ({ conversation, message })) }

  /** The messages written by this page, `{ conversation, message }`, that may not be in the store as they are now. */
  get unsaved() { return [...this.#unsaved.values()] }

  stop(message) { this.#running.get(message)?.abort.abort() }

  /** Fills the message `id` of a conversation. Ends when the answer does, however it does; never throws. */
  async run(conversation, id, { continuing = false } = {}) {
    const abort = new AbortController()
    const run = { conversation, message: id, abort }
    this.#running.set(id, run)
    this.#unsaved.set(id, run)
    this.#mine.add(id)
    const release = this.hold(id)
    try {
      await this.#fill(conversation, id, continuing, abort.signal)
    } finally {
      this.#running.delete(id)
      await this.library.save(conversation)
      if (this.#unsaved.get(id) === run) this.#unsaved.delete(id)
      release()
    }
  }

  async #fill(conversation, id, continuing, signal) {
    const message = this.library.get(conversation).messages[id]
    const begun = continuing ? { content: message.content, reasoning: message.reasoning } : {}
    const earlier = continuing ? (message.statistics?.tokens ?? 0) : 0
    let answer = beginning({ now: this.now(), ...begun })
    this.#write(conversation, id, { ...begun, content: answer.content, state: 'streaming', error: null })
    try {
      const request = requestFor(this.library.get(conversation), message, { continuing })
      for await (const chunk of this.api.complete(request, signal)) {
        answer = receiving(answer, chunk, this.now())
        this.#write(conversation, id, this.#fields(answer, earlier))
      }
      this.#write(conversation, id, { ...this.#fields(answer, earlier), state: 'done' })
    } catch (failure) {
      this.#write(conversation, id, this.#ending(ApiError.fromFailure(failure, 'failed'), answer, earlier))
    }
  }

  #fields(answer, earlier) {
    const statistics = statisticsOf(answer)
    if (earlier && statistics.tokens != null) statistics.tokens += earlier
    return { content: answer.content, reasoning: answer.reasoning, statistics, touched: this.now() }
  }

  #ending({ kind, details }, answer, earlier) {
    const fields = answer.pieces > 0 ? this.#fields(answer, earlier) : {}
    if (kind === 'stopped') return { ...fields, state: 'stopped' }
    const error = { kind, ...details, at: this.now() }
    return { ...fields, state: kind === 'cut' ? 'cut' : 'failed', error }
  }

  #write(conversation, id, fields) {
    this.library.update(conversation, (each) => changing(each, id, fields))
  }
}

const lockName = (id) => `yuyan.answer.${id}`

/** Shows other tabs that this one is at work on a message; the browser lets go of it when the page goes. */
function holdLock(id) {
  let release = () => {}
  const until = new Promise((resolve) => { release = resolve })
  globalThis.navigator?.locks?.request(lockName(id), { ifAvailable: true }, () => until).catch(() => {})
  return release
}

/** Ends when no tab is at work on a message. Without locks (plain HTTP) five seconds without a touch have to do. */
export async function untilLeft(message, now = Date.now()) {
  if (globalThis.navigator?.locks) return navigator.locks.request(lockName(message.id), () => {})
  const left = (message.touched ?? message.created) + 5000 - now
  if (left > 0) await new Promise((resolve) => { setTimeout(resolve, left) })
}
