/** The system prompt and the sampling of one conversation. */
import { h, iconButton } from '../lib/dom.js'
import { customary, parameters, parse, parseStops, printStops } from './sampling.js'
import { t } from '../lib/i18n.js'

export class SettingsPanel extends HTMLElement {
  #shown = null
  #rows = []

  setUp(chat, actions) {
    this.chat = chat
    this.system = area(4, t('settings.system'), t('settings.systemPlaceholder'),
      () => chat.configure({ system: this.system.value }))
    this.stop = area(2, t('settings.stop'), t('settings.stopPlaceholder'),
      () => this.#set('stop', parseStops(this.stop.value)))
    this.completion = h('input', { type: 'checkbox', onchange: () =>
      chat.configure({ mode: this.completion.checked ? 'completion' : 'chat' }) })
    this.#rows = parameters.map((parameter) => this.#row(parameter))
    this.append(
      h('header', {}, h('h2', {}, t('settings.title')),
        iconButton('close', t('settings.close'), actions.closeSettings)),
      h('div', { class: 'settings-body' },
        section(t('settings.system'), this.system),
        section(t('settings.sampling'), h('p', { class: 'explain' }, t('settings.samplingText')),
          this.#rows.map(({ element }) => element), field(t('settings.stop'), t('settings.stopHint'), this.stop)),
        section(t('settings.mode'), h('label', { class: 'check' }, this.completion,
          h('span', {}, t('settings.completion'), h('small', {}, t('settings.completionHint')))))),
      h('footer', {},
        h('button', { type: 'button', class: 'plain-button', onclick: () => this.#reset() }, t('settings.reset')),
        h('button', { type: 'button', class: 'plain-button', onclick: actions.keepAsDefault }, t('settings.keep'))))
  }

  update() {
    const { id, system, sampling, mode } = this.chat.conversation
    const now = JSON.stringify([id, system, sampling, mode])
    if (now === this.#shown) return
    this.#shown = now
    fill(this.system, system)
    fill(this.stop, printStops(sampling.stop))
    this.completion.checked = mode === 'completion'
    for (const row of this.#rows) row.show(sampling[row.name])
  }

  #row(parameter) {
    const { name, min, max, step, slider } = parameter
    const label = t(`sampling.${name}`)
    const take = (text) => this.#set(name, parse(parameter, text))
    const number = h('input', { type: 'text', inputmode: 'decimal', class: 'number', placeholder: t('settings.default'),
      'aria-label': label, onchange: () => take(number.value) })
    const move = () => {
      number.value = range.value
      range.classList.remove('unset')
    }
    const range = slider == null ? null : h('input', { type: 'range', min, max, step, 'aria-label': label,
      oninput: move, onchange: () => take(range.value) })
    const reset = iconButton('again', t('settings.resetOne', { name: label }), () => this.#set(name, customary[name]))
    const show = (value) => {
      fill(number, value ?? '')
      if (range) range.value = value ?? slider
      range?.classList.toggle('unset', value == null)
      reset.disabled = value === customary[name]
    }
    return { name, show, element: field(label, t(`sampling.${name}Hint`), range, number, reset) }
  }

  #set(name, value) {
    const { [name]: before, ...rest } = this.chat.conversation.sampling
    const empty = value == null || value.length === 0
    this.#shown = null
    this.chat.configure({ sampling: empty ? rest : { ...rest, [name]: value } })
  }

  #reset() {
    this.chat.configure({ sampling: customary, system: '' })
  }
}
customElements.define('settings-panel', SettingsPanel)

/** What somebody is typing is not typed over. */
const fill = (place, value) => { if (document.activeElement !== place) place.value = value }

const area = (rows, label, placeholder, onchange) =>
  h('textarea', { rows, placeholder, 'aria-label': label, onchange })

const section = (title, ...parts) => h('section', {}, h('h3', {}, title), parts)

const field = (label, hint, ...controls) =>
  h('div', { class: 'setting' }, h('div', { class: 'setting-name' }, h('span', {}, label), h('small', {}, hint)),
    h('div', { class: 'setting-controls' }, controls))
