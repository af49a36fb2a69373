/**
 * A choice between a few things, side by side: radio buttons that look like one switch.
 *
 *     segments('Scale', [['linear', 'Linear'], ['log', 'Logarithmic']], 'linear', (value) => …)
 */
import { h } from '../lib/dom.js'

let made = 0

export function segments(label, choices, chosen, choose) {
  made += 1
  const name = `segments-${made}`
  return h('div', { class: 'segments', role: 'radiogroup', 'aria-label': label }, choices.map(([value, text]) =>
    h('label', {}, h('input', { type: 'radio', name, value, checked: value === chosen,
      onchange: () => choose(value) }), h('span', {}, text))))
}

/** Shows another choice, without telling anybody. */
export function chooseSegment(element, value) {
  for (const input of element.querySelectorAll('input')) input.checked = input.value === value
}
