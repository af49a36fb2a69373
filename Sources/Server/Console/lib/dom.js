/** Builds elements without ever parsing a string as HTML. */

const svg = 'http://www.w3.org/2000/svg'
const icons = new URL('../icons.svg', import.meta.url).href

/**
 * `h('button', { class: 'quiet', onclick: stop, 'aria-label': 'Stop' }, icon('stop'))`
 *
 * Names that begin with `on` become listeners, booleans become presence, null is left out, `value` and other
 * properties in `live` are set as properties. Children may be nodes, strings, null or lists of them.
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) set(element, key, value)
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false))
  return element
}

const live = new Set(['value', 'checked', 'selected', 'disabled', 'hidden', 'indeterminate', 'textContent'])

function set(element, key, value) {
  if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
  else if (live.has(key)) element[key] = value ?? ''
  else if (value === true) element.setAttribute(key, '')
  else if (value != null && value !== false) element.setAttribute(key, String(value))
}

/** Like `h`, for what is drawn: `s('line', { x1: 0, y1: 0, x2: 9, y2: 0 })`. */
export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS(svg, name)
  for (const [key, value] of Object.entries(attributes)) if (value != null) element.setAttribute(key, String(value))
  element.append(...children.flat(Infinity).filter((child) => child != null))
  return element
}

/** Brings the drawings into the page, once: so they are there when the server is not. */
export async function loadIcons() {
  const text = await (await fetch(icons)).text()
  const sprite = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement
  sprite.setAttribute('class', 'icons')
  for (const symbol of sprite.querySelectorAll('symbol')) symbol.id = `icon-${symbol.id}`
  document.body.prepend(document.importNode(sprite, true))
}

/** One drawing of `icons.svg`, hidden from assistive technology: the button around it carries the name. */
export function icon(name) {
  const drawing = document.createElementNS(svg, 'svg')
  drawing.setAttribute('class', 'icon')
  drawing.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(svg, 'use')
  use.setAttribute('href', `#icon-${name}`)
  drawing.append(use)
  return drawing
}

/** A button that shows only an icon, named by its label. */
export function iconButton(name, label, onclick, attributes = {}) {
  const own = { type: 'button', class: 'icon-button', title: label, 'aria-label': label, onclick }
  return h('button', { ...own, ...attributes }, icon(name))
}

/** A function that fills `parent` with `draw(value)`, but only when `value` is another than before. */
export function drawing(parent, draw) {
  let shown = null
  return (value) => {
    const now = JSON.stringify(value)
    if (now === shown) return
    shown = now
    parent.replaceChildren(...[draw(value)].flat(Infinity).filter((child) => child != null && child !== false))
  }
}

/** Makes `parent` hold exactly `nodes`, moving as little as possible so that focus and selection survive. */
export function keepChildren(parent, nodes) {
  let here = parent.firstChild
  for (const node of nodes) {
    if (node === here) here = here.nextSibling
    else parent.insertBefore(node, here)
  }
  while (here) {
    const next = here.nextSibling
    here.remove()
    here = next
  }
}
