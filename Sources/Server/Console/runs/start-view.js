/** The form that starts a run: what to train on what, with the settings typed into fields or written as YAML. */
import './file-field.js'
import './yaml-field.js'
import { addresses } from '../lib/route.js'
import { chooseSegment, segments } from '../elements/segments.js'
import { drawing, h } from '../lib/dom.js'
import { explainTrouble, lacksTraining, methodWord } from './words.js'
import { keyForm } from '../elements/key-form.js'
import { longestSuffix, methods, seedSetting, settings, settingsFor } from './job-request.js'
import { noticeCard } from '../elements/notice-card.js'
import { t } from '../lib/i18n.js'
import { troubleCard } from './run-list.js'

export class StartView extends HTMLElement {
  #inputs = {}

  setUp(context) {
    Object.assign(this, context, { context })
    this.className = 'scroller'
    const notice = h('div', {})
    this.drawNotice = drawing(notice, (value) => this.#notice(value))
    this.problemLines = {}
    this.form = h('form', { class: 'start-form', novalidate: true, onsubmit: (event) => this.#submit(event) },
      notice, this.#what(), this.#how(), this.#foot())
    this.append(h('div', { class: 'form-column' }, this.form))
    this.#loadChoices()
  }

  get heading() { return t('runs.new') }

  async #loadChoices() {
    await this.runs.loadChoices().catch((error) => { this.trouble = error })
    this.update()
  }

  #what() {
    this.model = h('select', { id: 'start-model', onchange: () => this.start.set('model', this.model.value) })
    this.drawModels = drawing(this.model, (value) => optionsOf(value))
    this.files = ['training', 'validation'].map((name) => {
      const field = document.createElement('file-field')
      field.setUp(this.context, name)
      return field
    })
    this.method = segments(t('compare.method'), methods.map((each) => [each, methodWord(each)]), this.start.form.method,
      (value) => this.start.set('method', value))
    return h('section', {}, h('h2', {}, t('start.what')),
      this.#field('model', t('compare.base'), t('start.modelHint'), this.model),
      this.#group('method', t('compare.method'), t('start.methodHint'), this.method),
      this.#group('training', t('compare.training'), t('start.trainingHint'), this.files[0]),
      this.#group('validation', t('start.validation'), t('start.validationHint'), this.files[1]))
  }

  #how() {
    this.by = segments(t('start.by'), [['fields', t('start.byFields')], ['yaml', t('start.byYaml')]],
      this.start.form.by, (value) => this.start.set('by', value))
    this.rows = Object.fromEntries([...settings, seedSetting].map((each) => [each.name, this.#number(each)]))
    this.fields = h('div', { class: 'field-grid' }, Object.values(this.rows))
    this.yaml = document.createElement('yaml-field')
    this.yaml.setUp(this.start)
    this.yamlRow = this.#group('yaml', t('start.yaml'), t('start.yamlHint'), this.yaml)
    const suffix = this.#text('suffix', { maxlength: longestSuffix, autocomplete: 'off', spellcheck: 'false' })
    return h('section', {}, h('h2', {}, t('run.settings')),
      this.#field('suffix', t('start.suffix'), t('start.suffixHint'), suffix), this.by, this.fields, this.yamlRow)
  }

  #foot() {
    this.submit = h('button', { type: 'submit', class: 'main-button' })
    this.refusal = h('div', {})
    this.drawRefusal = drawing(this.refusal, (value) => this.#refusalOf(value))
    return h('footer', {}, this.refusal, h('div', { class: 'actions' }, this.submit,
      h('a', { class: 'plain-button', href: addresses.list }, t('action.cancel'))))
  }

  #number(setting) {
    const { name } = setting
    const input = this.#text(name, { inputmode: 'decimal', placeholder: t('run.automatic'), autocomplete: 'off' })
    return this.#field(name, t(`compare.${name}`), t(`start.${name}Hint`), input)
  }

  #text(name, attributes) {
    const input = h('input', { type: 'text', id: `start-${name}`, ...attributes,
      oninput: () => this.start.set(name, input.value) })
    this.#inputs[name] = input
    return input
  }

  #field(name, label, hint, control) {
    control.setAttribute('aria-describedby', `start-${name}-hint start-${name}-problem`)
    return this.#framed(name, h('label', { for: control.id }, label), hint, control)
  }

  #group(name, label, hint, control) {
    control.setAttribute('aria-describedby', `start-${name}-hint start-${name}-problem`)
    return this.#framed(name, h('span', { class: 'label' }, label), hint, control)
  }

  #framed(name, label, hint, control) {
    const problem = h('p', { class: 'problem', id: `start-${name}-problem`, role: 'alert' })
    this.problemLines[name] = problem
    return h('div', { class: 'form-field', 'data-field': name }, label, control, problem,
      h('small', { id: `start-${name}-hint` }, hint))
  }

