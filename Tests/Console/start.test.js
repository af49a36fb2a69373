import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../Sources/Server/Console/lib/api-error.js'
import {
  blank, fieldFor, flawOf, problemsOf, requestFor, settings,
} from '../../Sources/Server/Console/runs/job-request.js'
import { DatasetReader, datasetOf, isReadable } from '../../Sources/Server/Console/runs/dataset.js'
import { Start } from '../../Sources/Server/Console/runs/start.js'

const form = (fields = {}) => ({ ...blank(), model: 'm', training: 'file-1', ...fields })
const talk = (...roles) => JSON.stringify({ messages: roles.map((role) => ({ role, content: `a ${role}` })) })

const read = (text) => {
  const reader = new DatasetReader()
  reader.push(text)
  return reader.end()
}

test('rows are counted and the first one is shown', () => {
  const result = read(`\uFEFF${talk('system', 'user', 'assistant')}\r\n\n${talk('user', 'assistant')}`)
  assert.deepEqual([result.rows, result.bad, result.layout], [2, 0, 'chat'])
  assert.deepEqual(result.first.map(({ role, text }) => `${role}: ${text}`), ['system: a system', 'user: a user',
    'assistant: a assistant'])
})

test('a file cut at every byte reads the same', async () => {
  const text = `${talk('user', 'assistant')}\n{"broken\n${talk('user')}\n[1]\n`
  const whole = read(text)
  for (let cut = 0; cut <= text.length; cut += 1)
    assert.deepEqual(await datasetOf([text.slice(0, cut), text.slice(cut)]), whole)
})

for (const [row, layout, reason] of [
  ['{"messages": []}', 'chat', 'noMessages'], [talk('user'), 'chat', 'noAnswer'], ['{"a": 1}', null, 'unknownLayout'],
  ['nonsense', null, 'notJson'], ['[1]', null, 'notObject'], ['null', null, 'notObject'], ['"text"', null, 'notObject'],
  ['{"messages": 5}', 'chat', 'noMessages'], ['{"messages": [null]}', 'chat', 'noAnswer'],
  ['{"conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}]}', 'chat', null],
  ['{"instruction": "a", "output": "b"}', 'instruction', null], ['{"prompt": "a", "completion": "b"}', 'instruction',
    null],
  ['{"prompt": "a", "chosen": "b", "rejected": "c"}', 'preference', null], ['{"text": "a"}', 'text', null],
  ['{"input": {}, "preferred_output": [], "non_preferred_output": []}', 'preference', null],
])
  test(`${row} is ${layout ?? 'nothing known'}${reason ? `, flawed: ${reason}` : ''}`, () => {
    const { rows, problems, layout: found } = read(row)
    assert.deepEqual([rows, problems.map((each) => each.reason)], [1, reason ? [reason] : []])
    if (!reason) assert.equal(found, layout)
  })

test('rows of another kind than the first are told, and only the first flaws by line', () => {
  assert.deepEqual(read(`{"text": "a"}\n${talk('assistant')}`).problems, [{ line: 2, reason: 'mixed' }])
  const { bad, problems } = read('x\n'.repeat(50))
  assert.deepEqual([bad, problems.length, problems[4].line], [50, 5, 5])
})

test('a line without end does not fill the memory', () => {
  const reader = new DatasetReader()
  for (let piece = 0; piece < 20; piece += 1) reader.push('x'.repeat(1_000_000))
  assert.ok(reader.end().bad > 0)
  assert.ok(isReadable('a.JSONL') && !isReadable('a.csv'))
})

for (const [name, typed, flaw] of [
  ['epochs', '', null], ['epochs', ' 3 ', null], ['epochs', '2.5', 'notWhole'], ['epochs', '0', 'tooSmall'],
  ['epochs', 'x', 'notNumber'], ['epochs', '1e9', 'tooLarge'], ['multiplier', '0,5', null], ['multiplier', '0',
    'tooSmall'],
  ['multiplier', 'Infinity', 'notNumber'], ['beta', '-1', 'tooSmall'],
])
  test(`"${typed}" for ${name}: ${flaw ?? 'fine'}`, () => {
    assert.equal(flawOf(typed, settings.find((each) => each.name === name)), flaw)
  })

test('what is needed is asked for before anything is sent', () => {
  assert.deepEqual(problemsOf(blank()), { model: 'missing', training: 'missing' })
  assert.deepEqual(problemsOf({ ...blank(), model: 'm' }, { training: { rows: 3 } }), {})
  assert.deepEqual(problemsOf(form(), { validation: { rows: 0 } }), { validation: 'empty' })
  assert.deepEqual(problemsOf(form({ suffix: '燕'.repeat(65) })), { suffix: 'tooLong' })
  assert.deepEqual(problemsOf(form({ by: 'yaml', epochs: 'x' })), { yaml: 'missing' })
  assert.deepEqual(problemsOf(form({ beta: 'x' })), {})
  assert.deepEqual(problemsOf(form({ method: 'dpo', beta: 'x', seed: '1.5' })), { beta: 'notNumber', seed: 'notWhole' })
})

