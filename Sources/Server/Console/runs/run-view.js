/** One run: how it is, its curves, what it laid by, what it said, and what can be done with it. */
import './loss-plot.js'
import { actionsFor, isEnded, nameOf } from './run.js'
import { addresses } from '../lib/route.js'
import { checkpointTable, eventLog } from './run-records.js'
import { confirmed } from '../elements/confirm-dialog.js'
import { count, measure, rate } from '../lib/format.js'
import { drawing, h } from '../lib/dom.js'
import { explainProblem, explainTrouble, methodWord, printed, progressWords } from './words.js'
import { facts, linkButton, plainButton, progressBar, statusMark, timesOf } from './run-parts.js'
import { locale, t } from '../lib/i18n.js'
import { noticeCard } from '../elements/notice-card.js'
import { pointsOf } from './curves.js'
import { progressOf } from './history.js'
import { troubleCard } from './run-list.js'

export class RunView extends HTMLElement {
  #shownRevision = null
  #busy = false

  setUp(context, { id }) {
    Object.assign(this, context, { context, run: id, ids: [id] })
    this.className = 'scroller'
    const part = (name) => h('div', { class: name })
    const [notice, head, details, checkpoints, events] =
      ['run-notice', 'run-head', 'run-details', 'run-checkpoints', 'run-events'].map(part)
    this.drawNotice = drawing(notice, (value) => this.#notice(value))
    this.drawHead = drawing(head, (value) => headOf(value))
    this.drawDetails = drawing(details, (value) => this.#details(value))
    this.drawCheckpoints = drawing(checkpoints, ({ list }) => checkpointTable(list))
    this.drawEvents = drawing(events, (messages) => eventLog(messages))
    this.buttons = Object.fromEntries(['pause', 'resume', 'cancel'].map((action) => [action, this.#button(action)]))
    this.beside = linkButton('chat', t('run.chat'), addresses.beside(id), { class: 'main-button with-icon' })
    this.again = plainButton('copy', t('run.again'), () => this.#startAgain())
    this.tools = [...Object.values(this.buttons), this.again, this.beside]
    this.curves = h('section', { class: 'run-curves' }, h('h2', {}, t('run.loss')))
    this.body = h('div', { class: 'wide-column' }, notice, head, this.curves, details, checkpoints, events)
    this.append(this.body)
  }

  get heading() {
    const run = this.runs.get(this.run)
    return run ? nameOf(run) : t('runs.title')
  }

  update() {
    const run = this.runs.get(this.run)
    const { error } = this.runs
    const missing = this.runs.isMissing(this.run)
    this.drawNotice({ missing, error: error && { kind: error.kind, details: error.details }, has: Boolean(run),
      problem: run?.error })
    this.#drawTools(run)
    for (const part of this.body.children) if (part !== this.body.firstChild) part.hidden = !run
    if (!run) return
    const history = this.runs.history(run.id)
    const progress = progressOf(run, history, this.runs.now())
    this.drawHead({ run, progress, words: progressWords(run, progress), times: timesOf(run, this.runs.now()) })
    this.drawDetails({ run, files: [run.training, run.validation].map((file) => file && this.runs.fileName(file)) })
    this.drawCheckpoints({ list: this.runs.checkpoints(run.id) ?? [] })
    this.drawEvents(history?.messages ?? [])
    this.#drawCurves(history)
  }

  #notice({ missing, error, has, problem }) {
    if (missing) return noticeCard({ title: t('run.missing'), text: t('run.missingText'), tone: 'plain' },
      linkButton(null, t('runs.all'), addresses.list))
    return [error && troubleCard(error, this.context, has), problem && noticeCard(explainProblem(problem)),
      !has && !error && h('p', { class: 'nothing', role: 'status' }, t('runs.loading'))]
  }

  #drawTools(run) {
    const possible = run ? actionsFor(run) : []
    const focused = Object.values(this.buttons).find((button) => button === document.activeElement)
    for (const [action, button] of Object.entries(this.buttons)) {
      button.hidden = !possible.includes(action)
      button.setAttribute('aria-disabled', String(this.#busy))
    }
    this.beside.hidden = !run?.model
    this.again.hidden = !run || !isEnded(run)
    if (focused?.hidden) this.tools.find((tool) => !tool.hidden)?.focus()
  }

  #drawCurves(history) {
    const points = history?.points ?? []
    const revision = `${history?.revision} ${points.length}`
    if (revision === this.#shownRevision) return
    this.#shownRevision = revision
    if (points.length === 0) return this.curves.replaceChildren(h('h2', {}, t('run.loss')),
      h('p', { class: 'nothing' }, t('plot.nothing')))
    if (!this.plot?.isConnected) this.#makePlots()
    this.plot.show([history])
    this.speed.show(small(history, 'perSecond', 0, t('plot.speed')))
    this.pace.show(small(history, 'learningRate', 2, t('plot.learningRate')))
  }

  #makePlots() {
    this.plot = document.createElement('loss-plot')
    this.plot.setUp(this.preferences)
    const plots = [(value) => rate(value, locale()), measure].map((format) => {
      const plot = document.createElement('line-plot')
      plot.setUp({ xName: t('plot.step'), format })
      return plot
    })
    ;[this.speed, this.pace] = plots
    this.curves.replaceChildren(h('h2', {}, t('run.loss')), this.plot,
      h('details', { class: 'more-plots' }, h('summary', {}, t('run.morePlots')),
        h('div', { class: 'small-plots' }, plots)))
  }

  #details({ run, files: [training, validation] }) {
    const { epochs, batch, multiplier, beta, seed } = run.settings
    const setting = (value) => printed('setting', value)
    return h('section', {}, h('h2', {}, t('run.settings')), facts([
      [t('compare.base'), run.base], [t('compare.method'), methodWord(run.method)], [t('compare.training'), training],
      [t('compare.validation'), validation], [t('compare.epochs'), setting(epochs)],
      [t('compare.batch'), setting(batch)],
      [t('compare.multiplier'), setting(multiplier)], [t('compare.beta'), beta === null ? null : setting(beta)],
      [t('compare.seed'), seed === null ? null : String(seed)], [t('run.model'), run.model], [t('run.id'), run.id]]))
  }

  #button(action) {
    const drawings = { pause: 'pause', resume: 'play', cancel: 'stop' }
    return plainButton(drawings[action], t(`run.${action}`), () => this.#act(action))
  }

  async #act(action) {
    if (this.#busy) return
    if (action === 'cancel' && !(await confirmed({ title: t('run.cancelTitle'), text: t('run.cancelText'),
      yes: t('run.cancel'), no: t('run.keep') }))) return
    this.#busy = true
    this.update()
    try {
      await this.runs.act(this.run, action)
      this.announce(t(`run.${action}Done`))
    } catch (error) {
      const { title, said } = explainTrouble(error)
      this.toasts.show(said || title)
    }
    this.#busy = false
    this.update()
    this.look()
  }

  #startAgain() {
    this.start.like(this.runs.get(this.run))
    location.hash = addresses.start
  }
}
customElements.define('run-view', RunView)

const headOf = ({ run, progress, words, times }) => [
  h('div', { class: 'run-line' }, statusMark(run.status), h('span', { class: 'run-base' }, run.base),
    times.map((text) => h('span', { class: 'soft' }, text))),
  ['running', 'paused'].includes(run.status) && progressBar({ share: progress.share, label: t('run.progress') }),
  words.length > 0 && h('div', { class: 'run-line run-progress' }, words.map((text) => h('span', {}, text))),
]

function small(history, name, color, label) {
  const points = pointsOf(history, name)
  const last = points.at(-1)
  return { curves: points.length ? [{ name: label, kind: 'line', color, points }] : [], log: false,
    summary: last ? `${label}: ${count(last[1], locale())}` : t('plot.nothing') }
}
