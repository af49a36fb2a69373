/** Watches whether the server answers: often while it does not, seldom while it does. Tells `back` when it returns. */
import { h } from './dom.js'
import { t } from './i18n.js'

const calm = 30_000
const anxious = 3_000

export class Health extends EventTarget {
  #up = null
  #elements = new Set()
  #timer = null

  constructor(api) {
    super()
    this.api = api
  }

  start() {
    this.#look()
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.#up === false) this.#look()
    })
  }

  /** A dot with a word beside it that follows the server's state. */
  element() {
    for (const old of this.#elements) if (!old.isConnected) this.#elements.delete(old)
    const element = h('span', { class: 'health' }, h('i', {}), h('span', {}))
    this.#elements.add(element)
    this.#draw(element)
    return element
  }

  /** What somebody's failed request has found out: nobody answers. */
  lost() {
    if (this.#up !== false) this.#tell(false)
  }

  async #look() {
    const up = await this.api.healthy()
    if (up && this.#up === false) this.dispatchEvent(new CustomEvent('back'))
    this.#tell(up)
  }

  #tell(up) {
    this.#up = up
    for (const element of this.#elements) this.#draw(element)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), up ? calm : anxious)
  }

  #draw(element) {
    element.dataset.state = this.#up === null ? 'unknown' : this.#up ? 'up' : 'down'
    element.lastChild.textContent = this.#up === false ? t('health.down') : this.#up ? t('health.up') : ''
  }
}
