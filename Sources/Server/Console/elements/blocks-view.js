/** Puts the blocks of a text on the page, touching only those that changed. */
import { dressCode, growCode } from './code-block.js'
import { drawFormulas } from '../lib/math.js'
import { GrowingBlocks } from '../lib/blocks.js'
import { htmlOf } from '../lib/markdown.js'
import { sanitized } from '../lib/sanitize.js'
import { dressTables } from './wide-table.js'

export class BlocksView {
  #blocks = new GrowingBlocks()
  #shown = []

  constructor(root) { this.root = root }

  /** Shows `text`. While it is `growing`, its last block is not coloured yet. */
  update(text, { growing = false } = {}) {
    const blocks = this.#blocks.update(text)
    for (let index = 0; index < blocks.length; index += 1)
      this.#place(index, blocks[index], growing && index === blocks.length - 1)
    for (const { node } of this.#shown.splice(blocks.length)) node.remove()
  }

  #place(index, block, growing) {
    const shown = this.#shown[index]
    if (shown && shown.raw === block.raw && shown.growing === growing) return
    if (shown && growing && growCode(shown.node, block)) {
      shown.raw = block.raw
      return
    }
    const node = draw(block, growing)
    if (shown) shown.node.replaceWith(node)
    else this.root.append(node)
    this.#shown[index] = { raw: block.raw, growing, node }
  }
}

function draw(block, growing) {
  const node = document.createElement('div')
  node.className = 'block'
  node.append(sanitized(htmlOf(block)))
  dressTables(node)
  dressCode(node, growing)
  drawFormulas(node)
  return node
}
