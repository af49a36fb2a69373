import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adding, makeConversation, pathOf, removing } from '../../Sources/Server/Console/chat/conversation.js'
import { exported, ImportError, imported } from '../../Sources/Server/Console/chat/exchange.js'
import { marked, match, snippet, words } from '../../Sources/Server/Console/chat/search.js'

let next = 0
const options = { makeId: () => `id${next++}`, now: 7 }

function sample() {
  let it = { ...makeConversation({ id: 'c', now: 1, model: 'm' }), title: 'T', sampling: { top_k: 3 } }
  it = adding(it, { id: 'q', parent: null, role: 'user', content: 'Grüße, 雨燕', created: 1 })
  it = adding(it, { id: 'a', parent: 'q', role: 'assistant', content: 'one', created: 2 })
  return adding(it, { id: 'b', parent: 'q', role: 'assistant', content: 'two', created: 3 })
}

const file = (conversations, rest = {}) =>
  JSON.stringify({ format: 'yuyan.conversations', version: 1, conversations, ...rest })
const messages = (list) =>
  ({ messages: Object.fromEntries(list.map((each) => [each.id, { role: 'user', content: 'x', ...each }])) })

test('what is exported comes back, under names of its own', () => {
  const [back] = imported(exported([sample()], 0), options)
  assert.deepEqual(pathOf(back).map(({ content }) => content), ['Grüße, 雨燕', 'two'])
  assert.deepEqual([back.title, back.model, back.sampling, back.version], ['T', 'm', { top_k: 3 }, 0])
  assert.ok(!('q' in back.messages) && back.id !== 'c')
})

test('what was deleted is not exported', () => assert.ok(!exported([removing(sample(), 'b')], 0).includes('two')))

for (const [text, reason] of [
  ['', 'notJson'], ['[]', 'notOurs'], ['null', 'notOurs'], [file([], { version: 2 }), 'newer'], [file([]), 'empty'],
  [file([null, 5, {}, { messages: null }]), 'empty'],
])
  test(`${text.slice(0, 40)} is refused: ${reason}`, () =>
    assert.throws(() => imported(text, options), (error) => error instanceof ImportError && error.reason === reason))

test('a file whose messages run in a circle is left out', () => {
  const circle = messages([{ id: 'a', parent: 'b' }, { id: 'b', parent: 'a' }])
  const tail = messages([{ id: 'a', parent: 'b' }, { id: 'b', parent: 'c' }, { id: 'c', parent: 'b' }])
  const self = messages([{ id: 'a', parent: 'a' }])
  for (const looped of [circle, tail, self]) assert.throws(() => imported(file([looped]), options), ImportError)
})

test('foreign fields, roles and states are dropped', () => {
  const foreign = { ...messages([{ id: 'a', parent: 'gone', state: 'streaming', html: '<b>', created: 'x' },
    { id: 's', role: 'system' }, { id: '__proto__', role: 'user' }]), title: 5, chosen: { root: 'a', x: 'y' } }
  const [back] = imported(file([foreign]), options)
  const [only, ...more] = Object.values(back.messages)
  assert.equal(more.length, 1)
  assert.equal({}.role, undefined)
  assert.deepEqual([only.parent, only.state, only.html, only.created, back.title], [null, 'done', undefined, 7, ''])
  assert.deepEqual(Object.keys(back.chosen), ['root'])
})

test('all words must be found, anywhere', () => {
  const it = sample()
  assert.deepEqual(match(it, words('GRUSSE')), null)
  assert.deepEqual(match(it, words('gruße t')), { snippet: 'Grüße, 雨燕' })
  assert.deepEqual(match({ ...it, title: 'Z' }, words('z')), { snippet: '' })
  assert.equal(match(it, words('one two three')), null)
  assert.equal(match(it, []), null)
})

test('a snippet shows what is around the words', () => {
  assert.equal(snippet('a'.repeat(90) + ' needle ' + 'b'.repeat(90), 'needle', 5), '…aaaa needle bbbb…')
})

test('what was found is marked', () => {
  assert.deepEqual(marked('Ein Schwalbenschwanz', ['schwa']), [
    { text: 'Ein ', hit: false }, { text: 'Schwa', hit: true }, { text: 'lben', hit: false },
    { text: 'schwa', hit: true }, { text: 'nz', hit: false }])
  assert.deepEqual(marked('a.b', ['.']).map(({ text, hit }) => [text, hit]), [['a', false], ['.', true], ['b', false]])
  assert.deepEqual(marked('ﬁ x', ['x']), [{ text: 'ﬁ x', hit: false }])
})
