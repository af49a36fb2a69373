/** All runs as a table: how each is, how far, and which of them to compare. */
import { addresses, mostCompared } from '../lib/route.js'
import { clip } from '../lib/format.js'
import { explainTrouble, lacksTraining, methodWord, progressWords } from './words.js'
import { h, icon, keepChildren } from '../lib/dom.js'
import { keyForm } from '../elements/key-form.js'
import { linkButton, plainButton, progressBar, statusMark, timesOf } from './run-parts.js'
import { nameOf } from './run.js'
import { noticeCard } from '../elements/notice-card.js'
import { progressOf } from './history.js'
import { t } from '../lib/i18n.js'

export class RunList extends HTMLElement {
  #rows = new Map()
  #chosen = new Set()
  #notice = null

  setUp(context) {
    Object.assign(this, context)
    this.context = context
    this.className = 'scroller'
    this.compare = plainButton('sliders', '', () => { location.hash = addresses.compare([...this.#chosen]) })
    this.tools = [this.compare, linkButton('plus', t('runs.new'), addresses.start, { class: 'main-button with-icon' })]
    this.notice = h('div', {})
    this.rows = h('div', { class: 'run-rows', role: 'list', 'aria-label': t('runs.list') })
    this.older = plainButton('down', t('runs.older'), () => this.#older())
    this.append(h('div', { class: 'wide-column' }, this.notice, this.rows, this.older))
  }

  get heading() { return t('runs.title') }

  update() {
    const { list, error, more } = this.runs
    this.#drawNotice(list, error)
    keepChildren(this.rows, (list ?? []).map((run) => this.#row(run)))
    this.older.hidden = !more
    this.#drawCompare()
    this.tools[1].hidden = list === null && error !== null
  }

  #drawNotice(list, error) {
    const listed = list === null ? 'loading' : list.length ? 'some' : 'none'
    const state = error ? `${error.kind} ${error.details?.status} ${listed}` : listed
    if (state === this.#notice) return
    this.#notice = state
    this.notice.replaceChildren(...this.#noticeOf(list, error, state))
  }

  #noticeOf(list, error, state) {
    if (state === 'loading') return [h('p', { class: 'nothing', role: 'status' }, t('runs.loading'))]
    if (error) return [troubleCard(error, this.context, list !== null)]
    return state === 'none' ? [emptyRuns()] : []
  }

  #row(run) {
    const progress = progressOf(run, this.runs.history(run.id), this.runs.now())
    const state = JSON.stringify([run, progress, this.#chosen.has(run.id)])
    const row = this.#rows.get(run.id) ?? this.#newRow(run)
    this.#rows.set(run.id, row)
    if (row.dataset.state === state) return row
    row.dataset.state = state
    row.querySelector('.run-body').replaceChildren(...rowBody(run, progress, this.runs.now()))
    return row
  }

  #newRow(run) {
    const label = t('runs.choose', { name: nameOf(run) })
    const box = h('input', { type: 'checkbox', 'aria-label': label, title: label,
      onchange: () => this.#choose(run.id, box) })
    const link = h('a', { class: 'run-link', href: addresses.run(run.id) },
      h('span', { class: 'run-name' }, nameOf(run)))
    return h('div', { class: 'run-row', role: 'listitem' }, box, link, h('div', { class: 'run-body' }))
  }

  #choose(id, box) {
    if (box.checked && this.#chosen.size >= mostCompared) {
      box.checked = false
      return this.toasts.show(t('runs.tooMany', { count: mostCompared }))
    }
    if (box.checked) this.#chosen.add(id)
    else this.#chosen.delete(id)
    this.#drawCompare()
  }

  #drawCompare() {
    this.compare.hidden = (this.runs.list ?? []).length < 2
    this.compare.disabled = this.#chosen.size < 2
    const count = this.#chosen.size
    this.compare.replaceChildren(icon('sliders'), count ? t('runs.compareCount', { count }) : t('runs.compare'))
    this.compare.title = this.#chosen.size < 2 ? t('runs.compareHint') : ''
  }

  async #older() {
    this.older.disabled = true
    await this.runs.older().catch((error) => this.toasts.show(explainTrouble(error).title))
    this.older.disabled = false
  }
}
customElements.define('run-list', RunList)

function rowBody(run, progress, now) {
  const words = progressWords(run, progress)
  const isUnderWay = ['running', 'paused'].includes(run.status)
  return [
    h('div', { class: 'run-line' }, statusMark(run.status), h('span', { class: 'run-base' }, run.base),
      h('span', {}, methodWord(run.method))),
    isUnderWay ? progressBar({ share: progress.share, label: nameOf(run) }) : null,
    run.error && h('p', { class: 'run-problem' }, clip(run.error.message || run.error.code, 160)),
    h('div', { class: 'run-line soft' },
      [...(isUnderWay ? words : []), ...timesOf(run, now)].map((text) => h('span', {}, text))),
  ].filter(Boolean)
}

/** What stands where the runs would be; `stale`: they are there, but may be old. */
export function troubleCard(error, { useKey, look }, stale = false) {
  const words = explainTrouble(error)
  if (error.kind === 'unauthorized') return noticeCard(words, keyForm(useKey))
  const again = h('button', { type: 'button', class: 'plain-button', onclick: look }, t('action.retry'))
  if (stale) return noticeCard({ ...words, text: t('trouble.stale'), tone: 'plain' }, again)
  return noticeCard({ ...words, tone: lacksTraining(error) ? 'plain' : 'danger' }, again)
}

const emptyRuns = () => h('section', { class: 'empty-runs' },
  h('h2', {}, t('runs.empty')), h('p', {}, t('runs.emptyText')),
  h('ol', {}, ['runs.emptyData', 'runs.emptyStart', 'runs.emptyChat'].map((key) => h('li', {}, t(key)))),
  h('a', { class: 'main-button with-icon', href: addresses.start }, icon('plus'), t('runs.new')))
