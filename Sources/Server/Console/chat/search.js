/** Full text search over conversations. No DOM, no storage. */

/** Case, width and accents do not matter: `Ｃａｆé` finds `cafe`. */
export const folded = (text) => text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase()

/** The words of a query; all must be found, in title or text. */
export const words = (query) => folded(query).split(/\s+/).filter(Boolean)

/** Where a conversation matches: `{ snippet }` around the first word found, `{ snippet: '' }` in the title only. */
export function match(conversation, wanted) {
  const title = folded(conversation.title)
  const texts = Object.values(conversation.messages).filter((message) => !message.deleted).map((each) => each.content)
  const foldedTexts = texts.map(folded)
  const everywhere = wanted.every((word) => title.includes(word) || foldedTexts.some((text) => text.includes(word)))
  if (wanted.length === 0 || !everywhere) return null
  const inText = wanted.find((word) => foldedTexts.some((text) => text.includes(word)))
  const at = foldedTexts.findIndex((text) => inText && text.includes(inText))
  return { snippet: at < 0 ? '' : snippet(texts[at], inText) }
}

/** Some words around a match, on one line. */
export function snippet(text, word, around = 36) {
  const line = text.replace(/\s+/g, ' ')
  const at = Math.max(folded(line).indexOf(word), 0)
  const start = Math.max(at - around, 0)
  const end = Math.min(at + word.length + around, line.length)
  return (start > 0 ? '…' : '') + line.slice(start, end).trim() + (end < line.length ? '…' : '')
}

/** Cuts a text into pieces `{ text, hit }` so that the page can mark what was found. */
export function marked(text, wanted) {
  if (wanted.length === 0 || folded(text).length !== text.length) return [{ text, hit: false }]
  const pattern = new RegExp(`(${wanted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`)
  return splitFolded(text, pattern)
}

function splitFolded(text, pattern) {
  const pieces = []
  let at = 0
  for (const part of folded(text).split(pattern)) {
    if (part !== '') pieces.push({ text: text.slice(at, at + part.length), hit: pattern.test(part) })
    at += part.length
  }
  return pieces
}
