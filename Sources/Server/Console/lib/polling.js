/**
 * Looks again and again: every two seconds while things change, less often while they do not, seldom when nothing is
 * under way or nobody answers, and never while the page is hidden. One look at a time.
 */

export const pace = { quick: 2_000, slow: 10_000, calm: 30_000 }

/** The wait after a look; `outcome` is `changed`, `same`, `calm` (nothing is under way) or `failed`. */
export function nextWait(wait, outcome) {
  if (outcome === 'changed') return pace.quick
  if (outcome === 'calm') return pace.calm
  const limit = outcome === 'failed' ? pace.calm : pace.slow
  return Math.min(Math.max(wait, pace.quick) * (outcome === 'failed' ? 2 : 1.5), limit)
}

export class Polling {
  #timer = null
  #wait = pace.quick
  #looking = false
  #again = false
  #stopped = true
  #seen = () => this.#appear()

  /** `look` returns an outcome, or a promise of one; throwing is `failed`. */
  constructor(look, { page = globalThis.document, timers = globalThis } = {}) {
    Object.assign(this, { look, page, timers })
  }

  start() {
    this.#stopped = false
    this.page.addEventListener('visibilitychange', this.#seen)
    this.now()
  }

  stop() {
    this.#stopped = true
    this.page.removeEventListener('visibilitychange', this.#seen)
    this.#cancel()
  }

  /** Looks at once; if a look is under way, once more after it. */
  async now() {
    if (this.#stopped) return
    if (this.#looking) return void (this.#again = true)
    this.#cancel()
    this.#looking = true
    const outcome = await this.#look()
    this.#looking = false
    this.#wait = nextWait(this.#wait, outcome)
    if (this.#again) {
      this.#again = false
      await this.now()
    } else this.#later()
  }

  async #look() {
    try {
      return await this.look()
    } catch {
      return 'failed'
    }
  }

  #later() {
    if (!this.#stopped && !this.page.hidden) this.#timer = this.timers.setTimeout(() => this.now(), this.#wait)
  }

  #cancel() {
    this.timers.clearTimeout(this.#timer)
    this.#timer = null
  }

  #appear() {
    this.#cancel()
    if (this.page.hidden) return
    this.#wait = pace.quick
    this.now()
  }
}
