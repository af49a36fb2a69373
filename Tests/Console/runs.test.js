import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Api } from '../../Sources/Server/Console/lib/api.js'
import { ApiError } from '../../Sources/Server/Console/lib/api-error.js'
import { Beside } from '../../Sources/Server/Console/runs/beside.js'
import { FineTuning } from '../../Sources/Server/Console/runs/fine-tuning.js'
import { Runs } from '../../Sources/Server/Console/runs/runs.js'

/** A server of jobs in memory that notes what it was asked. */
function begin(jobs = [], { files = [] } = {}) {
  const server = { jobs, events: {}, files, asked: [], failing: false }
  const fetcher = async (path, { method = 'GET', body } = {}) => {
    server.asked.push(`${method} ${path}`)
    if (server.failing) throw new TypeError('cut')
    return answer(server, path.split('?'), method, body)
  }
  const api = new Api({ fetcher })
  const runs = new Runs({ tuning: new FineTuning(api), api, now: () => 0 })
  return { runs, server, tuning: new FineTuning(api) }
}

const json = (value, status = 200) => new Response(JSON.stringify(value), { status })
const list = (data, more = false) => json({ object: 'list', data, has_more: more })

function answer(server, [path, query = ''], method, body) {
  const [, , , kind, id, part] = path.split('/')
  if (path === '/v1/files' && method === 'POST')
    return json({ id: 'file-new', filename: body.get('file').name, bytes: body.get('file').size,
      purpose: body.get('purpose') })
  if (path === '/v1/files') return list(server.files)
  if (path.startsWith('/v1/files/')) return json({ deleted: true })
  if (path === '/v1/models') return list([{ id: 'm' }])
  if (kind === 'jobs' && !id && method === 'POST') return json({ ...JSON.parse(body), id: 'new', status: 'queued',
    created_at: 99 })
  if (kind === 'jobs' && !id) return page(server.jobs, new URLSearchParams(query))
  const job = server.jobs.find((each) => each.id === id)
  if (!job) return json({ error: { message: 'no such job' } }, 404)
  if (method === 'POST') return json(Object.assign(job, { status: { pause: 'paused', resume: 'running',
    cancel: 'cancelled' }[part] }))
  return part === 'events' ? list([...(server.events[id] ?? [])].reverse()) : part ? list([]) : json(job)
}

function page(jobs, query) {
  const start = jobs.findIndex(({ id }) => id === query.get('after')) + 1
  const end = start + Math.min(Number(query.get('limit')), 2)
  return list(jobs.slice(start, end), end < jobs.length)
}

const job = (id, fields = {}) => ({ id, status: 'succeeded', created_at: 10, model: 'm', ...fields })
const step = (number) => ({ id: `e${number}`, type: 'metrics', created_at: number, data: { step: number,
  train_loss: 1 } })

test('the list says whether something is under way, and whether anything changed', async () => {
  const { runs, server } = begin([job('a')])
  assert.equal(await runs.look(), 'changed')
  assert.equal(await runs.look(), 'calm')
  server.jobs.unshift(job('b', { status: 'running', created_at: 20 }))
  assert.equal(await runs.look(), 'changed')
  assert.equal(await runs.look(), 'same')
  assert.deepEqual(runs.list.map(({ id }) => id), ['b', 'a'])
})

test('a running job that is only listed is glanced at, one that is looked at is read whole', async () => {
  const { runs, server } = begin([job('a', { status: 'running' })])
  server.events.a = [step(1), step(2)]
  await runs.look()
  assert.equal(runs.history('a').latest.step, 2)
  assert.ok(runs.history('a').glanced)
  await runs.look(['a'])
  assert.equal(runs.history('a').glanced, false)
  server.events.a.push(step(3))
  await runs.look()
  assert.deepEqual([runs.history('a').points.length, runs.history('a').glanced], [3, false])
})

test('what has ended and was read is not asked for again', async () => {
  const { runs, server } = begin([job('a')])
  server.events.a = [step(1)]
  await runs.look(['a'])
  const before = server.asked.length
  await runs.look(['a'])
  assert.deepEqual(server.asked.slice(before), ['GET /v1/fine_tuning/jobs?limit=50'])
})

test('a run that is not listed is fetched by itself, one that is nowhere is missing', async () => {
  const { runs } = begin([job('a'), job('b'), job('c')])
  await runs.look(['c'])
  assert.equal(runs.get('c').id, 'c')
  await runs.look(['nobody'])
  assert.deepEqual([runs.isMissing('nobody'), runs.isMissing('c'), runs.error], [true, false, null])
})

test('a server that cannot be reached leaves what was known', async () => {
  const { runs, server } = begin([job('a')])
  await runs.look()
  server.failing = true
  await assert.rejects(runs.look())
  assert.deepEqual([runs.error.kind, runs.list.length], ['unreachable', 1])
  server.failing = false
  assert.equal(await runs.look(), 'changed')
  assert.equal(runs.error, null)
})

