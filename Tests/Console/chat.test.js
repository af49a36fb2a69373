import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Answering } from '../../Sources/Server/Console/chat/answering.js'
import { ApiError } from '../../Sources/Server/Console/lib/api-error.js'
import { Chat } from '../../Sources/Server/Console/chat/chat.js'
import { composerKey, pageKey } from '../../Sources/Server/Console/chat/keys.js'
import { explain } from '../../Sources/Server/Console/chat/describe.js'
import { follows } from '../../Sources/Server/Console/chat/follow.js'
import { Library } from '../../Sources/Server/Console/chat/library.js'
import { MemoryStore, reconciled } from '../../Sources/Server/Console/chat/store.js'
import { Preferences } from '../../Sources/Server/Console/lib/preferences.js'
import { recover, writeDown } from '../../Sources/Server/Console/chat/recovery.js'

/** A server that echoes, a letter a chunk; `break` fails, `hang` waits for the abort. */
class FakeApi {
  requests = []
  async models() {
    return [{ id: 'm', contextLength: 9, hasTemplate: true }, { id: 'base', contextLength: 9, hasTemplate: false }]
  }
  async *complete({ body }, signal) {
    this.requests.push(body)
    const said = body.messages?.at(-1).content ?? body.prompt
    for (const letter of `>${said}`) yield { choices: [{ delta: { content: letter }, text: letter }] }
    if (said === 'break') throw new ApiError('failed', { message: 'no' })
    if (said === 'hang') await aborted(signal)
    yield { choices: [{ finish_reason: 'stop' }] }
  }
}

const aborted = (signal) => new Promise((_, reject) => {
  signal.addEventListener('abort', () => reject(new ApiError('stopped')))
})

let ids = 0
async function start({ store = new MemoryStore(), storage = fakeStorage(), left = async () => {} } = {}) {
  const makeId = () => `id${ids++}`
  const library = new Library(store, { makeId, delay: 0 })
  await library.start()
  const api = new FakeApi()
  const answering = new Answering({ api, library, hold: () => () => {} })
  const preferences = new Preferences(storage)
  const chat = new Chat({ api, library, answering, preferences, makeId, left })
  await chat.loadModels()
  return { chat, api, library, answering, preferences, store, storage }
}

function fakeStorage() {
  const map = new Map()
  return { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => map.set(key, value),
    removeItem: (key) => map.delete(key), key: (index) => [...map.keys()][index], get length() { return map.size } }
}

