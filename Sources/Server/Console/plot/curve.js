/** What is drawn of a row of points `[x, y]`: smoothed, thinned, as a path, and read at a place. No DOM. */

/**
 * An exponential moving average whose beginning is not drawn towards nought: the running sum is divided by the weight
 * it has (Kingma & Ba 2014, § 3, for the same average). `weight` from 0, as it is, to nearly 1.
 */
export function smoothed(points, weight) {
  if (weight <= 0) return points
  let sum = 0
  let share = 0
  return points.map(([x, y]) => {
    if (!Number.isFinite(y)) return [x, y]
    sum = weight * sum + (1 - weight) * y
    share = weight * share + (1 - weight)
    return [x, sum / share]
  })
}

/** How much to smooth so many points, where nobody said. */
export const customaryWeight = (count) => (count < 20 ? 0 : count < 200 ? 0.6 : count < 1000 ? 0.85 : 0.95)

/** At most four points for each of `columns`: first, lowest, highest, last. What is left draws the same line. */
export function thinned(points, columns) {
  if (points.length <= columns * 4) return points
  const [low, high] = [points[0][0], points.at(-1)[0]]
  const width = (high - low) / columns || 1
  const kept = []
  for (let start = 0; start < points.length; ) {
    const column = Math.floor((points[start][0] - low) / width)
    let end = start + 1
    while (end < points.length && Math.floor((points[end][0] - low) / width) === column) end += 1
    kept.push(...outline(points, start, end))
    start = end
  }
  return kept
}

function outline(points, start, end) {
  let [least, most] = [start, start]
  for (let index = start; index < end; index += 1) {
    if (points[index][1] < points[least][1]) least = index
    if (points[index][1] > points[most][1]) most = index
  }
  return [...new Set([start, least, most, end - 1])].sort((a, b) => a - b).map((index) => points[index])
}

/** The `d` of an SVG path. Where a value is missing, or cannot be placed, the line is broken. */
export function pathOf(points, x, y) {
  let path = ''
  let drawing = false
  for (const [at, value] of points) {
    const place = Number.isFinite(value) ? y(value) : NaN
    if (Number.isFinite(place)) path += `${drawing ? 'L' : 'M'}${x(at).toFixed(1)} ${place.toFixed(1)}`
    drawing = Number.isFinite(place)
  }
  return path
}

/** The index of the point nearest to `x`; -1 where there is none. */
export function nearest(points, x) {
  let [low, high] = [0, points.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle][0] < x) low = middle + 1
    else high = middle
  }
  return low > 0 && x - points[low - 1][0] <= points[low][0] - x ? low - 1 : Math.min(low, points.length - 1)
}

/** About `count` of the points, evenly, the first and the last among them. */
export function sampled(points, count) {
  if (points.length <= count) return points
  return Array.from({ length: count }, (_, index) => points[Math.round((index * (points.length - 1)) / (count - 1))])
}

/** The values between which all but the outermost hundredth lie, so that one spike does not flatten a curve. */
export function core(values) {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort()
  const edge = sorted.length < 50 ? 0 : Math.floor(sorted.length / 100)
  return [...sorted.subarray(edge, sorted.length - edge)]
}
