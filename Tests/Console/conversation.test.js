import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  adding, changing, childrenOf, choosing, makeConversation, merging, pathOf, pathTo, removing, restoring, siblingsOf,
} from '../../Sources/Server/Console/chat/conversation.js'

let clock = 0
const say = (conversation, id, parent, role = 'user') =>
  adding(conversation, { id, parent, role, content: id.toUpperCase(), created: ++clock })
const ids = (messages) => messages.map(({ id }) => id).join(' ')

/** q1 → a1, a2 → q2 → a3, and q1b beside q1. */
function tree() {
  let it = makeConversation({ id: 'c', now: 0 })
  it = say(it, 'q1', null)
  it = say(it, 'a1', 'q1', 'assistant')
  it = say(it, 'a2', 'q1', 'assistant')
  it = say(it, 'q2', 'a2')
  return say(it, 'a3', 'q2', 'assistant')
}

test('the path follows what was added last', () => assert.equal(ids(pathOf(tree())), 'q1 a2 q2 a3'))

test('choosing a version shows what follows it', () => {
  assert.equal(ids(pathOf(choosing(tree(), 'a1'))), 'q1 a1')
  assert.equal(ids(pathOf(choosing(choosing(tree(), 'a1'), 'a2'))), 'q1 a2 q2 a3')
})

test('an edited question is a version beside the old one', () => {
  const edited = say(tree(), 'q1b', null)
  assert.equal(ids(pathOf(edited)), 'q1b')
  const { all, index } = siblingsOf(edited, edited.messages.q1b)
  assert.deepEqual([index, all.length], [1, 2])
})

test('the path to a message leads through its parents only', () => assert.equal(ids(pathTo(tree(), 'a1')), 'q1 a1'))

test('removing one message keeps what followed it', () => {
  const without = removing(tree(), 'a2')
  assert.equal(ids(pathOf(without)), 'q1 q2 a3')
  assert.equal(without.messages.a2.content, '')
  assert.equal(ids(pathOf(removing(without, 'q1'))), 'q2 a3')
})

test('a removed message comes back to its place', () => {
  const before = tree()
  const after = restoring(removing(before, 'a2'), before, 'a2')
  assert.equal(ids(pathOf(after)), 'q1 a2 q2 a3')
  assert.equal(after.messages.a2.content, 'A2')
})

test('removing every message in any order leaves nothing', () => {
  for (const order of permutations(['q1', 'a1', 'a2', 'q2', 'a3'])) {
    const empty = order.reduce(removing, tree())
    assert.deepEqual(pathOf(empty), [], order.join())
  }
})

test('a message that is gone cannot be changed', () => {
  const without = removing(tree(), 'a3')
  assert.equal(changing(without, 'a3', { content: 'late' }), without)
})

test('two tabs that both spoke lose nothing', () => {
  const both = tree()
  const mine = say(both, 'mine', 'a3')
  const longer = changing(both, 'a3', { content: 'longer' })
  const theirs = { ...say(longer, 'theirs', 'a3'), version: 4, touched: 9, title: 'T' }
  const merged = merging(mine, theirs)
  assert.deepEqual(childrenOf(merged, 'a3').map(({ id }) => id), ['mine', 'theirs'])
  assert.equal(merged.messages.a3.content, 'longer')
  assert.deepEqual([merged.title, merged.version], ['T', 4])
})

test('what one tab removed does not come back from the other', () => {
  const both = tree()
  const merged = merging(both, removing(both, 'a3'))
  assert.equal(ids(pathOf(merged)), 'q1 a2 q2')
})

test('a tree that loops is walked once', () => {
  const it = tree()
  const looped = { ...it, messages: { ...it.messages, q1: { ...it.messages.q1, parent: 'a3' } } }
  assert.deepEqual(pathOf(looped), [])
  assert.equal(pathTo(looped, 'a3').length, 4)
})

function permutations(list) {
  if (list.length < 2) return [list]
  return list.flatMap((each, index) => permutations(list.toSpliced(index, 1)).map((rest) => [each, ...rest]))
}
