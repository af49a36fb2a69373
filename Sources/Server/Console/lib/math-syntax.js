/** Finds formulas in Markdown: `$…$`, `\(…\)`, `$$…$$` and `\[…\]`, as extensions of marked. Draws nothing. */
import { escapeHtml } from './raw-html.js'

const inlineRules = [
  /^\\\(((?:[^\\]|\\(?!\)))+?)\\\)/,
  /^\$\$((?:[^$\\]|\\[^])+?)\$\$/,
  /^\$(?![\s$])((?:[^$\\\n]|\\[^\n])*?[^\s$\\]|[^\s$\\]|(?:[^$\\\n]|\\[^\n])*?\\[^\s])\$(?![\d$])/,
]
const blockRules = [
  /^ {0,3}\$\$[ \t]*\n?((?:[^$\\]|\\[^]|\$(?!\$))+?)\n? {0,3}\$\$[ \t]*(?=\n|$)/,
  /^ {0,3}\\\[[ \t]*\n?([^]+?)\n? {0,3}\\\][ \t]*(?=\n|$)/,
]
const inlineDisplay = /^\\\[((?:[^\\]|\\(?!\]))+?)\\\]/

const token = (type, match, display) => ({ type, raw: match[0], tex: match[1].trim(), display })

function firstMatch(rules, src, limit = 20_000) {
  const window = src.length > limit ? src.slice(0, limit) : src
  for (const rule of rules) {
    const match = rule.exec(window)
    if (match) return match
  }
  return null
}

/** What a formula is between parsing and drawing: `lib/math.js` finds these and draws them. */
const render = ({ tex, display }) =>
  display ? `<div class="math math-display">${escapeHtml(tex)}</div>` : `<span class="math">${escapeHtml(tex)}</span>`

export const inlineMath = {
  name: 'inlineMath',
  level: 'inline',
  start: (src) => src.search(/\$|\\[([]/),
  tokenizer(src) {
    const display = inlineDisplay.exec(src)
    if (display) return { ...token('inlineMath', display, false), large: true }
    const match = firstMatch(inlineRules, src)
    return match ? token('inlineMath', match, false) : undefined
  },
  renderer: render,
}

export const blockMath = {
  name: 'blockMath',
  level: 'block',
  start: (src) => src.match(/(?:^|\n) {0,3}(?:\$\$|\\\[)/)?.index,
  tokenizer(src) {
    const match = firstMatch(blockRules, src)
    return match ? token('blockMath', match, true) : undefined
  },
  renderer: render,
}
