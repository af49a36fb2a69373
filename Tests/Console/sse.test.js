import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DONE, events, textOf } from '../../Sources/Server/Console/lib/sse.js'

const stream = ': hello\r\ndata: {"a":"雨燕 🐦"}\r\n\r\nevent: x\ndata:{"b":\ndata: 2}\n\ndata: [DONE]\n\n'
const expected = [{ a: '雨燕 🐦' }, { b: 2 }, DONE]

async function collect(chunks) {
  const seen = []
  for await (const event of events(chunks)) seen.push(event)
  return seen
}

test('an event cut in two arrives whole', async () => {
  assert.deepEqual(await collect(['data: {"a"', ':1}\n\nda', 'ta: [DONE]\n']), [{ a: 1 }, DONE])
})

test('a stream cut at every byte says the same', async () => {
  const bytes = new TextEncoder().encode(stream)
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const body = ReadableStream.from([bytes.slice(0, cut), bytes.slice(cut)])
    assert.deepEqual(await collect(textOf(body)), expected, `cut at ${cut}`)
  }
})

test('a stream that comes byte by byte says the same', async () => {
  const bytes = [...new TextEncoder().encode(stream)].map((byte) => Uint8Array.of(byte))
  assert.deepEqual(await collect(textOf(ReadableStream.from(bytes))), expected)
})

test('lines may end in a carriage return alone', async () => {
  assert.deepEqual(await collect(['data: 1\r\rdata: 2\r', '\r']), [1, 2])
})

test('an event without its blank line still counts', async () => {
  assert.deepEqual(await collect(['data: 7']), [7])
})

test('half an event is an error, not a silence', async () => {
  await assert.rejects(collect(['data: {"a":']), SyntaxError)
})
