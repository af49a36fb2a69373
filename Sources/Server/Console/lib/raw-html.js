/**
 * What becomes of HTML that a model writes into its Markdown: a few tags without attributes pass, everything else is
 * shown as the text it is. The sanitiser stands behind this; nothing relies on this alone.
 */

const plain = new Set(['b', 'br', 'del', 'details', 'em', 'hr', 'i', 'ins', 'kbd', 'mark', 's', 'strong', 'sub',
  'summary', 'sup', 'u'])
const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escapeHtml = (text) => text.replace(/[&<>"']/g, (sign) => entities[sign])

export function passPlainTags(html) {
  return html.replace(/<!--[^]*?-->|<(\/?)([a-z]+)\s*(\/?)>|&(?:[a-z]+\d*|#\d+);|[&<>"']/gi, (piece, close, name) => {
    if (piece.startsWith('<!--')) return ''
    if (name && plain.has(name.toLowerCase())) return `<${close}${name.toLowerCase()}>`
    return piece.length > 1 && piece.startsWith('&') ? piece : escapeHtml(piece)
  })
}
