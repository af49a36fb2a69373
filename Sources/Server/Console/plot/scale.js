/** Maps values to places on an axis, linearly or by their logarithm, and finds the round numbers to mark. No DOM. */

/** A scale from `[low, high]` to `[from, to]`. Where a logarithm has no meaning, the scale is linear. */
export function scaleFor([low, high], [from, to], { log = false } = {}) {
  const isLog = log && low > 0
  const [a, b] = isLog ? [Math.log10(low), Math.log10(high)] : [low, high]
  const span = b - a || 1
  const place = (value) => from + (((isLog ? Math.log10(value) : value) - a) / span) * (to - from)
  const value = (at) => {
    const inner = a + ((at - from) / (to - from)) * span
    return isLog ? 10 ** inner : inner
  }
  return { place, value, isLog, ticks: (count) => (isLog ? logTicks(low, high, count) : linearTicks(low, high, count)) }
}

/** Round numbers, 1, 2 or 5 times a power of ten apart, about `count` of them. */
export function linearTicks(low, high, count) {
  if (!(high > low)) return [low]
  const rough = (high - low) / Math.max(count, 1)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].find((each) => each * power >= rough * 0.999) * power
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}

/** 1, 2, 5, 10, 20 …; where fewer than three of them lie between the ends, round numbers as on a linear axis. */
export function logTicks(low, high, count) {
  const powers = Array.from({ length: 24 }, (_, index) => index - 12)
  const all = powers.flatMap((power) => [1, 2, 5].map((each) => Number(`${each}e${power}`)))
    .filter((each) => each >= low * 0.999 && each <= high * 1.001)
  if (all.length < 3) return linearTicks(low, high, count)
  const decades = all.filter((each) => /^1(e|0*$)|^0\.0*1$/.test(String(each)))
  return all.length <= count * 1.5 || decades.length < 3 ? all : decades
}

/** The ends of an axis that shows these values, with a little room; for a logarithm the room is a factor. */
export function extent(values, { log = false } = {}) {
  const fit = values.filter((value) => Number.isFinite(value) && (!log || value > 0))
  if (fit.length === 0) return log ? [0.1, 1] : [0, 1]
  const low = fit.reduce((a, b) => Math.min(a, b))
  const high = fit.reduce((a, b) => Math.max(a, b))
  if (log) return low === high ? [low / 2, high * 2] : [low * (low / high) ** 0.06, high * (high / low) ** 0.06]
  const room = (high - low || Math.abs(high) || 1) * 0.06
  return [low - room, high + room]
}