  update() {
    const { form, sending } = this.start
    for (const [name, input] of Object.entries(this.#inputs)) if (input.value !== form[name]) input.value = form[name]
    this.#drawModels(form)
    for (const field of this.files) field.update()
    chooseSegment(this.method, form.method)
    chooseSegment(this.by, form.by)
    this.yaml.update()
    this.yamlRow.hidden = form.by !== 'yaml'
    this.fields.hidden = form.by === 'yaml'
    const has = new Set([...settingsFor(form.method), seedSetting].map(({ name }) => name))
    for (const [name, row] of Object.entries(this.rows)) row.hidden = !has.has(name)
    this.submit.textContent = t(sending ? `start.sending${sending === 'job' ? 'Job' : 'File'}` : 'start.send')
    this.submit.disabled = sending !== null
    this.#drawProblems()
    const trouble = this.trouble ?? this.runs.error
    this.drawNotice(trouble && { kind: trouble.kind, details: trouble.details })
    const { refusal } = this.start
    this.drawRefusal(refusal && { ...refusal, error: { kind: refusal.error.kind, details: refusal.error.details } })
  }

  #drawModels(form) {
    const ids = this.runs.models.map(({ id }) => id)
    this.drawModels({ ids, chosen: form.model })
    this.model.value = form.model
    if (form.model === '' && ids.length === 1) this.start.set('model', ids[0])
  }

  #drawProblems() {
    const { problems, refusal } = this.start
    for (const [name, line] of Object.entries(this.problemLines)) {
      const said = refusal?.field === name ? refusal.error.details.message : ''
      const text = problems[name] ? t(`flaw.${problems[name]}`) : said
      if (line.textContent !== text) line.textContent = text
      line.hidden = text === ''
      line.parentElement.classList.toggle('wrong', text !== '')
      this.#inputs[name]?.setAttribute('aria-invalid', String(text !== ''))
    }
  }

  #notice(trouble) {
    if (!trouble) return null
    const useKey = async (key) => {
      await this.useKey(key)
      this.trouble = null
      this.#loadChoices()
    }
    const again = () => { this.trouble = null; this.#loadChoices(); this.look() }
    return troubleCard(trouble, { useKey, look: again })
  }

  #refusalOf(refusal) {
    if (!refusal) return null
    const { error, field } = refusal
    if (error.kind === 'unauthorized') return noticeCard(explainTrouble(error), keyForm(this.useKey))
    const words = explainTrouble(error)
    return noticeCard(field && !lacksTraining(error) ? { title: words.title, text: t('start.refusedAt') } : words)
  }

  async #submit(event) {
    event.preventDefault()
    const run = await this.start.send()
    this.update()
    if (run) location.hash = addresses.run(run.id)
    else this.form.querySelector('.wrong :is(input, select, textarea, button)')?.focus()
  }
}
customElements.define('start-view', StartView)

const optionsOf = ({ ids, chosen }) => {
  const known = ids.includes(chosen) || chosen === '' ? ids : [chosen, ...ids]
  return [h('option', { value: '', disabled: true }, t(ids.length ? 'start.chooseModel' : 'models.none')),
    ...known.map((id) => h('option', { value: id }, id))]
}
