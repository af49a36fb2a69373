import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Api } from '../../Sources/Server/Console/lib/api.js'
import { ApiError, counts, secondsToWait } from '../../Sources/Server/Console/lib/api-error.js'

const replying = (body, init) => new Api('', async () => new Response(body, init))
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

test('a stream ends with its last event', async () => {
  assert.deepEqual(await chunksOf(replying('data: {"choices":[]}\n\ndata: [DONE]\n\n')), [{ choices: [] }])
})

test('a stream that stops before it is done was cut', async () => {
  assert.equal(await kindOf(replying('data: {"choices":[]}\n\n')), 'cut')
  assert.equal(await kindOf(replying('data: {"choi')), 'cut')
})

test('a finished answer without the last mark is finished', async () => {
  assert.equal(await kindOf(replying('data: {"choices":[{"finish_reason":"stop"}]}\n\n')), null)
})

for (const [status, error, kind] of [
  [400, { code: 'context_length_exceeded' }, 'contextFull'],
  [400, { code: 'no_chat_template' }, 'noTemplate'],
  [400, { message: 'bad' }, 'refused'],
  [401, {}, 'unauthorized'],
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
  const failing = (error) => new Api('', async () => { throw error })
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

test('the counts of a full context are found in fields or words', () => {
  assert.deepEqual(counts({ message: 'maximum context length is 2,048 tokens; the prompt has 2310.' }),
    { limit: 2048, tokens: 2310 })
  assert.deepEqual(counts({ message: 'no', context_length: 5, prompt_tokens: 9 }), { limit: 5, tokens: 9 })
  assert.deepEqual(counts({ message: 'full' }), { limit: null, tokens: null })
})

test('a failure keeps its kind', () => {
  const error = new ApiError('busy')
  assert.equal(ApiError.fromFailure(error, 'cut'), error)
})
