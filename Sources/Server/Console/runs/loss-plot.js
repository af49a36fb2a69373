/** The loss curves of one run or of several, with the switches a person has over them. */
import '../plot/line-plot.js'
import { axisFor, comparedCurves, curvesOf, pointsOf, weightFor } from './curves.js'
import { h } from '../lib/dom.js'
import { measure } from '../lib/format.js'
import { segments } from '../elements/segments.js'
import { t } from '../lib/i18n.js'

export class LossPlot extends HTMLElement {
  #histories = []
  #names = []

  setUp(preferences) {
    this.preferences = preferences
    this.plot = document.createElement('line-plot')
    this.plot.setUp({ xName: t('plot.step'), format: measure })
    this.slider = h('input', { type: 'range', min: 0, max: 0.99, step: 0.01, oninput: () => this.#choose('smoothing',
      Number(this.slider.value)) })
    this.weight = h('output', {})
    this.scale = segments(t('plot.scale'), [['linear', t('plot.linear')], ['log', t('plot.log')]],
      preferences.get('curves.scale') ?? 'linear', (value) => this.#choose('scale', value))
    this.axis = segments(t('plot.along'), [['step', t('plot.step')], ['tokens', t('plot.tokens')]],
      preferences.get('curves.axis') ?? 'step', (value) => this.#choose('axis', value))
    this.append(h('div', { class: 'plot-controls' }, this.scale, this.axis,
      h('label', { class: 'slider' }, t('plot.smoothing'), this.slider, this.weight)), this.plot)
  }

  /** Shows one history, or several with the names of their runs. */
  show(histories, names = null) {
    this.#histories = histories
    this.#names = names
    this.#draw()
  }

  #choose(name, value) {
    this.preferences.set(`curves.${name}`, value)
    this.#draw()
  }

  #draw() {
    const histories = this.#histories
    const axis = axisFor(this.preferences.get('curves.axis'), histories)
    const weight = weightFor(this.preferences.get('curves.smoothing'), histories)
    this.axis.hidden = axisFor('tokens', histories) !== 'tokens'
    this.slider.value = weight
    this.weight.textContent = weight.toFixed(2)
    this.plot.xName = t(axis === 'tokens' ? 'plot.tokens' : 'plot.step')
    const curves = this.#names ? comparedCurves(histories, { axis, weight }) : curvesOf(histories[0], { axis, weight })
    this.plot.show({ curves: curves.map((curve) => ({ ...curve, name: this.#nameOf(curve) })),
      log: this.preferences.get('curves.scale') === 'log', summary: this.#summary() })
  }

  #nameOf({ key, run }) {
    const what = t(key === 'valid' ? 'plot.valid' : 'plot.train')
    if (!this.#names) return what
    return key === 'valid' ? `${this.#names[run]} · ${what}` : this.#names[run]
  }

  #summary() {
    const said = this.#histories.map((history, index) => summaryOf(history, this.#names?.[index]))
    return said.join(' ') || t('plot.nothing')
  }
}
customElements.define('loss-plot', LossPlot)

function summaryOf(history, name) {
  const train = pointsOf(history, 'train')
  if (train.length === 0) return t('plot.nothing')
  const [[from, first], [to, last]] = [train[0], train.at(-1)]
  const words = t('plot.summary', { from, to, first: measure(first), last: measure(last) })
  const best = history.best
  const valid = best ? ' ' + t('plot.summaryValid', { step: best.step, value: measure(best.valid) }) : ''
  return (name ? `${name}: ` : '') + words + valid
}
