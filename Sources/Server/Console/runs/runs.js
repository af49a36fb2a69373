/**
 * What is known of the server's training runs, and what a person can do about them, without the page. Tells of changes
 * by the event `change`.
 */
import { catchUp, History } from './history.js'
import { isActive, isEnded } from './run.js'

export class Runs extends EventTarget {
  #known = new Map()
  #histories = new Map()
  #checkpoints = new Map()
  #settled = new Set()
  #missing = new Set()
  #files = new Map()
  #unnamed = new Set()
  #listed = null
  /** Why the list could not be had, or null. */
  error = null
  /** Whether there are older runs than those listed. */
  more = false
  models = []

  constructor({ tuning, api, now = Date.now }) {
    super()
    Object.assign(this, { tuning, api, now })
  }

  /** Newest first; null before the server answered for the first time. */
  get list() { return this.#listed?.map((id) => this.#known.get(id)) ?? null }
  get(id) { return this.#known.get(id) ?? null }
  history(id) { return this.#histories.get(id) ?? null }
  checkpoints(id) { return this.#checkpoints.get(id) ?? null }
  /** Whether the server said that it has no such run. */
  isMissing(id) { return this.#missing.has(id) }
  fileName(id) { return this.#files.get(id)?.name ?? id }
  get files() { return [...this.#files.values()] }

  /** One look at the server: the list, the progress of what runs, and all about `ids`. Returns a `Polling` outcome. */
  async look(ids = []) {
    const before = this.#state()
    try {
      await this.#refresh()
      for (const id of ids) await this.#followIfThere(id)
      for (const run of this.list.filter((each) => each.status === 'running' && !ids.includes(each.id)))
        await this.#glance(run.id)
      this.error = null
    } catch (error) {
      this.error = error
      this.#tell()
      throw error
    }
    const changed = before !== this.#state()
    if (changed) this.#tell()
    return changed ? 'changed' : this.list.some(isActive) ? 'same' : 'calm'
  }

  /** Adds older runs to the list. */
  async older() {
    const { runs, more } = await this.tuning.runs({ after: this.#listed.at(-1) })
    for (const run of runs) this.#known.set(run.id, run)
    this.#listed = [...new Set([...this.#listed, ...runs.map(({ id }) => id)])]
    this.more = more
    this.#tell()
  }

  /** `action` is `pause`, `resume` or `cancel`. */
  async act(id, action) {
    this.#known.set(id, await this.tuning.act(id, action))
    this.#tell()
  }

  async start(body) {
    const run = await this.tuning.start(body)
    this.#known.set(run.id, run)
    this.#listed = [run.id, ...(this.#listed ?? [])]
    this.#tell()
    return run
  }

  async upload(file, signal) {
    const stored = await this.tuning.upload(file, signal)
    this.#files.set(stored.id, stored)
    this.#tell()
    return stored
  }

  async removeFile(id) {
    await this.tuning.removeFile(id)
    this.#files.delete(id)
    this.#tell()
  }

  /** The models and the files there are to begin with. */
  async loadChoices() {
    const [models, files] = await Promise.all([this.api.models(), this.tuning.files()])
    this.models = models
    this.#files = new Map(files.map((file) => [file.id, file]))
    this.#tell()
  }

  async #refresh() {
    const { runs, more } = await this.tuning.runs()
    for (const run of runs) this.#known.set(run.id, run)
    const newest = runs.map(({ id }) => id)
    if (this.#listed === null) this.more = more
    this.#listed = [...new Set([...newest, ...(this.#listed ?? [])])]
      .sort((a, b) => this.#known.get(b).created - this.#known.get(a).created)
  }

  async #followIfThere(id) {
    try {
      await this.#follow(id)
    } catch (error) {
      if (error.details?.status !== 404 || this.#known.has(id)) throw error
      this.#missing.add(id)
    }
  }

  /** Reads all that is new of one run. What has ended and was read to the end says nothing new. */
  async #follow(id) {
    if (this.#settled.has(id)) return
    if (!this.#listed.includes(id) || !this.#known.has(id)) this.#known.set(id, await this.tuning.run(id))
    const run = this.get(id)
    const history = this.#historyOf(id)
    await this.#learnNames(run)
    await catchUp(history, (after) => this.#eventsOf(id, after), () => this.#tell())
    this.#checkpoints.set(id, await this.tuning.checkpoints(id))
    if (isEnded(run)) this.#settled.add(id)
  }

  /** Looks up what the files of a run are called; one that is gone is asked for once. */
  async #learnNames({ training, validation }) {
    const unknown = [training, validation].filter((id) => id && !this.#files.has(id) && !this.#unnamed.has(id))
    if (unknown.length === 0) return
    for (const file of await this.tuning.files()) this.#files.set(file.id, file)
    for (const id of unknown) if (!this.#files.has(id)) this.#unnamed.add(id)
  }

  /** The newest events of a run that is only listed: how far it is. */
  async #glance(id) {
    const { events } = await this.tuning.events(id, { limit: 20 })
    const history = this.#historyOf(id)
    if (history.isEmpty || history.glanced) {
      const glance = new History()
      glance.glanced = true
      glance.add(events)
      this.#histories.set(id, glance)
    } else await catchUp(history, (after) => this.#eventsOf(id, after))
  }

  /** A small page of the newest, large ones of what came before. */
  #eventsOf(id, after) { return this.tuning.events(id, { after, limit: after ? 1000 : 100 }) }

  /** A history that only holds a glance is begun anew. */
  #historyOf(id) {
    const known = this.#histories.get(id)
    if (known && !known.glanced) return known
    const history = new History()
    this.#histories.set(id, history)
    return history
  }

  #state() {
    const histories = [...this.#histories].map(([id, { revision, latest }]) => [id, revision, latest?.step])
    return JSON.stringify([[...this.#known], histories, [...this.#checkpoints], this.#listed, [...this.#missing],
      this.error?.kind])
  }

  #tell() { this.dispatchEvent(new CustomEvent('change')) }
}