test('older runs are added, and stay when the newest are read again', async () => {
  const { runs } = begin(['a', 'b', 'c'].map((id, index) => job(id, { created_at: 9 - index })))
  await runs.look()
  assert.ok(runs.more)
  await runs.older()
  await runs.look()
  assert.deepEqual([runs.list.map(({ id }) => id), runs.more], [['a', 'b', 'c'], false])
})

test('a run is paused, resumed, stopped and begun', async () => {
  const { runs, server } = begin([job('a', { status: 'running' })])
  await runs.look()
  for (const [action, status] of [['pause', 'paused'], ['resume', 'running'], ['cancel', 'cancelled']]) {
    await runs.act('a', action)
    assert.equal(runs.get('a').status, status)
  }
  assert.ok(server.asked.includes('POST /v1/fine_tuning/jobs/a/pause'))
  await runs.start({ model: 'm' })
  assert.deepEqual(runs.list.map(({ id }) => id), ['new', 'a'])
})

test('files are sent, named, and taken away', async () => {
  const { runs } = begin([job('a', { training_file: 'file-1' })],
    { files: [{ id: 'file-1', filename: 'data.jsonl', bytes: 5 }] })
  await runs.look(['a'])
  assert.deepEqual([runs.fileName('file-1'), runs.fileName('file-9')], ['data.jsonl', 'file-9'])
  const stored = await runs.upload(new File(['{}'], 'new.jsonl'))
  assert.deepEqual([stored.id, stored.size, runs.files.length], ['file-new', 2, 2])
  await runs.removeFile('file-1')
  assert.equal(runs.files.length, 1)
})

test('an id cannot lead to another address', async () => {
  const { tuning, server } = begin()
  await tuning.run('../files').catch(() => {})
  assert.deepEqual(server.asked, ['GET /v1/fine_tuning/jobs/..%2Ffiles'])
})

test('checkpoints come with what was measured', async () => {
  const data = [{ id: 'c', step_number: 50, created_at: 2, fine_tuned_model_checkpoint: 'ft:m',
    metrics: { full_valid_loss: 0.5 } },
    { id: 'd', metrics: null }]
  const api = new Api({ fetcher: async () => list(data) })
  assert.deepEqual(await new FineTuning(api).checkpoints('a'), [
    { id: 'c', step: 50, time: 2000, model: 'ft:m', train: null, valid: 0.5 },
    { id: 'd', step: 0, time: 0, model: '', train: null, valid: null }])
})

/** A server of two models that answers with its own name. */
class FakeApi {
  requests = []
  async models() { return ['ft:m', 'm'].map((id) => ({ id, contextLength: 9, hasTemplate: true })) }
  async *complete({ body }) {
    this.requests.push(body)
    if (body.messages.at(-1).content === 'break' && body.model === 'm') throw new ApiError('unknownModel')
    yield { choices: [{ delta: { content: body.model }, finish_reason: 'stop' }] }
  }
}

let ids = 0
async function besideOf(models = ['ft:m', 'm']) {
  const api = new FakeApi()
  const beside = new Beside({ api, makeId: () => `id${ids++}` })
  await beside.open(models)
  return { api, beside, said: () => beside.lanes.map(({ path }) => path.map(({ content }) => content).join(' | ')) }
}

test('one question is asked of both models, with the past of each', async () => {
  const { api, beside, said } = await besideOf()
  await beside.send('hello')
  await beside.send('more')
  assert.deepEqual(said(), ['hello | ft:m | more | ft:m', 'hello | m | more | m'])
  assert.deepEqual(api.requests.map(({ model, temperature }) => [model, temperature]), [['ft:m', 0], ['m', 0],
    ['ft:m', 0], ['m', 0]])
  assert.deepEqual(api.requests[3].messages.map(({ content }) => content), ['hello', 'm', 'more'])
})

test('a system prompt and other words reach both', async () => {
  const { api, beside, said } = await besideOf()
  beside.configure({ system: 'be brief', sampling: { temperature: 0.5 } })
  await beside.send('one')
  await beside.edit(0, 'two')
  assert.deepEqual(said(), ['two | ft:m', 'two | m'])
  assert.deepEqual([api.requests[3].messages[0].content, api.requests[3].temperature], ['be brief', 0.5])
})

test('one model failing does not stop the other', async () => {
  const { beside, said } = await besideOf()
  await beside.send('break')
  assert.deepEqual(said(), ['break | ft:m', 'break | '])
  assert.equal(beside.lanes[1].path[1].error.kind, 'unknownModel')
  assert.equal(beside.running, null)
})

test('a model that the server does not have is not exchanged for another', async () => {
  const { beside } = await besideOf(['ft:gone', 'm'])
  assert.deepEqual(beside.lanes.map(({ conversation }) => conversation.model), ['ft:gone', 'm'])
})

test('other models begin anew, the same go on', async () => {
  const { beside, said } = await besideOf()
  await beside.send('hello')
  await beside.open(['ft:m', 'm'])
  assert.equal(said()[0], 'hello | ft:m')
  await beside.open(['m', 'm'])
  assert.deepEqual(said(), ['', ''])
})
