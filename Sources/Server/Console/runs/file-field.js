/** Chooses a file of training data: one of the server's, or a new one, dropped or picked, with a first look inside. */
import { bytes } from '../lib/format.js'
import { confirmed } from '../elements/confirm-dialog.js'
import { datasetWords, explainTrouble } from './words.js'
import { drawing, h, icon, iconButton } from '../lib/dom.js'
import { locale, t } from '../lib/i18n.js'

const kinds = '.jsonl,.ndjson,.json,.csv,.txt'

export class FileField extends HTMLElement {
  setUp({ runs, start, toasts }, name) {
    Object.assign(this, { runs, start, toasts, name })
    this.setAttribute('role', 'group')
    this.setAttribute('aria-label', t(name === 'training' ? 'compare.training' : 'start.validation'))
    this.input = h('input', { type: 'file', accept: kinds, class: 'visually-hidden', tabindex: -1,
      'aria-hidden': 'true', onchange: () => this.#take(this.input.files[0]) })
    this.select = h('select', { 'aria-label': t('start.stored'),
      onchange: () => this.start.set(name, this.select.value || null) })
    this.removeButton = iconButton('trash', t('start.remove'), () => this.#remove())
    this.stored = h('div', { class: 'stored' }, this.select, this.removeButton)
    this.drawFiles = drawing(this.select, ({ files, chosen }) => optionsOf(files, chosen))
    this.drop = h('div', { class: 'drop' }, icon('upload'),
      h('button', { type: 'button', class: 'text-button', onclick: () => this.input.click() }, t('start.pick')),
      h('span', { class: 'soft' }, t('start.drop')), this.input)
    this.picked = h('div', {})
    this.drawPicked = drawing(this.picked, (value) => this.#pickedOf(value))
    this.append(this.drop, this.stored, this.picked)
    this.#listen()
  }

  #listen() {
    const over = (event) => {
      event.preventDefault()
      this.classList.add('over')
    }
    this.addEventListener('dragover', over)
    this.addEventListener('dragleave', ({ relatedTarget }) => {
      if (!this.contains(relatedTarget)) this.classList.remove('over')
    })
    this.addEventListener('drop', (event) => {
      event.preventDefault()
      this.classList.remove('over')
      this.#take(event.dataTransfer.files[0])
    })
  }

  #take(file) {
    if (file) this.start.pick(this.name, file)
    this.input.value = ''
  }

  /** Deletes the chosen file from the server. */
  async #remove() {
    const id = this.start.form[this.name]
    const name = this.runs.fileName(id)
    const sure = await confirmed({ title: t('start.removeTitle', { name }), text: t('start.removeText'),
      yes: t('sidebar.delete') })
    if (!sure) return
    try {
      await this.runs.removeFile(id)
      this.start.forget(id)
    } catch (error) {
      const { title, said } = explainTrouble(error)
      this.toasts.show(said || title)
    }
  }

  update() {
    const entry = this.start.picked[this.name]
    const chosen = this.start.form[this.name]
    this.drawFiles({ files: this.runs.files, chosen })
    this.select.value = chosen ?? ''
    this.removeButton.hidden = !chosen
    this.stored.hidden = Boolean(entry) || (this.runs.files.length === 0 && !chosen)
    this.drop.hidden = Boolean(entry)
    const { name, size, reading, dataset } = entry ?? {}
    this.drawPicked(entry ? { name, size, reading, dataset, sending: this.start.sending === this.name } : null)
  }

  #pickedOf(entry) {
    if (!entry) return null
    const { name, text } = datasetWords(entry)
    const remove = iconButton('close', t('start.unpick', { name }), () => this.start.unpick(this.name))
    return h('div', { class: 'picked' },
      h('div', { class: 'picked-head' }, h('strong', {}, name), h('span', { class: 'soft', role: 'status' },
        entry.sending ? t('start.sendingFile') : text), remove),
      entry.dataset && problemList(entry.dataset), entry.dataset?.first && preview(entry.dataset.first))
  }
}
customElements.define('file-field', FileField)

const optionsOf = (files, chosen) => {
  const missing = chosen && !files.some(({ id }) => id === chosen) ? [h('option', { value: chosen }, chosen)] : []
  return [h('option', { value: '' }, t('start.orStored')), ...missing,
    ...files.map(({ id, name, size }) => h('option', { value: id }, `${name} · ${bytes(size, locale())}`))]
}

function problemList({ bad, problems }) {
  if (bad === 0) return null
  const lines = problems.map(({ line, reason }) =>
    h('li', {}, t('dataset.line', { line, reason: t(`dataset.${reason}`) })))
  const rest = bad - problems.length
  return h('div', { class: 'problems', role: 'status' }, h('p', {}, t('dataset.bad', { count: bad })),
    h('ul', {}, lines, rest > 0 && h('li', {}, t('dataset.rest', { count: rest }))))
}

const preview = (turns) => h('details', { class: 'first-row' }, h('summary', {}, t('dataset.first')),
  h('dl', {}, turns.map(({ role, text }) => h('div', {}, h('dt', {}, role), h('dd', {}, text)))))
