/** Asks for the key that a guarded server wants. Calls `use(key)`; keeps nothing itself. */
import { h } from '../lib/dom.js'
import { t } from '../lib/i18n.js'

export function keyForm(use) {
  const field = h('input', { type: 'password', autocomplete: 'off', spellcheck: 'false', 'aria-label': t('key.label'),
    placeholder: t('key.label') })
  const submit = (event) => {
    event.preventDefault()
    const key = field.value.trim()
    if (key !== '') use(key)
  }
  return h('form', { class: 'key-form', onsubmit: submit }, field,
    h('button', { type: 'submit', class: 'main-button' }, t('key.use')))
}
