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

  constructor({ api, library, now = Date.now, hold = holdLock }) {
    Object.assign(this, { api, library, now, hold })
  }

  /** Whether this page is fetching that message now. */
  isRunning(id) { return this.#running.has(id) }
  /** Whether this page, rather than another tab or an earlier visit, asked for that message. */
  isMine(id) { return this.#mine.has(id) }
  get running() { return [...this.#running.values()].map(({ conversation, message }) => ({ conversation, message })) }

  stop(message) { this.#running.get(message)?.abort.abort() }

  /** Fills the message `id` of a conversation. Ends when the answer does, however it does; never throws. */
  async run(conversation, id, { continuing = false } = {}) {
    const abort = new AbortController()
    this.#running.set(id, { conversation, message: id, abort })
    this.#mine.add(id)
    const release = this.hold(id)
    try {
      await this.#fill(conversation, id, continuing, abort.signal)
    } finally {
      this.#running.delete(id)
      release()
      await this.library.save(conversation)
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

/** Whether any tab is at work on a message. Without locks (plain HTTP) a recent touch has to do. */
export async function isAnswered(message, now = Date.now()) {
  if (!globalThis.navigator?.locks) return now - (message.touched ?? message.created) < 5000
  const { held } = await navigator.locks.query()
  return held.some(({ name }) => name === lockName(message.id))
}