test('an untouched form asks for what the server chooses', () => {
  assert.deepEqual(requestFor(form()), { model: 'm', training_file: 'file-1', method: { type: 'supervised',
    supervised: {} } })
})

test('a filled form is sent in the words of the API', () => {
  assert.deepEqual(requestFor(form({ method: 'dpo', validation: 'file-2', suffix: ' mine ', epochs: '3', batch: '8',
    multiplier: '0,5', beta: '0.1', seed: '0' })), {
    model: 'm', training_file: 'file-1', validation_file: 'file-2', suffix: 'mine', seed: 0,
    method: { type: 'dpo', dpo: { hyperparameters: { n_epochs: 3, batch_size: 8, learning_rate_multiplier: 0.5,
      beta: 0.1 } } } })
})

test('YAML goes as it is, and the fields that it replaces do not', () => {
  const { yuyan, method, seed } = requestFor(form({ by: 'yaml', yaml: 'lr: 1e-4\n', epochs: '3', seed: '4' }))
  assert.deepEqual([yuyan, method, seed], ['lr: 1e-4\n', { type: 'supervised', supervised: {} }, undefined])
})

for (const [param, field] of [['training_file', 'training'], ['method.dpo.hyperparameters.beta', 'beta'],
  ['hyperparameters.n_epochs', 'epochs'], ['yuyan', 'yaml'], ['yuyan.optimizer', 'yaml'], ['method', null], [null,
    null]])
  test(`the server speaks of ${param}: ${field}`, () => assert.equal(fieldFor(param), field))

/** A server that stores files and starts runs, unless it `refuses` something. */
function begin({ refuses = {} } = {}) {
  const sent = []
  const runs = {
    upload: async (file) => {
      sent.push(`file ${file.name}`)
      if (refuses.file) throw refuses.file
      return { id: `file-${file.name}` }
    },
    start: async (body) => {
      sent.push(body)
      if (refuses.job) throw refuses.job
      return { id: 'run' }
    },
  }
  return { start: new Start({ runs }), sent, refuses }
}

const file = (text, name = 'a.jsonl') => new File([text], name)

test('a picked file is looked into, sent, and then the job', async () => {
  const { start, sent } = begin()
  start.set('model', 'm')
  await start.pick('training', file(`${talk('user', 'assistant')}\n`))
  assert.equal(start.picked.training.dataset.rows, 1)
  assert.deepEqual(await start.send(), { id: 'run' })
  assert.deepEqual([sent[0], sent[1].training_file], ['file a.jsonl', 'file-a.jsonl'])
  assert.equal(start.form.model, '')
})

test('an empty file is not sent', async () => {
  const { start, sent } = begin()
  start.set('model', 'm')
  await start.pick('training', file('\n\n'))
  assert.equal(await start.send(), null)
  assert.deepEqual([sent, start.problems], [[], { training: 'empty' }])
})

test('a refused file is told at its field, and stays', async () => {
  const { start } = begin({ refuses: { file: new ApiError('refused', { message: 'line 2' }) } })
  start.set('model', 'm')
  await start.pick('training', file('{"text": "a"}'))
  assert.equal(await start.send(), null)
  assert.deepEqual([start.refusal.field, start.refusal.error.details.message, start.sending], ['training', 'line 2',
    null])
  assert.ok(start.picked.training)
})

test('a refused job is told at the field it speaks of, and its file is not sent again', async () => {
  const job = new ApiError('refused', { message: 'too many', param: 'hyperparameters.n_epochs' })
  const { start, sent, refuses } = begin({ refuses: { job } })
  start.set('model', 'm')
  await start.pick('training', file('{"text": "a"}'))
  await start.send()
  assert.equal(start.refusal.field, 'epochs')
  start.set('epochs', '2')
  assert.equal(start.refusal, null)
  delete refuses.job
  assert.ok(await start.send())
  assert.equal(sent.filter((each) => each === 'file a.jsonl').length, 1)
})

test('a server that is away is no fault of the file', async () => {
  const { start } = begin({ refuses: { file: new ApiError('unreachable', { message: 'Failed to fetch' }) } })
  start.set('model', 'm')
  await start.pick('training', file('{"text": "a"}'))
  await start.send()
  assert.deepEqual([start.refusal.field, start.refusal.error.kind], [null, 'unreachable'])
})

test('a failure without a word is an error of the server', async () => {
  const { start } = begin({ refuses: { job: new TypeError('oh') } })
  start.form = form()
  await start.send()
  assert.equal(start.refusal.error.kind, 'failed')
})
