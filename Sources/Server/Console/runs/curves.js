/** The curves of runs: which lines a plot shows of their histories. No DOM. */
import { customaryWeight, smoothed } from '../plot/curve.js'

/** The axis that curves are drawn along: steps, or tokens where every run tells them. */
export const axes = ['step', 'tokens']
export const axisFor = (wanted, histories) => (wanted === 'tokens' && histories.every(tellsTokens) ? 'tokens' : 'step')
const tellsTokens = ({ points }) => points.every(({ tokens }) => tokens !== null)

/** The points `[x, y]` of one measure, missing ones left out. */
export const pointsOf = (history, measure, axis = 'step') =>
  history.points.filter((point) => point[measure] !== null).map((point) => [point[axis], point[measure]])

/** The smoothing that is used: the one a person chose, or what suits the longest of the runs. */
export const weightFor = (chosen, histories) =>
  chosen ?? customaryWeight(Math.max(0, ...histories.map(({ points }) => points.length)))

/** The curves of one run: `[{ key, kind, color, points }]`; `kind` is `faint`, `line` or `dots`. */
export function curvesOf(history, { axis, weight }) {
  const train = pointsOf(history, 'train', axis)
  const valid = pointsOf(history, 'valid', axis)
  const raw = weight > 0 ? [{ key: 'raw', kind: 'faint', color: 0, points: train }] : []
  return [...raw, { key: 'train', kind: 'line', color: 0, points: smoothed(train, weight) },
    { key: 'valid', kind: 'dots', color: 1, points: valid }].filter(({ points }) => points.length > 0)
}

/** The curves of several runs: for each, in a colour of its own, training and validation. */
export function comparedCurves(histories, { axis, weight }) {
  return histories.flatMap((history, index) => [
    { key: 'train', run: index, kind: 'line', color: index,
      points: smoothed(pointsOf(history, 'train', axis), weight) },
    { key: 'valid', run: index, kind: 'dots', color: index, points: pointsOf(history, 'valid', axis) },
  ]).filter(({ points }) => points.length > 0)
}
