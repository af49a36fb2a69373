/** A table of runs side by side: their settings, their results, and where they differ. No DOM. */
import { isEnded } from './run.js'
import { pointsOf, weightFor } from './curves.js'
import { smoothed } from '../plot/curve.js'

/** `[{ name, kind, values, differs, best }]`; `kind` says how to print; `best` are the indices of the best values. */
export function comparison(entries, now) {
  const rows = [
    row('status', 'status', entries, ({ run }) => run.status),
    row('base', 'text', entries, ({ run }) => run.base),
    row('method', 'method', entries, ({ run }) => run.method),
    row('training', 'file', entries, ({ run }) => run.training),
    row('validation', 'file', entries, ({ run }) => run.validation),
    ...['epochs', 'batch', 'multiplier', 'beta', 'seed'].map((name) =>
      row(name, 'setting', entries, ({ run }) => run.settings[name])),
    row('steps', 'count', entries, ({ history }) => history?.latest?.step ?? null),
    row('tokens', 'count', entries, ({ run, history }) => run.tokens ?? history?.latest?.tokens ?? null),
    row('trainLoss', 'loss', entries, ({ history }) => lastLoss(history), least),
    row('validLoss', 'loss', entries, ({ history }) => history?.best?.valid ?? null, least),
    row('perSecond', 'rate', entries, ({ history }) => speedOf(history)),
    row('took', 'duration', entries, ({ run }) => durationOf(run, now)),
  ]
  return rows.filter(({ values }) => values.some((value) => value !== null))
}

const least = (values) => Math.min(...values)

function row(name, kind, entries, value, pick = null) {
  const values = entries.map(value)
  const known = values.filter(Number.isFinite)
  const best = pick && new Set(known).size > 1 ? pick(known) : null
  return { name, kind, values, differs: new Set(values.map(String)).size > 1,
    best: best === null ? [] : values.flatMap((each, index) => (each === best ? [index] : [])) }
}

/** The training loss at the end, smoothed: a single batch says little. */
export function lastLoss(history) {
  if (!history) return null
  const points = pointsOf(history, 'train')
  return smoothed(points, weightFor(null, [history])).at(-1)?.[1] ?? null
}

/** The middle of the rates that were told. */
export function speedOf(history) {
  const rates = (history?.points ?? []).map(({ perSecond }) => perSecond).filter((each) => each !== null)
  return rates.length ? rates.sort((a, b) => a - b)[Math.floor(rates.length / 2)] : null
}

export const durationOf = (run, now) => (run.created ? (isEnded(run) ? run.finished ?? now : now) - run.created : null)
