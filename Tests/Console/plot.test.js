import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extent, linearTicks, logTicks, scaleFor } from '../../Sources/Server/Console/plot/scale.js'
import {
  core, customaryWeight, nearest, pathOf, sampled, smoothed, thinned,
} from '../../Sources/Server/Console/plot/curve.js'

for (const [low, high, count, ticks] of [
  [0, 10, 5, [0, 2, 4, 6, 8, 10]], [0.62, 2.58, 4, [1, 1.5, 2, 2.5]], [0, 1, 4, [0, 0.5, 1]], [-3, 3, 3, [-2, 0, 2]],
  [0, 0.0004, 4, [0, 0.0001, 0.0002, 0.0003, 0.0004]], [1, 400, 4, [100, 200, 300, 400]], [5, 5, 3, [5]],
])
  test(`round numbers from ${low} to ${high}`, () => assert.deepEqual(linearTicks(low, high, count), ticks))

for (const [low, high, ticks] of [
  [0.4, 30, [0.5, 1, 2, 5, 10, 20]], [1e-5, 1e2, [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100]],
  [1.1, 1.9, [1.2, 1.4, 1.6, 1.8]], [1, 10, [1, 2, 5, 10]],
])
  test(`round numbers on a logarithmic axis from ${low} to ${high}`, () => assert.deepEqual(logTicks(low, high, 4),
    ticks))

for (const log of [false, true])
  test(`a place gives back its value, ${log ? 'logarithmic' : 'linear'}`, () => {
    const { place, value } = scaleFor([0.5, 8], [200, 0], { log })
    assert.deepEqual([place(0.5), place(8)], [200, 0])
    for (const each of [0.5, 1, 3, 8]) assert.ok(Math.abs(value(place(each)) - each) < 1e-9)
    assert.equal(Math.round(place(2)), log ? 100 : 160)
  })

test('an axis without a logarithm is linear', () => {
  assert.equal(scaleFor([-1, 2], [0, 1], { log: true }).isLog, false)
  assert.equal(scaleFor([0, 2], [0, 1], { log: true }).isLog, false)
})

test('the ends of an axis leave room and pass over what is no number', () => {
  assert.deepEqual(extent([1, NaN, 2, null, Infinity]).map((end) => end.toFixed(2)), ['0.94', '2.06'])
  assert.deepEqual(extent([]), [0, 1])
  assert.deepEqual(extent([0, -1], { log: true }), [0.1, 1])
  const [low, high] = extent([3], {})
  assert.ok(low < 3 && high > 3)
  const [small, large] = extent([0.1, 10, 0], { log: true })
  assert.ok(small > 0 && small < 0.1 && large > 10)
})

test('a smoothed line is the plain weighted mean of what came before', () => {
  const values = [4, 1, 7, 3, 9, 2]
  const weight = 0.7
  const slow = values.map((_, end) => {
    const shares = values.slice(0, end + 1).map((value, index) => [value, weight ** (end - index)])
    return shares.reduce((sum, [value, share]) => sum + value * share, 0) / shares.reduce((sum, [, share]) => sum
      + share, 0)
  })
  const fast = smoothed(values.map((value, index) => [index, value]), weight)
  fast.forEach(([, value], index) => assert.ok(Math.abs(value - slow[index]) < 1e-12))
  assert.equal(fast[0][1], 4)
})

test('without weight nothing is smoothed, and a gap stays a gap', () => {
  const points = [[1, 2], [2, NaN], [3, 4]]
  assert.equal(smoothed(points, 0), points)
  assert.ok(Number.isNaN(smoothed(points, 0.5)[1][1]))
  assert.ok(Number.isFinite(smoothed(points, 0.5)[2][1]))
  assert.ok(customaryWeight(5) === 0 && customaryWeight(5000) < 1)
})

test('thinning keeps the ends, the peaks and the order', () => {
  const points = Array.from({ length: 50_000 }, (_, index) => [index, Math.sin(index / 50)
    + (index === 31_234 ? 9 : 0)])
  const kept = thinned(points, 300)
  assert.ok(kept.length <= 1204, `${kept.length}`)
  assert.deepEqual([kept[0], kept.at(-1)], [points[0], points.at(-1)])
  assert.ok(kept.some(([x]) => x === 31_234))
  assert.ok(kept.every(([x], index) => index === 0 || x > kept[index - 1][0]))
  assert.equal(thinned(points.slice(0, 10), 300).length, 10)
})

test('a path breaks where a value is missing or cannot be placed', () => {
  const x = (value) => value
  assert.equal(pathOf([[0, 1], [1, 2], [2, NaN], [3, 4]], x, (value) => value), 'M0.0 1.0L1.0 2.0M3.0 4.0')
  assert.equal(pathOf([[0, 0], [1, 10]], x, Math.log10), 'M1.0 1.0')
  assert.equal(pathOf([], x, x), '')
})

test('the nearest point is the one a plain search finds', () => {
  const points = [1, 2, 4, 8, 16].map((x) => [x, 0])
  for (let x = -1; x < 20; x += 0.25) {
    const distances = points.map(([at]) => Math.abs(at - x))
    assert.equal(distances[nearest(points, x)], Math.min(...distances), `${x}`)
  }
  assert.deepEqual([nearest(points, Infinity), nearest(points, -Infinity), nearest([], 3)], [4, 0, -1])
})

test('a sample has both ends', () => {
  const points = Array.from({ length: 101 }, (_, index) => [index, index])
  assert.deepEqual(sampled(points, 5).map(([x]) => x), [0, 25, 50, 75, 100])
  assert.equal(sampled(points.slice(0, 3), 5).length, 3)
})

test('one spike in many does not set the scale', () => {
  const values = [...Array.from({ length: 200 }, (_, index) => index / 200), 1000]
  assert.ok(Math.max(...core(values)) <= 1)
  assert.equal(Math.max(...core([1, 2, 1000])), 1000)
})
