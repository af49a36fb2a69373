import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addresses, mostCompared, routeOf } from '../../Sources/Server/Console/lib/route.js'

const chat = (conversation = null) => ({ page: 'chat', conversation })
const runs = (view, rest = {}) => ({ page: 'runs', view, ...rest })

for (const [hash, route] of [
  ['', chat()], ['#', chat()], ['#/', chat()], ['#/c/ab12', chat('ab12')], ['#/c/a b', chat()], ['#/c/', chat()],
  ['#/nowhere', chat()], ['#/runs', runs('list')], ['#/runs/', runs('list')], ['#/runs/new', runs('start')],
  ['#/runs/ftjob-1', runs('run', { id: 'ftjob-1' })], ['#/runs/ftjob-1/chat', runs('beside', { id: 'ftjob-1' })],
  ['#/runs/ftjob-1/else', runs('run', { id: 'ftjob-1' })], ['#/runs/%E0%A4%A', runs('run', { id: '%E0%A4%A' })],
  ['#/runs/compare', runs('compare', { ids: [] })], ['#/runs/compare/a,b,,a', runs('compare', { ids: ['a', 'b'] })],
])
  test(`${hash || 'no hash'} asks for ${JSON.stringify(route)}`, () => assert.deepEqual(routeOf(hash), route))

test('addresses lead where they say, whatever an id holds', () => {
  for (const id of ['ftjob-1', 'a/b', '<img>', '100%', '#', 'a b']) {
    assert.deepEqual(routeOf(addresses.run(id)), runs('run', { id }))
    assert.deepEqual(routeOf(addresses.beside(id)), runs('beside', { id }))
  }
  assert.deepEqual(routeOf(addresses.compare(['a', 'b/c'])), runs('compare', { ids: ['a', 'b/c'] }))
  assert.deepEqual(routeOf(addresses.list), runs('list'))
  assert.deepEqual(routeOf(addresses.start), runs('start'))
  assert.deepEqual(routeOf(addresses.conversation('c1')), chat('c1'))
  assert.deepEqual(routeOf(addresses.conversation(null)), chat())
})

test('no more runs are compared than there are colours', () => {
  const ids = Array.from({ length: 9 }, (_, index) => `r${index}`)
  assert.equal(routeOf(addresses.compare(ids)).ids.length, mostCompared)
})
