/** Asks before something that cannot be undone. Resolves to whether the person wants it. */
import { h } from '../lib/dom.js'
import { t } from '../lib/i18n.js'

export function confirmed({ title, text, yes, no = t('action.cancel') }) {
  return new Promise((resolve) => {
    const close = (answer) => () => dialog.close(answer)
    const dialog = h('dialog', { class: 'confirm', 'aria-label': title, onclose: () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    } }, h('h2', {}, title), h('p', {}, text), h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'plain-button', onclick: close('no') }, no),
      h('button', { type: 'button', class: 'danger-button', onclick: close('yes') }, yes)))
    document.body.append(dialog)
    dialog.showModal()
  })
}
