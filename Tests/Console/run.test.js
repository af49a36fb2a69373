import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionsFor, isActive, likenessOf, nameOf, runOf } from '../../Sources/Server/Console/runs/run.js'
import { catchUp, History, progressOf } from '../../Sources/Server/Console/runs/history.js'
import { comparison, lastLoss } from '../../Sources/Server/Console/runs/comparison.js'
import { axisFor, comparedCurves, curvesOf, weightFor } from '../../Sources/Server/Console/runs/curves.js'
import { explainProblem, explainTrouble, printed, progressWords } from '../../Sources/Server/Console/runs/words.js'
import { setLanguage } from '../../Sources/Server/Console/lib/i18n.js'

setLanguage('en')
const job = (fields = {}) => ({ id: 'ftjob-abcdef', model: 'org/base-7b', status: 'running', created_at: 100,
  ...fields })
const metric = (step, { id = `e${step}`, at = 1000 + step, ...data } = {}) =>
  ({ id, type: 'metrics', created_at: at, data: { step, total_steps: 100, train_loss: 3 - step / 100, ...data } })

test('a job becomes a run in the words of the console', () => {
  const run = runOf(job({ seed: 7, training_file: 'file-1', finished_at: 160, estimated_finish: 170, trained_tokens: 5,
    method: { type: 'dpo', dpo: { hyperparameters: { beta: 0.1, n_epochs: 'auto', batch_size: 4 } } } }))
  assert.deepEqual(run.settings, { epochs: 'auto', batch: 4, multiplier: null, beta: 0.1, seed: 7 })
  assert.deepEqual([run.method, run.created, run.finished, run.expected, run.tokens, run.training, run.validation],
    ['dpo', 100_000, 160_000, 170_000, 5, 'file-1', null])
})

test('older jobs tell their settings elsewhere', () => {
  assert.equal(runOf(job({ hyperparameters: { n_epochs: 3 } })).settings.epochs, 3)
})

for (const strange of [{}, { method: null, error: {} }, { method: { type: 5 }, error: 'no', seed: 'x',
  created_at: 'y' },
  { status: 7, model: null, fine_tuned_model: {}, trained_tokens: NaN }])
  test(`a job like ${JSON.stringify(strange)} is a run all the same`, () => {
    const run = runOf({ id: 'x', ...strange })
    assert.equal(run.error, null)
    assert.equal(typeof nameOf(run), 'string')
  })

test('a run is called by its suffix, else by its model and the end of its id', () => {
  assert.equal(nameOf(runOf(job())), 'base-7b · abcdef')
  assert.equal(nameOf(runOf(job({ user_provided_suffix: 'mine' }))), 'mine')
  assert.equal(nameOf(runOf(job({ fine_tuned_model: 'ft:base:org:theirs:abc' }))), 'theirs')
  assert.equal(nameOf(runOf(job({ fine_tuned_model: 'ft:base:org::abc' }))), 'base-7b · abcdef')
})

