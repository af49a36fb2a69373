/**
 * The run that a person is about to start: the form as it stands, the files picked for it, and sending both. Lives
 * longer than the page that shows it. Tells of changes by the event `change`.
 */
import { ApiError } from '../lib/api-error.js'
import { blank, fieldFor, problemsOf, requestFor } from './job-request.js'
import { datasetOf, isReadable } from './dataset.js'
import { likenessOf } from './run.js'

export class Start extends EventTarget {
  form = blank()
  /** Files not sent yet: `{ training: { file, name, size, reading, dataset } }`. */
  picked = {}
  /** What must be put right: by us before sending, or by the server's word. */
  problems = {}
  /** What the server said, with the field it spoke of: `{ error, field }`. */
  refusal = null
  /** `training`, `validation` or `job` while that is being sent. */
  sending = null

  constructor({ runs }) {
    super()
    this.runs = runs
  }

  set(name, value) {
    this.form = { ...this.form, [name]: value }
    delete this.problems[name]
    if (this.refusal?.field === name) this.refusal = null
    this.#tell()
  }

  /** Begins with the settings of another run. */
  like(run) {
    this.form = { ...blank(), ...likenessOf(run) }
    this.picked = {}
    this.problems = {}
    this.refusal = null
    this.#tell()
  }

  /** Takes a file for `name`, `training` or `validation`, and looks into it. */
  async pick(name, file) {
    const entry = { file, name: file.name, size: file.size, reading: isReadable(file.name), dataset: null }
    this.picked[name] = entry
    this.set(name, null)
    if (!entry.reading) return
    entry.dataset = await datasetOf(textIn(file)).catch(() => null)
    entry.reading = false
    if (this.picked[name] === entry) this.#tell()
  }

  /** Lets go of a stored file that is gone. */
  forget(id) {
    for (const name of ['training', 'validation']) if (this.form[name] === id) this.set(name, null)
  }

  unpick(name) {
    delete this.picked[name]
    this.set(name, null)
  }

  /** Sends the files, then the job. Returns the run, or null where something stands in the way. */
  async send() {
    if (this.sending) return null
    const looked = Object.entries(this.picked).map(([name, { dataset }]) => [name, dataset ?? {}])
    this.problems = problemsOf(this.form, Object.fromEntries(looked))
    this.refusal = null
    if (Object.keys(this.problems).length > 0) return this.#tell()
    try {
      for (const name of ['training', 'validation']) await this.#sendFile(name)
      this.#sending('job')
      const run = await this.runs.start(requestFor(this.form))
      this.form = blank()
      return run
    } catch (failure) {
      this.#refuse(ApiError.fromFailure(failure, 'failed'))
      return null
    } finally {
      this.#sending(null)
    }
  }

  /** Once stored, a file is not sent again when the job is refused for another reason. */
  async #sendFile(name) {
    const entry = this.picked[name]
    if (!entry) return
    this.#sending(name)
    const stored = await this.runs.upload(entry.file)
    delete this.picked[name]
    this.form = { ...this.form, [name]: stored.id }
  }

  /** Only what the server says of the request itself belongs to a field. */
  #refuse(error) {
    const field = this.sending === 'job' ? fieldFor(error.details.param) : this.sending
    this.refusal = { error, field: ['refused', 'tooLarge'].includes(error.kind) ? field : null }
  }

  #sending(what) {
    this.sending = what
    this.#tell()
  }

  #tell() {
    this.dispatchEvent(new CustomEvent('change'))
    return null
  }
}

/** The text of a file, piece by piece: it may be larger than memory. */
async function* textIn(file) {
  const decoder = new TextDecoder()
  const reader = file.stream().getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    yield decoder.decode(piece.value, { stream: true })
  yield decoder.decode()
}
