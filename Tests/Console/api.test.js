import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Api } from '../../Sources/Server/Console/lib/api.js'
import { ApiError, counts, secondsToWait } from '../../Sources/Server/Console/lib/api-error.js'

const replying = (body, init) => new Api({ fetcher: async () => new Response(body, init) })
const refusing = (status, error, headers) => replying(JSON.stringify({ error }), { status, headers })

async function chunksOf(api) {
  const seen = []
  for await (const chunk of api.complete({ path: '/x', body: {} })) seen.push(chunk)
  return seen
}

const kindOf = (api) => chunksOf(api).then(() => null, (error) => error.kind)

test('models are named in the vocabulary of the console', async () => {
  const data = [{ id: 'a', context_length: 8, has_chat_template: false }, { id: 'b' }]
  assert.deepEqual(await replying(JSON.stringify({ data })).models(), [
    { id: 'a', contextLength: 8, hasTemplate: false }, { id: 'b', contextLength: null, hasTemplate: true }])
})

test('models that only make vectors are not offered', async () => {
  const data = [{ id: 'vectors', kind: 'embedding' }, { id: 'a', kind: 'chat' }, { id: 'b' }]
  assert.deepEqual((await replying(JSON.stringify({ data })).models()).map(({ id }) => id), ['a', 'b'])
})

test('a stream ends with its last event', async () => {
  assert.deepEqual(await chunksOf(replying('data: {"choices":[]}\n\ndata: [DONE]\n\n')), [{ choices: [] }])
})

test('a stream that stops before it is done was cut', async () => {
  assert.equal(await kindOf(replying('data: {"choices":[]}\n\n')), 'cut')
  assert.equal(await kindOf(replying('data: {"choi')), 'cut')
})

test('who watches the server is told when it is lost, and only then', async () => {
  const told = []
  const api = (fetcher) => new Api({ fetcher, lost: () => told.push('lost') })
  await assert.rejects(api(async () => { throw new TypeError('refused') }).models())
  assert.deepEqual(told, ['lost'])
  await assert.rejects(api(async () => { throw new DOMException('', 'AbortError') }).models())
  await assert.rejects(api(async () => new Response('{}', { status: 500 })).models())
  assert.deepEqual(told, ['lost'])
})

test('a finished answer without the last mark is finished', async () => {
  assert.equal(await kindOf(replying('data: {"choices":[{"finish_reason":"stop"}]}\n\n')), null)
})

for (const [status, error, kind] of [
  [400, { code: 'context_length_exceeded' }, 'contextFull'],
  [400, { code: 'no_chat_template' }, 'noTemplate'],
  [400, { message: 'bad' }, 'refused'],
  [401, {}, 'unauthorized'],
  [403, {}, 'refused'],
  [404, { code: 'model_not_found' }, 'unknownModel'],
  [413, {}, 'tooLarge'],
  [429, {}, 'busy'],
  [503, {}, 'failed'],
])
  test(`${status} ${error.code ?? ''} is ${kind}`, async () => {
    assert.equal(await kindOf(refusing(status, error)), kind)
  })

test('an error in mid-stream is the server’s', async () => {
  assert.equal(await kindOf(replying('data: {"error":{"message":"oom"}}\n\n')), 'failed')
})

test('a server that cannot be reached is unreachable, an abort is a stop', async () => {
  const failing = (error) => new Api({ fetcher: async () => { throw error } })
  assert.equal(await kindOf(failing(new TypeError('fetch failed'))), 'unreachable')
  assert.equal(await kindOf(failing(new DOMException('', 'AbortError'))), 'stopped')
})

test('an answer that is not JSON is still an error of the server', async () => {
  assert.equal(await kindOf(replying('<html>', { status: 502 })), 'failed')
})

test('the wait is read from seconds or a date', () => {
  assert.equal(secondsToWait('2'), 2)
  assert.equal(secondsToWait('0'), 1)
  assert.equal(secondsToWait('Thu, 01 Jan 1970 00:00:09 GMT', 5000), 4)
  assert.equal(secondsToWait('soon'), null)
  assert.equal(secondsToWait(null), null)
})

for (const [message, limit, tokens, wanted] of [
  ['maximum context length is 2,048 tokens; the prompt has 2310.', 2048, 2310, null],
  ["This model's context holds 2048 tokens, but the prompt has 1900 and 300 more were asked for, 2200 in all.",
    2048, 1900, 300],
  ['the prompt has 9 tokens, more than 8', 8, 9, null],
  ['holds 512 tokens, but the prompt has 600 and 20 more were asked for, 620 in all', 512, 600, null],
  ['at most 8', 8, null, null],
  ['full', null, null, null],
])
  test(`counts in "${message}"`, () => assert.deepEqual(counts({ message }), { limit, tokens, wanted }))

test('the key is shown to the server, and asked for anew each time', async () => {
  const seen = []
  const fetcher = async (path, { headers }) => {
    seen.push(headers.authorization)
    return new Response('{"data":[]}')
  }
  let key = null
  const api = new Api({ fetcher, key: () => key })
  await api.models()
  key = 'k'
  await api.models()
  assert.deepEqual(seen, [undefined, 'Bearer k'])
})

test('a failure keeps its kind', () => {
  const error = new ApiError('busy')
  assert.equal(ApiError.fromFailure(error, 'cut'), error)
})
