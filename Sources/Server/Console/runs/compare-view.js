/** Several runs over one another: their curves, and a table of what they were given and what came of it. */
import './loss-plot.js'
import { addresses } from '../lib/route.js'
import { comparison } from './comparison.js'
import { drawing, h } from '../lib/dom.js'
import { linkButton, statusMark } from './run-parts.js'
import { nameOf } from './run.js'
import { printed } from './words.js'
import { t } from '../lib/i18n.js'
import { troubleCard } from './run-list.js'

export class CompareView extends HTMLElement {
  #shown = null

  setUp(context, { ids }) {
    Object.assign(this, context, { context, ids })
    this.className = 'scroller'
    const notice = h('div', {})
    this.drawNotice = drawing(notice, (value) => this.#notice(value))
    this.plot = document.createElement('loss-plot')
    this.plot.setUp(this.preferences)
    this.waiting = h('p', { class: 'nothing' })
    const table = h('div', { class: 'wide-table', tabindex: 0 })
    this.drawTable = drawing(table, (value) => this.#tableOf(value))
    this.tools = [linkButton('left', t('runs.all'), addresses.list)]
    this.append(h('div', { class: 'wide-column' }, notice, this.waiting,
      h('section', {}, h('h2', {}, t('run.loss')), this.plot),
      h('section', {}, h('h2', {}, t('compare.table')), h('p', { class: 'soft' }, t('compare.hint')), table)))
  }

  get heading() { return t('compare.title') }

  update() {
    const entries = this.ids.map((id) => ({ run: this.runs.get(id), history: this.runs.history(id) }))
      .filter(({ run, history }) => run && history && !history.glanced)
    const { error } = this.runs
    const known = entries.length > 0
    this.drawNotice({ error: error && { kind: error.kind, details: error.details }, known })
    this.waiting.hidden = known || error !== null
    this.waiting.textContent = known ? '' : t(this.ids.length ? 'runs.loading' : 'compare.none')
    for (const section of this.querySelectorAll('section')) section.hidden = !known
    if (!known) return
    this.#drawCurves(entries)
    const rows = comparison(entries, this.runs.now())
    this.drawTable({ runs: entries.map(({ run }) => ({ id: run.id, name: nameOf(run) })), rows })
  }

  #drawCurves(entries) {
    const revision = JSON.stringify(entries.map(({ run, history }) => [run.id, history.revision]))
    if (revision === this.#shown) return
    this.#shown = revision
    this.plot.show(entries.map(({ history }) => history), distinct(entries.map(({ run }) => run)))
  }

  #notice({ error, known }) { return error && troubleCard(error, this.context, known) }

  #tableOf({ runs, rows }) {
    const head = h('tr', {}, h('td', {}), runs.map(({ id, name }, index) => h('th', { scope: 'col' },
      h('span', { class: `swatch series-${index}` }), h('a', { href: addresses.run(id) }, name))))
    return h('table', { class: 'records comparison' }, h('thead', {}, head),
      h('tbody', {}, rows.map((row) => this.#row(row))))
  }

  #row({ name, kind, values, differs, best }) {
    const cell = (value, index) => h('td', {}, kind === 'status' ? statusMark(value)
      : printed(kind, value, (id) => this.runs.fileName(id)),
    best.includes(index) && h('span', { class: 'tag' }, t('compare.best')))
    return h('tr', { class: differs ? 'differs' : null }, h('th', { scope: 'row' }, t(`compare.${name}`)),
      values.map(cell))
  }
}
customElements.define('compare-view', CompareView)

/** Names that can be told apart: runs of one name get the end of their id. */
function distinct(runs) {
  const names = runs.map(nameOf)
  return names.map((name, index) =>
    (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${runs[index].id.slice(-4)})`))
}
