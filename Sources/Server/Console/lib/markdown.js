/** Markdown to blocks of HTML, by marked. The HTML is not safe yet: `lib/sanitize.js` comes next. No DOM. */
import { Lexer, Marked } from '../vendor/marked/marked.esm.js'
import { blockMath, inlineMath } from './math-syntax.js'
import { escapeHtml, passPlainTags } from './raw-html.js'

/**
 * Bold beside Chinese punctuation: CommonMark does not close `**注意：**请` because it was written for scripts with
 * spaces, and models write it all the time.
 */
const cjkStrong = {
  name: 'cjkStrong',
  level: 'inline',
  start: (src) => src.indexOf('**'),
  tokenizer(src) {
    const match = /^\*\*(?![\s*])((?:[^*`\\\n]|\\.)+?)(?<!\s)\*\*(?!\*)/.exec(src.slice(0, 2000))
    if (!match || !/[\u3000-\u9fff\uff00-\uffef“”‘’…—]/.test(match[1])) return undefined
    return { type: 'strong', raw: match[0], text: match[1], tokens: this.lexer.inlineTokens(match[1]) }
  },
}

/**
 * A footnote is left as it is written, a line of its own. CommonMark would take its note for the address of a link, and
 * its mark for that link.
 */
const footnote = {
  name: 'footnote',
  level: 'block',
  start(src) {
    const end = src.indexOf('\n\n')
    const found = (end < 0 ? src : src.slice(0, end)).search(/\n {0,3}\[\^[^\]\s]+\]:/)
    return found < 0 ? undefined : found
  },
  tokenizer(src) {
    const match = /^ {0,3}\[\^[^\]\s]+\]:[^\n]*/.exec(src)
    if (!match) return undefined
    const token = { type: 'paragraph', raw: match[0], text: match[0].trim(), tokens: [] }
    this.lexer.inline(token.text, token.tokens)
    return token
  },
}

const renderer = {
  html: ({ text }) => passPlainTags(text),
  /** The language and the text as they are; the page dresses them. */
  code: ({ text, lang }) =>
    `<pre data-language="${escapeHtml((lang ?? '').trim())}"><code>${escapeHtml(text)}\n</code></pre>`,
}

const marked = new Marked({ gfm: true, breaks: false, async: false })
marked.use({ extensions: [blockMath, inlineMath, cjkStrong, footnote], renderer })

/** The top-level blocks of a text. `links` are the link definitions met so far and is added to. */
export function blocksOf(text, links = {}) {
  const lexer = new Lexer(marked.defaults)
  Object.assign(lexer.tokens.links, links)
  const tokens = lexer.lex(text)
  Object.assign(links, tokens.links)
  return joinDetails(tokens)
}

export function htmlOf(block) {
  return marked.parser(block.tokens)
}

/** `<details>` and what it folds away are one block. */
function joinDetails(tokens) {
  const blocks = []
  let depth = 0
  for (const token of tokens) {
    if (depth > 0) {
      blocks.at(-1).raw += token.raw
      blocks.at(-1).tokens.push(token)
    } else blocks.push({ type: token.type, raw: token.raw, tokens: [token] })
    if (token.type === 'html') depth = Math.max(0, depth + folds(token.raw))
  }
  return blocks
}

const folds = (html) => (html.match(/<details>/gi)?.length ?? 0) - (html.match(/<\/details>/gi)?.length ?? 0)
