/** Server-sent events, read from chunks of text however the bytes were cut. Knows nothing of chat. */

/** Marks the end of an OpenAI stream, `data: [DONE]`, so that a cut stream can be told from a finished one. */
export const DONE = Symbol('done')

/** Yields the parsed JSON payload of every event, then `DONE` if the stream said so. */
export async function* events(chunks) {
  const reader = new EventReader()
  for await (const chunk of chunks) yield* reader.push(chunk)
  yield* reader.push('\n\n')
}

/** Collects lines into events: data lines add up, a blank line ends one, other fields are passed over. */
export class EventReader {
  #rest = ''
  #data = []

  /** Returns the payloads that this piece of text completes. */
  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop()
    return lines.flatMap((line) => this.#line(line))
  }

  #line(line) {
    if (line.startsWith('data:')) {
      this.#data.push(line.slice(line[5] === ' ' ? 6 : 5))
      return []
    }
    if (line !== '' || this.#data.length === 0) return []
    const payload = this.#data.join('\n')
    this.#data = []
    return [payload === '[DONE]' ? DONE : JSON.parse(payload)]
  }
}

/** Yields the text of a byte stream; a character cut in two arrives whole. */
export async function* textOf(stream) {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      yield decoder.decode(value, { stream: true })
    }
    yield decoder.decode()
  } finally {
    reader.cancel().catch(() => {})
  }
}
