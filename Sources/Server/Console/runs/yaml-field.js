/** A place to write YAML: numbered lines, the line that the server complained of marked, and a file can be opened. */
import { drawing, h } from '../lib/dom.js'
import { pickFile } from '../lib/files.js'
import { plainButton } from './run-parts.js'
import { t } from '../lib/i18n.js'

export class YamlField extends HTMLElement {
  setUp(start) {
    this.start = start
    this.numbers = h('div', { class: 'yaml-numbers', 'aria-hidden': 'true' })
    this.drawNumbers = drawing(this.numbers, ({ lines, wrong }) =>
      Array.from({ length: lines }, (_, index) => h('span', { class: index + 1 === wrong ? 'wrong-line' : null },
        String(index + 1))))
    this.field = h('textarea', { id: 'start-yaml', rows: 10, wrap: 'off', spellcheck: 'false', autocapitalize: 'off',
      'aria-label': t('start.yaml'), 'aria-describedby': 'start-yaml-hint start-yaml-problem',
      oninput: () => start.set('yaml', this.field.value), onscroll: () => this.#scroll() })
    this.append(h('div', { class: 'yaml-box' }, this.numbers, this.field),
      plainButton('upload', t('start.openYaml'), () => this.#open()))
  }

  update() {
    const { form, refusal } = this.start
    if (this.field.value !== form.yaml) this.field.value = form.yaml
    const wrong = refusal?.field === 'yaml' ? lineIn(refusal.error.details.message) : null
    this.drawNumbers({ lines: form.yaml.split('\n').length, wrong })
    this.#scroll()
  }

  #scroll() { this.numbers.scrollTop = this.field.scrollTop }

  async #open() {
    const text = await pickFile('.yaml,.yml')
    if (text !== null) this.start.set('yaml', text.replace(/\r\n?/g, '\n'))
  }
}
customElements.define('yaml-field', YamlField)

/** The line that a message speaks of. */
const lineIn = (message) => Number(/\bline (\d+)/i.exec(message ?? '')?.[1]) || null