for (const [status, actions] of [
  ['validating_files', ['cancel']], ['queued', ['pause', 'cancel']], ['running', ['pause', 'cancel']],
  ['paused', ['resume', 'cancel']], ['succeeded', []], ['failed', []], ['cancelled', []],
])
  test(`a run that is ${status} can be told: ${actions.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(actionsFor({ status }), actions)
    assert.equal(isActive({ status }), ['validating_files', 'queued', 'running'].includes(status))
  })

test('another run like this one begins with its settings, the automatic ones left empty', () => {
  const like = likenessOf(runOf(job({ seed: 1, method: { type: 'supervised',
    supervised: { hyperparameters: { n_epochs: 'auto', batch_size: 8 } } } })))
  assert.deepEqual([like.epochs, like.batch, like.seed, like.suffix, like.model], ['', '8', '1', '', 'org/base-7b'])
})

test('events make points and messages, in whatever order and however often they come', () => {
  const events = [metric(3), { id: 'm2', created_at: 5, message: 'later', level: 'warn' }, metric(1), metric(2),
    { id: 'm1', created_at: 4, message: 'first', level: 'info' }, metric(2)]
  const history = new History()
  assert.ok(history.add(events))
  assert.equal(history.add([...events].reverse()), false)
  assert.deepEqual(history.points.map(({ step }) => step), [1, 2, 3])
  assert.deepEqual(history.messages.map(({ text, level }) => [text, level]), [['first', 'info'], ['later', 'warn']])
})

for (const order of ['newest first', 'oldest first'])
  test(`where a resumed run tells a step again, the later word counts, read ${order}`, () => {
    const events = [metric(5, { id: 'old', at: 10, train_loss: 9, valid_loss: 2 }), metric(5,
      { id: 'new', at: 20, train_loss: 1 })]
    const history = new History()
    history.add(order === 'newest first' ? events.reverse() : events)
    assert.equal(history.latest.train, 1)
  })

for (const data of [null, 'x', {}, { step: 'one' }, { step: NaN }, []])
  test(`metrics of ${JSON.stringify(data)} are a message, not a point`, () => {
    const history = new History()
    history.add([{ id: 'a', type: 'metrics', created_at: 1, message: null, data }])
    assert.deepEqual([history.points.length, history.messages.length], [0, 1])
  })

test('a loss that is no number is a gap', () => {
  const history = new History()
  history.add([metric(1, { train_loss: 'NaN' }), metric(2, { train_loss: null }), metric(3)])
  assert.deepEqual(history.points.map(({ train }) => train), [null, null, 2.97])
})

/** A server's list of events, newest first, in pages; fails at the requests whose number is in `failing`. */
function server(events, { size = 3, failing = [] } = {}) {
  let asked = 0
  return Object.assign(async (after) => {
    asked += 1
    if (failing.includes(asked)) throw new Error('cut')
    const newest = [...events].reverse()
    const start = after ? newest.findIndex(({ id }) => id === after) + 1 : 0
    return { events: newest.slice(start, start + size), more: start + size < newest.length }
  }, { count: () => asked })
}

for (let length = 0; length <= 10; length += 1)
  for (let failing = 1; failing <= 8; failing += 1)
    test(`${length} events arrive whole though request ${failing} fails and more come meanwhile`, async () => {
      const events = Array.from({ length }, (_, index) => metric(index + 1))
      const history = new History()
      const fetchPage = server(events, { failing: [failing] })
      for (let look = 0; look < 4; look += 1) {
        await catchUp(history, fetchPage).catch(() => {})
        for (let more = 0; more < 5; more += 1) events.push(metric(events.length + 1))
      }
      await catchUp(history, fetchPage).catch(() => catchUp(history, fetchPage))
      assert.deepEqual(history.points.map(({ step }) => step), events.map((_, index) => index + 1))
    })

test('what is known is not read again', async () => {
  const events = Array.from({ length: 20 }, (_, index) => metric(index + 1))
  const history = new History()
  await catchUp(history, server(events))
  const second = server([...events, metric(21)])
  await catchUp(history, second)
  assert.equal(second.count(), 1)
})

test('a server that does not mind the cursor is not asked for ever', async () => {
  const page = { events: [metric(1)], more: true }
  const history = new History()
  await catchUp(history, async () => page)
  await catchUp(history, async () => page)
  assert.equal(history.points.length, 1)
})

test('time left comes from the server, else from the pace of the last steps', () => {
  const history = new History()
  history.add([1, 2, 3, 4, 5].map((step) => metric(step, { at: 1000 + 4 * step })))
  const run = runOf(job())
  assert.equal(progressOf(run, history, 1_020_000).left, 95 * 4000)
  assert.equal(progressOf(run, history, 1_022_000).left, 95 * 4000 - 2000)
  assert.equal(progressOf(runOf(job({ estimated_finish: 1030 })), history, 1_020_000).left, 10_000)
  assert.equal(progressOf(runOf(job({ status: 'paused' })), history, 1_020_000).left, null)
})

test('progress that nobody knows is not made up', () => {
  const run = runOf(job())
  assert.deepEqual(progressOf(run, null, 0), { step: null, total: null, share: null, perSecond: null, left: null })
  const history = new History()
  history.add([metric(5, { total_steps: null })])
  assert.deepEqual([progressOf(run, history, 0).share, progressOf(run, history, 0).left], [null, null])
  history.add([metric(150)])
  assert.equal(progressOf(run, history, 0).share, 1)
  assert.equal(progressOf(runOf(job({ status: 'succeeded' })), null, 0).share, 1)
})

const historyOf = (count, fields = () => ({})) => {
  const history = new History()
  history.add(Array.from({ length: count }, (_, index) => metric(index + 1, fields(index + 1))))
  return history
}

test('curves are raw, smoothed and validation; without smoothing there is no raw one', () => {
  const history = historyOf(30, (step) => (step % 10 === 0 ? { valid_loss: 2 } : {}))
  const keys = (weight) => curvesOf(history, { axis: 'step', weight }).map(({ key, points }) => [key, points.length])
  assert.deepEqual(keys(0.5), [['raw', 30], ['train', 30], ['valid', 3]])
  assert.deepEqual(keys(0), [['train', 30], ['valid', 3]])
  assert.deepEqual(curvesOf(new History(), { axis: 'step', weight: 0.5 }), [])
  assert.equal(weightFor(0.3, [history]), 0.3)
})

test('curves run along tokens only where every point tells them', () => {
  const told = historyOf(3, (step) => ({ tokens: step * 10 }))
  assert.equal(axisFor('tokens', [told]), 'tokens')
  assert.equal(axisFor('tokens', [told, historyOf(3)]), 'step')
  assert.deepEqual(comparedCurves([told], { axis: 'tokens', weight: 0 })[0].points.map(([x]) => x), [10, 20, 30])
})

test('each compared run keeps its colour, also where one has nothing to show', () => {
  const curves = comparedCurves([new History(), historyOf(3)], { axis: 'step', weight: 0 })
  assert.deepEqual(curves.map(({ run, color }) => [run, color]), [[1, 1]])
})

test('a comparison names what differs and what is best', () => {
  const entries = [2, 4].map((batch) => ({ run: runOf(job({ method: { type: 'supervised',
    supervised: { hyperparameters: { batch_size: batch } } } })), history: historyOf(10 * batch) }))
  const rows = Object.fromEntries(comparison(entries, 0).map((row) => [row.name, row]))
  assert.deepEqual([rows.batch.differs, rows.base.differs, rows.batch.values], [true, false, [2, 4]])
  assert.deepEqual([rows.trainLoss.best, rows.steps.values, rows.validLoss], [[1], [20, 40], undefined])
  assert.equal(lastLoss(null), null)
})

test('equal results have no best', () => {
  const entries = [1, 2].map(() => ({ run: runOf(job()), history: historyOf(5) }))
  assert.deepEqual(comparison(entries, 0).find(({ name }) => name === 'trainLoss').best, [])
})

for (const [error, said] of [
  [{ kind: 'unknownModel', details: { status: 404, message: 'm' } }, 'does not train'],
  [{ kind: 'failed', details: { status: 501, code: 'no_trainer' } }, 'does not train'],
  [{ kind: 'unknownModel', details: { status: 404, code: 'model_not_found' } }, 'did not accept'],
  [{ kind: 'failed', details: { status: 500 } }, 'made a mistake'],
  [{ kind: 'unauthorized', details: { status: 401 } }, 'wants a key'],
  [{ kind: 'unreachable' }, 'cannot be reached'], [{ kind: 'busy', details: { status: 429 } }, 'busy'],
  [{ kind: 'tooLarge', details: { status: 413 } }, 'too large'], [{ kind: 'refused', details: { status: 400 } },
    'did not accept'],
])
  test(`${error.kind} ${error.details?.status ?? ''}: "${said}"`, () =>
    assert.ok(explainTrouble(error).title.includes(said)))

for (const [problem, said] of [
  [{ code: 'out_of_memory' }, 'smaller batch'], [{ code: 'disk_full' }, 'Make room'], [{ code: 'diverged' },
    'smaller learning'],
  [{ code: 'invalid_training_file' }, 'Correct the data'], [{ code: 'x', param: 'validation_file' },
    'Correct the data'],
  [{ code: 'unheard_of' }, 'events below'],
])
  test(`a run that failed with ${JSON.stringify(problem)} says what to do: "${said}"`, () => {
    assert.ok(explainProblem({ message: 'why', param: null, ...problem }).text.includes(said))
  })

test('progress is said in words', () => {
  const words = (status, progress) => progressWords({ status }, { step: null, total: null, perSecond: null,
    left: null, ...progress })
  assert.deepEqual(words('running', {}), ['preparing'])
  assert.deepEqual(words('queued', {}), [])
  assert.deepEqual(words('running', { step: 5, total: 1000, perSecond: 1234.5, left: 90_000 }),
    ['step 5 of 1,000', '1,235 tok/s', '1m 30s left'])
  assert.deepEqual(words('paused', { step: 5, perSecond: 10 }), ['step 5'])
})

test('values of every kind can be printed, and a missing one too', () => {
  assert.equal(printed('setting', null), 'automatic')
  assert.equal(printed('loss', null), '–')
  assert.equal(printed('file', 'file-1', () => 'data.jsonl'), 'data.jsonl')
  assert.deepEqual(['status', 'method', 'text'].map((kind) => printed(kind, 'odd')), ['odd', 'odd', 'odd'])
  assert.equal(printed('duration', 3_600_000), '1h')
})
