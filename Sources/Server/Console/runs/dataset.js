/**
 * A first look at a file of training data before it is sent: how many rows, of which layout, and what is wrong with the
 * first bad ones. The server judges again; this only spares a person the way there and back. No DOM.
 */

/** How long a line may grow before reading gives up on it; a row is text that a model can read at once. */
const longest = 8_000_000
const told = 5

/** `layout` is `chat`, `preference`, `instruction`, `text` or null; `problems` are `{ line, reason }`. */
export class DatasetReader {
  #rest = ''
  #line = 0
  result = { rows: 0, bad: 0, layout: null, first: null, problems: [] }

  push(text) {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()
    for (const line of lines) this.#take(line)
    if (this.#rest.length <= longest) return
    this.#take(this.#rest.slice(0, 10))
    this.#rest = ''
  }

  /** The result, once nothing more comes. */
  end() {
    if (this.#rest !== '') this.#take(this.#rest)
    this.#rest = ''
    return this.result
  }

  #take(line) {
    this.#line += 1
    const clean = this.#line === 1 ? line.replace(/^\uFEFF/, '') : line
    if (clean.trim() === '') return
    const { layout, reason, row } = judged(clean)
    const { result } = this
    result.rows += 1
    if (layout && result.layout && layout !== result.layout) return this.#complain('mixed')
    if (reason) return this.#complain(reason)
    result.layout ??= layout
    result.first ??= previewOf(row)
  }

  #complain(reason) {
    this.result.bad += 1
    if (this.result.problems.length < told) this.result.problems.push({ line: this.#line, reason })
  }
}

function judged(line) {
  let row
  try {
    row = JSON.parse(line)
  } catch {
    return { reason: 'notJson' }
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { reason: 'notObject' }
  const layout = layoutOf(row)
  return layout ? { layout, row, reason: flawOf(row, layout) } : { reason: 'unknownLayout' }
}

/** The layouts of OpenAI, ShareGPT and Alpaca. */
function layoutOf(row) {
  if ('messages' in row || 'conversations' in row) return 'chat'
  if ('chosen' in row && 'rejected' in row) return 'preference'
  if ('preferred_output' in row && 'non_preferred_output' in row) return 'preference'
  if ('instruction' in row || ('prompt' in row && 'completion' in row)) return 'instruction'
  return 'text' in row ? 'text' : null
}

function flawOf(row, layout) {
  if (layout !== 'chat') return null
  const turns = row.messages ?? row.conversations
  if (!Array.isArray(turns) || turns.length === 0) return 'noMessages'
  return turns.some((turn) => ['assistant', 'gpt'].includes(turn?.role ?? turn?.from)) ? null : 'noAnswer'
}

const said = (value) => (typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value))
const cut = (text) => (text.length > 400 ? `${text.slice(0, 400)}…` : text)
const shown = 6

/** The first turns of a row as `[{ role, text }]`. */
function previewOf(row) {
  const turns = row.messages ?? row.conversations
  if (turns) return turns.slice(0, shown).map((turn) =>
    ({ role: said(turn?.role ?? turn?.from), text: cut(said(turn?.content ?? turn?.value)) }))
  return Object.entries(row).slice(0, shown).map(([role, value]) => ({ role, text: cut(said(value)) }))
}

/** Whether this file's rows are lines of JSON; other kinds the server reads, and judges, by itself. */
export const isReadable = (name) => /\.(jsonl|ndjson)$/i.test(name)

/** Reads chunks of text to the end. */
export async function datasetOf(chunks) {
  const reader = new DatasetReader()
  for await (const chunk of chunks) reader.push(chunk)
  return reader.end()
}
