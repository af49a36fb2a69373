/** Keeps the end of a growing column in view until the reader scrolls up, and again once they come back down. */

const near = 64

/** Whether to follow, after a scroll from `before` to `now`; each is `{ top, height, view }`. No DOM. */
export function follows(following, before, now) {
  if (now.height - now.top - now.view <= near) return true
  const movedUp = now.top < before.top - 1 && now.height >= before.height
  return movedUp ? false : following
}

export class Follow {
  #following = true
  #last
  #changed

  constructor(scroller, content, changed = () => {}) {
    this.scroller = scroller
    this.#changed = changed
    this.#last = this.#measure()
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true })
    for (const each of [content, scroller]) new ResizeObserver(() => this.#keep()).observe(each)
  }

  get following() { return this.#following }

  toEnd() {
    this.#set(true)
    this.#keep()
  }

  /** Stays where the reader is, for example while an older message is edited. */
  pause() { this.#set(false) }

  #keep() {
    if (this.#following) this.scroller.scrollTop = this.scroller.scrollHeight
    this.#last = this.#measure()
  }

  #scrolled() {
    const now = this.#measure()
    this.#set(follows(this.#following, this.#last, now))
    this.#last = now
  }

  #measure() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller
    return { top: scrollTop, height: scrollHeight, view: clientHeight }
  }

  #set(following) {
    if (following === this.#following) return
    this.#following = following
    this.#changed(following)
  }
}
