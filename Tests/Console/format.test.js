import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bytes, clip, compact, contextSize, dateGroup, duration, groupByDate, measure, rate, seconds, timestamp, titleFrom,
} from '../../Sources/Server/Console/lib/format.js'

const now = new Date(2026, 2, 15, 12).getTime()
const at = (...date) => new Date(2026, ...date).getTime()

for (const [time, group] of [
  [at(2, 15, 0, 0), 'today'], [at(2, 15, 23), 'today'], [at(2, 14, 23, 59), 'yesterday'], [at(2, 14, 0), 'yesterday'],
  [at(2, 13, 23), 'week'], [at(2, 8, 0), 'week'], [at(2, 7, 23), 'month'], [at(1, 13, 0), 'month'], [at(0, 1), 'older'],
])
  test(`${new Date(time).toISOString()} is ${group}`, () => assert.equal(dateGroup(time, now), group))

test('groups are in order and none is empty', () => {
  const items = [at(0, 1), now, at(2, 14, 5), now - 1].map((updated) => ({ updated }))
  assert.deepEqual(groupByDate(items, now).map(({ group, items }) => [group, items.length]),
    [['today', 2], ['yesterday', 1], ['older', 1]])
  assert.deepEqual(groupByDate([], now), [])
})

for (const [text, title] of [
  ['Hello there', 'Hello there'],
  ['\n\n  ## What is *this*?\nmore', 'What is *this*?'],
  ['一二三四五六七八九十一二三四五六七八九十一二三四五', '一二三四五六七八九十一二三四五六七八九十一二三四…'],
  ['```\ncode\n```', 'code'],
  ['   ', ''],
  ['- - -', ''],
])
  test(`title of ${JSON.stringify(text)}`, () => assert.equal(titleFrom(text), title))

test('no character is cut in two', () => {
  assert.equal(clip('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 1), '👨‍👩‍👧‍👦…')
  assert.equal(clip('e\u0301e\u0301', 1), 'e\u0301…')
})

test('lengths, rates and times are short', () => {
  assert.deepEqual([512, 2048, 32768, 131072].map(contextSize), ['512', '2k', '32k', '128k'])
  assert.deepEqual([rate(7.26, 'en'), rate(42.4, 'en')], ['7.3', '42'])
  assert.deepEqual([seconds(345, 'en'), seconds(1250, 'en'), seconds(42000, 'en')], ['0.35s', '1.3s', '42s'])
})

test('a time can be part of a file name', () => {
  assert.equal(timestamp(new Date(2026, 10, 3, 9, 5).getTime()), '2026-11-03 09.05')
})

for (const [time, text] of [[0, '0s'], [400, '0s'], [59_000, '59s'], [60_000, '1m'], [61_000, '1m 1s'], [3_600_000,
  '1h'],
  [7_384_000, '2h 3m'], [90_000_000, '1d 1h'], [-5, '0s']])
  test(`${time} ms are ${text}`, () => assert.equal(duration(time, 'en'), text))

for (const [value, text] of [[0.84321, '0.8432'], [12.3456, '12.35'], [1234.5, '1235'], [0, '0.0000'], [0.0002,
  '2.00e-4'],
  [1.5e6, '1.50e6'], [NaN, '–'], [null, '–']])
  test(`a measure of ${value} is ${text}`, () => assert.equal(measure(value), text))

test('sizes and large numbers are short', () => {
  assert.deepEqual([0, 999, 1500, 3_200_000].map((size) => bytes(size, 'en')), ['0 byte', '999 byte', '2 kB', '3.2 MB'])
  assert.deepEqual([300, 9999, 614_400, 0.5].map((value) => compact(value, 'en')), ['300', '9,999', '614.4K', '0.5'])
})
