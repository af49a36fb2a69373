/** Turns HTML made from a model's words into nodes that can do nothing: DOMPurify, with a short list of what stays. */
import DOMPurify from '../vendor/dompurify/purify.es.mjs'

const purify = DOMPurify(window)
const tags = ['a', 'b', 'blockquote', 'br', 'code', 'del', 'details', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6',
  'hr', 'i', 'img', 'input', 'ins', 'kbd', 'li', 'mark', 'ol', 'p', 'pre', 's', 'span', 'strong', 'sub', 'summary',
  'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul']
const attributes = ['align', 'alt', 'checked', 'class', 'data-language', 'disabled', 'href', 'src', 'start', 'title',
  'type']
/** Attributes that are no addresses, so their values need not look like one. */
const words = ['align', 'checked', 'data-language', 'disabled', 'start', 'type']
const settings = {
  ALLOWED_TAGS: tags, ALLOWED_ATTR: attributes, ADD_URI_SAFE_ATTR: words, ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel):|^#/i, RETURN_DOM_FRAGMENT: true, SANITIZE_DOM: true,
}
const classes = /^(?:math(?: math-display)?|hljs-[\w-]+(?: [\w-]+_?)*)$/

purify.addHook('afterSanitizeAttributes', (node) => {
  const name = node.localName
  if (node.hasAttribute?.('class') && !classes.test(node.getAttribute('class'))) node.removeAttribute('class')
  if (name === 'a') openOutside(node)
  if (name === 'img') node.replaceWith(linkInstead(node))
  if (name === 'input') onlyCheckbox(node)
})

/** A link leads out of the page, tells the other side nothing and cannot reach back. */
function openOutside(link) {
  link.setAttribute('target', '_blank')
  link.setAttribute('rel', 'noopener noreferrer nofollow')
}

/** A picture from elsewhere would tell that server who reads this; it becomes a link that a person may follow. */
function linkInstead(image) {
  const source = image.getAttribute('src')
  const text = image.getAttribute('alt') || source || ''
  if (!source) return document.createTextNode(text)
  const link = document.createElement('a')
  link.href = source
  link.textContent = text
  openOutside(link)
  return link
}

function onlyCheckbox(input) {
  if (input.getAttribute('type') !== 'checkbox') return input.remove()
  input.setAttribute('disabled', '')
}

/** Safe nodes, not yet in the page. */
export const sanitized = (html) => purify.sanitize(html, settings)
