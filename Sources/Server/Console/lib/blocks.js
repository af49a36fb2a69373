/**
 * Splits a growing Markdown text into blocks without reading all of it again for every token: what stands two blocks
 * above the end cannot change any more. No DOM.
 */
import { blocksOf } from './markdown.js'

export class GrowingBlocks {
  #text = ''
  #settled = []
  #end = 0
  #links = {}

  /** The blocks of `text`. Cheap when it begins with the text of the call before. */
  update(text) {
    if (!text.startsWith(this.#text)) this.#reset()
    this.#text = text
    const tail = blocksOf(text.slice(this.#end), this.#links)
    const open = tail.length - firstOpen(tail)
    const settling = tail.slice(0, tail.length - open)
    this.#settled.push(...settling)
    this.#end += settling.reduce((sum, { raw }) => sum + raw.length, 0)
    return [...this.#settled, ...tail.slice(settling.length)].filter(({ type }) => type !== 'space')
  }

  #reset() {
    this.#settled = []
    this.#end = 0
    this.#links = {}
  }
}

/** The last two blocks may still grow together: a list and the line after it, a paragraph and a table's second row. */
function firstOpen(tail) {
  let solid = 0
  for (let index = tail.length - 1; index >= 0; index -= 1) {
    if (tail[index].type !== 'space') solid += 1
    if (solid === 2) return index
  }
  return 0
}
