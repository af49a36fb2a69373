/** Dresses `<pre data-language="swift"><code>…` with the name of its language, a copy button and colours. */
import { copyText } from '../lib/clipboard.js'
import { h, icon } from '../lib/dom.js'
import { highlight } from '../lib/highlight.js'
import { t } from '../lib/i18n.js'

/** Dresses every code block below `root`; one that still grows is coloured when it is finished. */
export function dressCode(root, growing) {
  for (const pre of root.querySelectorAll('pre')) {
    const language = (pre.dataset.language ?? '').split(/[\s,{]/)[0].toLowerCase()
    const code = pre.querySelector('code') ?? pre
    const frame = h('figure', { class: 'code-block' })
    pre.replaceWith(frame)
    frame.append(h('figcaption', {}, h('span', {}, language || t('code.plain')), copyButton(code)), pre)
    pre.tabIndex = 0
    if (!growing) highlight(code, language)
  }
}

function copyButton(code) {
  const label = h('span', {}, t('code.copy'))
  const copy = async () => {
    const copied = await copyText(code.textContent.replace(/\n$/, ''))
    label.textContent = t(copied ? 'code.copied' : 'code.notCopied')
    setTimeout(() => { label.textContent = t('code.copy') }, 1800)
  }
  const attributes = { type: 'button', class: 'quiet-button', 'aria-label': t('code.copyCode'), onclick: copy }
  return h('button', attributes, icon('copy'), label)
}

/** Adds to a growing code block in place, so that a long one neither flickers nor is drawn again for every token. */
export function growCode(node, block) {
  if (block.type !== 'code') return false
  const pre = node.querySelector(':scope > figure > pre')
  const [token] = block.tokens
  if (!pre || pre.dataset.language !== (token.lang ?? '').trim()) return false
  const code = pre.firstElementChild
  const text = token.text + '\n'
  const before = code.textContent.slice(0, -1)
  if (!text.startsWith(before) || code.childElementCount > 0) code.textContent = text
  else {
    code.lastChild.deleteData(code.lastChild.length - 1, 1)
    code.lastChild.appendData(text.slice(before.length))
  }
  return true
}