/** Waits until it is so; a machine may be busy. */
async function until(isSo) {
  for (const end = Date.now() + 10_000; !isSo(); ) {
    assert.ok(Date.now() < end, `not so after ten seconds: ${isSo}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Asks what hangs, and waits until all that will come has come and is stored. */
async function hang({ chat, library }) {
  chat.send('hang')
  await until(() => shown(chat) === 'hang | >hang')
  await library.save(chat.conversation.id)
}

const shown = (chat) => chat.path.map(({ content }) => content).join(' | ')

test('a question gets its answer, and the conversation its title', async () => {
  const { chat, library } = await start()
  await chat.send('hello')
  assert.equal(shown(chat), 'hello | >hello')
  assert.deepEqual(library.summaries.map(({ title }) => title), ['hello'])
  assert.equal(chat.path[1].state, 'done')
})

test('a conversation without a word is not kept', async () => {
  const { chat, library } = await start()
  chat.configure({ system: 's' })
  chat.create()
  assert.deepEqual(library.summaries, [])
})

test('regenerating and editing branch', async () => {
  const { chat } = await start()
  await chat.send('one')
  await chat.regenerate(chat.path[1].id)
  assert.equal(Object.keys(chat.conversation.messages).length, 3)
  await chat.edit(chat.path[0].id, 'two')
  assert.equal(shown(chat), 'two | >two')
  assert.equal(Object.keys(chat.conversation.messages).length, 5)
})

test('a conversation of one question has no half to leave out', async () => {
  const { chat } = await start()
  assert.equal(chat.canForgetHalf, false)
  await chat.send('one')
  assert.deepEqual([chat.canForgetHalf, chat.forgetHalf()], [false, false])
  await chat.send('two')
  assert.equal(chat.canForgetHalf, true)
  chat.forgetHalf()
  assert.equal(chat.canForgetHalf, false)
})

test('a context that one message fills is told in words of its own', () => {
  const full = { kind: 'contextFull', message: 'm', tokens: 9, limit: 4, wanted: 0 }
  const told = (error, options) => Object.values(explain(error, options)).join(' ')
  assert.match(told(full), /older half/)
  for (const error of [full, { ...full, wanted: 3 }, { ...full, tokens: null }])
    assert.match(told(error, { alone: true }), /too long.*(?:S|s)horten the message/)
})

test('a stopped answer stays and can go on', async () => {
  const { chat } = await start()
  const sent = chat.send('hang')
  await until(() => shown(chat) === 'hang | >hang')
  assert.ok(chat.running)
  await chat.send('not now')
  chat.stop()
  await sent
  assert.deepEqual([shown(chat), chat.path[1].state], ['hang | >hang', 'stopped'])
  await chat.continue(chat.path[1].id)
  assert.equal(shown(chat), 'hang | >hang>>hang')
})

test('a failed answer says why and can be tried again', async () => {
  const { chat, api } = await start()
  await chat.send('break')
  assert.deepEqual([chat.path[1].state, chat.path[1].error.kind, chat.path[1].content], ['failed', 'failed', '>break'])
  await chat.retry(chat.path[1].id)
  assert.equal(api.requests[1].continue_final_message, true)
  assert.equal(chat.path.length, 2)
})

test('a model without template is asked to continue text', async () => {
  const { chat, api } = await start()
  chat.configure({ model: 'base' })
  await chat.send('once')
  assert.equal(api.requests[0].prompt, 'once')
  chat.configure({ model: 'm' })
  await chat.send('more')
  assert.ok(api.requests[1].messages)
})

test('what is deleted comes back when wanted', async () => {
  const { chat, library, store } = await start()
  await chat.send('keep')
  const { id } = chat.conversation
  const restore = await chat.remove(id)
  assert.deepEqual([library.summaries.length, await store.load(id), chat.path.length], [0, null, 0])
  await restore()
  assert.equal(shown(chat), 'keep | >keep')
  assert.ok(await store.load(id))
})

test('a late save does not bring back what was deleted', async () => {
  const { chat, library, store } = await start()
  await chat.send('gone')
  const { id } = chat.conversation
  await library.save(id)
  await store.remove(id)
  await library.save(id)
  assert.equal(await store.load(id), null)
})

test('everything is still there after a new start', async () => {
  const { chat, library, store } = await start()
  await chat.send('stay')
  await library.flush()
  const again = await start({ store })
  assert.ok(await again.chat.select(chat.conversation.id))
  assert.equal(shown(again.chat), 'stay | >stay')
  assert.equal(await again.chat.select('nobody'), false)
})

test('an answer that was being written when the page went is kept', async () => {
  const { chat, library, answering, preferences, store, storage } = await start()
  await hang({ chat, library })
  store.conversations.get(chat.conversation.id).messages[chat.path[1].id].content = '>h'
  const { id } = chat.conversation
  library.save = async () => {}
  writeDown({ answering, library, preferences })
  chat.stop()
  const next = await start({ store, storage })
  await recover(next)
  await next.chat.select(id)
  assert.deepEqual([shown(next.chat), next.chat.path[1].state], ['hang | >hang', 'interrupted'])
  assert.deepEqual(next.preferences.names().filter((name) => name.startsWith('unsaved')), [])
})

test('an answer that ended as the page went, before it was stored, is kept whole', async () => {
  const { chat, library, answering, preferences, store, storage } = await start()
  const write = library.save.bind(library)
  library.save = () => new Promise(() => {})
  chat.send('quick')
  await until(() => chat.path[1]?.state === 'done')
  await write(chat.conversation.id)
  Object.assign(store.conversations.get(chat.conversation.id).messages[chat.path[1].id], { content: '>q', state: 'streaming' })
  library.flush = () => {}
  writeDown({ answering, library, preferences })
  const next = await start({ store, storage })
  await recover(next)
  await next.chat.select(chat.conversation.id)
  assert.deepEqual([shown(next.chat), next.chat.path[1].state], ['quick | >quick', 'done'])
})

test('an answer that another tab writes is called interrupted only when that tab has let go of it', async () => {
  const store = new MemoryStore()
  const one = await start({ store })
  await hang(one)
  let leave
  const two = await start({ store, left: () => new Promise((resolve) => { leave = resolve }) })
  await two.chat.select(one.chat.conversation.id)
  assert.equal(two.chat.path[1].state, 'streaming')
  leave()
  await until(() => two.chat.path[1].state === 'interrupted')
  one.chat.stop()
})

test('an answer that another tab finished is not called interrupted', async () => {
  const store = new MemoryStore()
  const one = await start({ store })
  await hang(one)
  let leave
  const two = await start({ store, left: () => new Promise((resolve) => { leave = resolve }) })
  await two.chat.select(one.chat.conversation.id)
  one.chat.stop()
  await until(() => one.answering.unsaved.length === 0)
  leave()
  await until(() => two.chat.path[1].state !== 'streaming')
  assert.equal(two.chat.path[1].state, 'stopped')
})

test('two tabs with one store keep what both said', async () => {
  const store = new MemoryStore()
  const one = await start({ store })
  await one.chat.send('first')
  await one.library.flush()
  const two = await start({ store })
  await two.chat.select(one.chat.conversation.id)
  await Promise.all([one.chat.send('from one'), two.chat.send('from two')])
  await Promise.all([one.library.save(one.chat.conversation.id), two.library.save(one.chat.conversation.id)])
  const { messages } = await store.load(one.chat.conversation.id)
  const contents = Object.values(messages).map(({ content }) => content)
  const said = ['first', 'from one', '>from one', 'from two', '>from two']
  assert.deepEqual(said.filter((each) => !contents.includes(each)), [])
})

test('search finds what was said, export and import carry it', async () => {
  const { chat, library } = await start()
  await chat.send('swifts fly')
  assert.deepEqual((await library.search('FLY swifts')).map(({ summary }) => summary.title), ['swifts fly'])
  assert.equal(await library.import(await library.export()), 1)
  assert.equal(library.summaries.length, 2)
})

test('an older copy adds to the newer, a first copy is the first', () => {
  const base = { id: 'c', updated: 1, messages: {}, chosen: {}, version: 1 }
  assert.equal(reconciled({ ...base, version: 0 }, null).version, 1)
  assert.equal(reconciled(base, null), null)
  assert.equal(reconciled(base, { ...base, version: 5 }).version, 6)
})

for (const [event, empty, action] of [
  [{ key: 'Enter' }, false, 'send'], [{ key: 'Enter', shiftKey: true }, false, null],
  [{ key: 'Enter', isComposing: true }, false, null], [{ key: 'Enter', keyCode: 229 }, false, null],
  [{ key: 'ArrowUp' }, true, 'editLast'], [{ key: 'ArrowUp' }, false, null], [{ key: 'a' }, true, null],
])
  test(`${JSON.stringify(event)} in the field: ${action}`, () => assert.equal(composerKey(event, { empty }), action))

for (const [event, action] of [
  [{ key: 'k', ctrlKey: true }, 'search'], [{ key: 'K', metaKey: true }, 'search'], [{ key: 'k' }, null],
  [{ key: 'O', ctrlKey: true, shiftKey: true }, 'new'], [{ key: 'o', ctrlKey: true }, null],
  [{ key: ',', metaKey: true }, 'settings'],
  [{ key: 'Escape' }, 'stop'], [{ key: 'Escape', isComposing: true }, null],
])
  test(`${JSON.stringify(event)} on the page: ${action}`, () => assert.equal(pageKey(event), action))

test('scrolling up lets go, coming back takes hold, growing changes nothing', () => {
  const at = (top, height = 1000) => ({ top, height, view: 200 })
  assert.equal(follows(true, at(800), at(500)), false)
  assert.equal(follows(false, at(500), at(790)), true)
  assert.equal(follows(true, at(800), at(800, 1500)), true)
  assert.equal(follows(false, at(500), at(500, 1500)), false)
})
