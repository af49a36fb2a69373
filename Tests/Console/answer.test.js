import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginning, receiving, splitThinking, statisticsOf } from '../../Sources/Server/Console/chat/answer.js'

const delta = (content, rest = {}) => ({ choices: [{ delta: { content }, finish_reason: null, ...rest }] })
const answered = (chunks) =>
  chunks.reduce((answer, [chunk, now]) => receiving(answer, chunk, now), beginning({ now: 0 }))

test('pieces add up, and the first one is timed', () => {
  const role = { choices: [{ delta: { role: 'assistant', content: '' } }] }
  const end = delta(undefined, { finish_reason: 'stop' })
  const answer = answered([[role, 10], [delta('a'), 100], [delta('b'), 200], [delta('c'), 300], [end, 310]])
  assert.equal(answer.content, 'abc')
  const { tokens, exact, perSecond, firstTokenMs, finish } = statisticsOf(answer)
  assert.deepEqual([tokens, exact, perSecond, firstTokenMs, finish], [3, false, 10, 100, 'stop'])
})

test('what the server measured is believed', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4 } }
  const timings = { prompt_per_second: 90, generation_per_second: 33 }
  const answer = answered([[delta('a'), 1], [{ choices: [], usage, timings }, 2]])
  const { tokens, exact, prompt, cached, perSecond, promptPerSecond } = statisticsOf(answer)
  assert.deepEqual([tokens, exact, prompt, cached, perSecond, promptPerSecond], [5, true, 9, 4, 33, 90])
})

test('no token, no speed', () => {
  const { tokens, perSecond, firstTokenMs } = statisticsOf(beginning({ now: 0 }))
  assert.deepEqual([tokens, perSecond, firstTokenMs], [null, null, null])
  assert.equal(statisticsOf(answered([[delta('a'), 1]])).perSecond, null)
})

test('plain completions are read too', () => {
  assert.equal(answered([[{ choices: [{ text: 'x' }] }, 1]]).content, 'x')
})

test('thoughts told apart by the server are kept apart', () => {
  const answer = answered([[{ choices: [{ delta: { reasoning_content: 'hm' } }] }, 1], [delta('yes'), 2]])
  assert.deepEqual(splitThinking(answer), { thinking: 'hm', text: 'yes', open: false })
})

for (const [content, thinking, text, open] of [
  ['plain', '', 'plain', false],
  ['<think>\nhm', 'hm', '', true],
  ['<think>\nhm\n</think>\n\nyes', 'hm', 'yes', false],
  ['<think></think>yes', '', 'yes', false],
  ['I write <think> in the middle', '', 'I write <think> in the middle', false],
])
  test(`thoughts of ${JSON.stringify(content)}`, () => {
    assert.deepEqual(splitThinking({ content }), { thinking, text, open })
  })
