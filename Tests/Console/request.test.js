import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adding, changing, makeConversation, pathOf } from '../../Sources/Server/Console/chat/conversation.js'
import {
  cleaned, fieldsOf, parameters, parse, parseStops, printStops,
} from '../../Sources/Server/Console/chat/sampling.js'
import { forgettingHalf, requestFor } from '../../Sources/Server/Console/chat/request.js'

let clock = 0
const say = (conversation, id, parent, content = id) => adding(conversation,
  { id, parent, role: id.startsWith('q') ? 'user' : 'assistant', content, created: ++clock })

function dialogue(fields = {}) {
  const start = { ...makeConversation({ id: 'c', now: 0, model: 'm' }), ...fields }
  return [['q1', null], ['a1', 'q1'], ['q2', 'a1'], ['a2', 'q2', '']].reduce((it, each) => say(it, ...each), start)
}

const messagesOf = (it, options) =>
  requestFor(it, it.messages.a2, options).body.messages.map(({ role, content }) => `${role}:${content}`).join(' ')

test('the messages before the answer are sent', () => {
  assert.equal(messagesOf(dialogue()), 'user:q1 assistant:a1 user:q2')
})

test('a system prompt comes first, an empty one not at all', () => {
  assert.equal(messagesOf(dialogue({ system: 's' })), 'system:s user:q1 assistant:a1 user:q2')
  assert.equal(messagesOf(dialogue({ system: ' \n' })), 'user:q1 assistant:a1 user:q2')
})

test('an answer that never came does not break the turns', () => {
  assert.equal(messagesOf(changing(dialogue(), 'a1', { content: '' })), 'user:q1\n\nq2')
})

test('the older half can be left out', () => {
  const it = dialogue()
  assert.equal(forgettingHalf(pathOf(it), null), 'q2')
  assert.equal(messagesOf({ ...it, forgotten: 'q2' }), 'user:q2')
  assert.equal(forgettingHalf(pathOf(it), 'q2'), null)
})

test('leaving out halves of a long talk comes to an end', () => {
  let it = makeConversation({ id: 'c', now: 0 })
  for (let turn = 0; turn < 40; turn += 1) it = say(it, `q${turn}`, turn ? `q${turn - 1}` : null)
  let steps = 0
  for (let start = forgettingHalf(pathOf(it), null); start; start = forgettingHalf(pathOf(it), start)) steps += 1
  assert.ok(steps >= 4 && steps <= 8, String(steps))
})

test('an answer goes on from where it stands', () => {
  const it = changing(dialogue(), 'a2', { content: 'begun' })
  const { body } = requestFor(it, it.messages.a2, { continuing: true })
  assert.deepEqual(body.messages.at(-1), { role: 'assistant', content: 'begun' })
  assert.deepEqual([body.continue_final_message, body.add_generation_prompt], [true, false])
})

test('a base model gets the text as it stands', () => {
  const it = dialogue({ mode: 'completion', system: 'unused', sampling: { top_k: 5 } })
  const { path, body } = requestFor(it, it.messages.a2)
  assert.deepEqual([path, body.prompt, body.top_k, body.messages], ['/v1/completions', 'q1a1q2', 5, undefined])
})

test('only settings that were set are sent', () => {
  assert.deepEqual(fieldsOf({ temperature: 0, stop: [] }), { temperature: 0 })
  assert.deepEqual(fieldsOf({}), {})
})

for (const [name, text, value] of [
  ['temperature', ' 0,7 ', 0.7], ['temperature', '9', 2], ['temperature', '', null], ['temperature', 'x', null],
  ['top_k', '3.6', 4], ['seed', '-1', 0], ['max_tokens', '0', 1], ['temperature', 'Infinity', null],
])
  test(`${name} from ${JSON.stringify(text)}`, () =>
    assert.equal(parse(parameters.find((each) => each.name === name), text), value))

test('stop strings are written one a line', () => {
  assert.deepEqual(parseStops('a\n\n\\n\nb c\nd\ne'), ['a', '\n', 'b c', 'd'])
  assert.equal(printStops(['a', '\n\t']), 'a\n\\n\\t')
})

test('of foreign settings only the known and sound are kept', () => {
  assert.deepEqual(cleaned({ temperature: 99, top_k: '5', evil: 1, stop: ['x', 5] }), { temperature: 2, stop: ['x'] })
  for (const foreign of [null, 5, 'x', []]) assert.deepEqual(cleaned(foreign), {})
})
