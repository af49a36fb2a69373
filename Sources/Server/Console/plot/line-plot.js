/**
 * Draws curves as SVG, with the values at a place that the pointer or the arrow keys choose, and the same as a table.
 *
 *     plot.setUp({ xName: 'step', format: String })
 *     plot.show({ curves: [{ name: 'Training', kind: 'line', color: 0, points: [[1, 2.5], …] }], log: true, summary })
 *
 * `kind` is `line`, `faint` (behind the others, not named) or `dots` (a dashed line with a mark at each point).
 */
import { compact } from '../lib/format.js'
import { core, nearest, pathOf, sampled, thinned } from './curve.js'
import { drawing, h, s } from '../lib/dom.js'
import { extent, scaleFor } from './scale.js'
import { locale, t } from '../lib/i18n.js'

const margin = { top: 10, right: 14, bottom: 26, left: 54 }
const inset = 5
const rows = 12

export class LinePlot extends HTMLElement {
  #shown = null
  #size = { width: 0, height: 0 }
  #at = null
  #axes = null
  #observer = new ResizeObserver(([{ contentRect }]) => this.#resize(contentRect))

  setUp({ xName, format }) {
    Object.assign(this, { xName, format })
    this.drawing = s('svg', { class: 'plot-drawing', 'aria-hidden': 'true' })
    this.legend = h('div', { class: 'plot-legend' })
    this.area = h('div', { class: 'plot-area', tabindex: 0, role: 'img', onkeydown: (event) => this.#key(event),
      onpointermove: (event) => this.#point(event), onpointerdown: (event) => this.#point(event),
      onpointerleave: () => this.#look(null), onblur: () => this.#look(null) }, this.drawing)
    this.heard = h('div', { class: 'visually-hidden', 'aria-live': 'polite' })
    this.table = h('div', { class: 'wide-table', tabindex: 0 })
    this.drawTable = drawing(this.table, (value) => this.#tableOf(value))
    this.folded = h('details', { class: 'plot-table', ontoggle: () => this.#fillTable() },
      h('summary', {}, t('plot.table')), this.table)
    this.append(this.legend, this.area, this.heard, this.folded)
  }

  connectedCallback() { this.#observer.observe(this.area) }
  disconnectedCallback() { this.#observer.disconnect() }

  show(shown) {
    this.#shown = shown
    this.area.setAttribute('aria-label', shown.summary)
    this.#draw()
    this.#fillTable()
  }

  #resize({ width, height }) {
    this.#size = { width, height }
    this.#draw()
  }

  get #named() { return this.#shown.curves.filter(({ kind }) => kind !== 'faint') }

  #draw() {
    const { width, height } = this.#size
    if (!this.#shown || width < 80) return
    const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom }
    this.#axes = axesOf(this.#shown, inner)
    const { x, y } = this.#axes
    this.cursor = s('g', { class: 'plot-cursor' })
    const field = s('svg', { x: margin.left, y: margin.top, ...inner },
      this.#shown.curves.map((curve) => drawn(curve, x, y, inner.width)), this.cursor)
    this.drawing.setAttribute('viewBox', `0 0 ${width} ${height}`)
    this.drawing.replaceChildren(...grid(this.#axes, inner), ...this.#labels(inner), field)
    this.#look(this.#at)
  }

  #labels({ width, height }) {
    const { x, y } = this.#axes
    const count = Math.max(2, Math.floor(width / 70))
    const below = x.ticks(count).filter((value) => x.place(value) < width - 34).map((value) =>
      s('text', { x: margin.left + x.place(value), y: margin.top + height + 18, 'text-anchor': 'middle' },
        compact(value, locale())))
    const beside = y.ticks(Math.max(2, Math.floor(height / 44))).map((value) =>
      s('text', { x: margin.left - 8, y: margin.top + y.place(value) + 4, 'text-anchor': 'end' }, tickText(value)))
    const name = s('text', { x: margin.left + width, y: margin.top + height + 18, 'text-anchor': 'end' }, this.xName)
    return [...below, ...beside, name]
  }

  /** Shows the values at `at`, or the last ones for null. */
  #look(at) {
    this.#at = at
    const readings = this.#named.map((curve) =>
      ({ ...curve, point: curve.points[nearest(curve.points, at ?? Infinity)] }))
    const step = at === null ? null : readings[0]?.point[0]
    this.legend.replaceChildren(
      ...readings.map(({ name, kind, color, point }) => h('span', { class: `plot-name series-${color}` }, sample(kind),
        h('span', {}, name), h('b', {}, this.format(point[1])))),
      step === null ? '' : h('span', { class: 'plot-place' }, `${this.xName} ${compact(step, locale())}`))
    if (!this.cursor) return
    const { x, y, height } = this.#axes
    this.cursor.replaceChildren(...(step === null ? [] : [
      s('line', { x1: x.place(step), x2: x.place(step), y1: 0, y2: height }),
      ...readings.map(({ color, point }) =>
        s('circle', { class: `series-${color}`, cx: x.place(point[0]), cy: y.place(point[1]) || 0, r: 4 }))]))
  }

  #point({ clientX }) {
    if (!this.#axes || this.#named.length === 0) return
    const { left } = this.area.getBoundingClientRect()
    this.#look(this.#axes.x.value(clientX - left - margin.left))
  }

  /** Arrows walk along the first curve, Home and End to its ends; Escape lets go. */
  #key(event) {
    const points = this.#shown && this.#named[0]?.points
    if (!points || !this.#axes) return
    const stride = event.shiftKey ? 10 : 1
    const here = this.#at === null ? points.length - 1 : nearest(points, this.#at)
    const places = { ArrowLeft: here - stride, ArrowRight: here + stride, Home: 0, End: points.length - 1 }
    if (event.key === 'Escape' && this.#at !== null) this.#look(null)
    else if (event.key in places) this.#look(points[Math.min(Math.max(places[event.key], 0), points.length - 1)][0])
    else return
    event.preventDefault()
    event.stopPropagation()
    this.heard.textContent = this.legend.innerText.replace(/\s+/g, ' ')
  }

  #fillTable() { if (this.folded.open && this.#shown) this.drawTable(this.#named) }

  #tableOf(curves) {
    const longest = curves.reduce((a, b) => (b.points.length > a.points.length ? b : a), { points: [] })
    const head = h('tr', {}, h('th', { scope: 'col' }, this.xName),
      curves.map(({ name }) => h('th', { scope: 'col' }, name)))
    const body = sampled(longest.points, rows).map(([at]) => h('tr', {},
      h('th', { scope: 'row' }, compact(at, locale())),
      curves.map(({ points }) => h('td', {}, this.format(points[nearest(points, at)][1])))))
    return h('table', {}, h('thead', {}, head), h('tbody', {}, body))
  }
}
customElements.define('line-plot', LinePlot)

function axesOf({ curves, log }, { width, height }) {
  const xs = curves.flatMap(({ points }) => [points[0][0], points.at(-1)[0]])
  const ys = curves.flatMap(({ kind, points }) => {
    const values = points.map(([, value]) => value)
    return kind === 'faint' ? core(values) : values
  })
  const [low, high] = xs.length ? [Math.min(...xs), Math.max(...xs)] : [0, 1]
  return { width, height, x: scaleFor([low, high > low ? high : low + 1], [inset, width - inset]),
    y: scaleFor(extent(ys, { log }), [height - 1, 1], { log }) }
}

function grid({ x, y }, { width, height }) {
  const across = y.ticks(Math.max(2, Math.floor(height / 44))).map((value) =>
    s('line', { class: 'plot-grid', x1: margin.left, x2: margin.left + width, y1: margin.top + y.place(value),
      y2: margin.top + y.place(value) }))
  const floor = s('line', { class: 'plot-floor', x1: margin.left, x2: margin.left + width, y1: margin.top + height,
    y2: margin.top + height })
  const bottom = margin.top + height
  const marks = x.ticks(Math.max(2, Math.floor(width / 70))).map((value) => s('line', { class: 'plot-floor',
    x1: margin.left + x.place(value), x2: margin.left + x.place(value), y1: bottom, y2: bottom + 4 }))
  return [...across, floor, ...marks]
}

function drawn({ kind, color, points }, x, y, width) {
  const path = s('path', { class: `plot-${kind} series-${color}`, d: pathOf(thinned(points, width), x.place, y.place) })
  if (kind !== 'dots') return path
  const marks = sampled(points, 60).filter(([, value]) => Number.isFinite(y.place(value)))
    .map(([at, value]) => s('circle', { class: `plot-mark series-${color}`, cx: x.place(at).toFixed(1),
      cy: y.place(value).toFixed(1), r: 2.75 }))
  return [path, marks]
}

/** A bit of the line, for its name. */
const sample = (kind) => s('svg', { class: 'plot-sample', viewBox: '0 0 22 10', 'aria-hidden': 'true' },
  s('path', { class: `plot-${kind}`, d: 'M1 5L21 5' }),
  kind === 'dots' ? s('circle', { class: 'plot-mark', cx: 11, cy: 5, r: 3 }) : null)

const tickText = (value) => (value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(0) : String(value))
