import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextWait, pace, Polling } from '../../Sources/Server/Console/lib/polling.js'

/** A page and a clock that a test moves by hand. */
function start(outcomes) {
  const page = Object.assign(new EventTarget(), { hidden: false })
  const timers = { waits: [], due: null, setTimeout: (run, wait) =>
    { timers.waits.push(wait); timers.due = run; return 1 },
    clearTimeout: () => { timers.due = null } }
  const looks = []
  const polling = new Polling(() => {
    looks.push(1)
    const outcome = outcomes.shift() ?? 'same'
    if (outcome === 'throws') throw new Error('no')
    return outcome
  }, { page, timers })
  const show = (hidden) => { page.hidden = hidden; page.dispatchEvent(new Event('visibilitychange')) }
  const tick = async () => { timers.due?.(); await settled() }
  return { polling, page, timers, looks, show, tick }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

for (const [wait, outcome, next] of [
  [2000, 'changed', 2000], [9000, 'changed', 2000], [2000, 'same', 3000], [9000, 'same', 10_000],
  [2000, 'failed', 4000], [20_000, 'failed', 30_000], [30_000, 'same', 10_000], [2000, 'calm', 30_000],
])
  test(`after ${wait} ms and "${outcome}" comes a wait of ${next} ms`, () => assert.equal(nextWait(wait, outcome),
    next))

test('it looks at once, then every two seconds while things change, then less often', async () => {
  const { polling, timers, looks, tick } = start(['changed', 'changed', 'same', 'throws'])
  polling.start()
  await settled()
  for (let index = 0; index < 3; index += 1) await tick()
  assert.equal(looks.length, 4)
  assert.deepEqual(timers.waits, [2000, 2000, 3000, 6000])
})

test('a hidden page does not look, and looks at once when it is shown', async () => {
  const { polling, timers, looks, show } = start(['changed'])
  polling.start()
  await settled()
  show(true)
  assert.equal(timers.due, null)
  show(false)
  await settled()
  assert.equal(looks.length, 2)
})

test('a page that was hidden during a look does not plan another', async () => {
  const { polling, page, timers } = start(['changed'])
  polling.start()
  page.hidden = true
  await settled()
  assert.deepEqual(timers.waits, [])
})

test('a stopped polling is silent', async () => {
  const { polling, timers, looks, show } = start([])
  polling.start()
  await settled()
  polling.stop()
  show(true)
  show(false)
  await polling.now()
  assert.deepEqual([looks.length, timers.due], [1, null])
})

test('asked during a look, it looks once more after it, never twice at once', async () => {
  let answer
  let busy = 0
  let looks = 0
  const page = Object.assign(new EventTarget(), { hidden: false })
  const timers = { setTimeout: () => 1, clearTimeout: () => {} }
  const polling = new Polling(async () => {
    assert.equal(busy, 0)
    busy += 1
    looks += 1
    await new Promise((resolve) => { answer = resolve })
    busy -= 1
    return 'same'
  }, { page, timers })
  polling.start()
  polling.now()
  polling.now()
  answer()
  await settled()
  assert.equal(looks, 2)
  assert.equal(pace.quick, 2000)
})
