/** What a key means on this page. No DOM: any object with the fields of a keyboard event will do. */

/** Enter that only ends the composition of a Chinese word must not send: Safari says so by key code 229. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229

/** In the message field: `send`, `editLast` or null for what the field does by itself. */
export function composerKey(event, { empty }) {
  if (isComposing(event)) return null
  if (event.key === 'Enter' && !event.shiftKey && !event.altKey) return 'send'
  if (event.key === 'ArrowUp' && empty && !event.shiftKey && !event.ctrlKey && !event.metaKey) return 'editLast'
  return null
}

/** Anywhere on the page: `search`, `new`, `settings`, `stop` or null. */
export function pageKey(event) {
  if (isComposing(event)) return null
  const command = event.ctrlKey || event.metaKey
  const key = event.key.toLowerCase()
  if (command && !event.shiftKey && !event.altKey && key === 'k') return 'search'
  if (command && event.shiftKey && !event.altKey && key === 'o') return 'new'
  if (command && !event.shiftKey && !event.altKey && key === ',') return 'settings'
  return key === 'escape' ? 'stop' : null
}
