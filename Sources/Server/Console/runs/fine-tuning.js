/** The files and the fine-tuning jobs of the public API. Knows no page and keeps no state. */
import { runOf } from './run.js'

const jobs = '/v1/fine_tuning/jobs'
const query = (values) => {
  const given = Object.entries(values).filter(([, value]) => value != null)
  return given.length ? `?${new URLSearchParams(given)}` : ''
}

export class FineTuning {
  constructor(api) { this.api = api }

  /** `{ runs, more }`, newest first. */
  async runs({ limit = 50, after } = {}) {
    const { data, has_more: more } = await this.#get(jobs + query({ limit, after }))
    return { runs: data.map(runOf), more: more === true }
  }

  async run(id) { return runOf(await this.#get(this.#path(id))) }
  async start(body) { return runOf(await this.#post(jobs, JSON.stringify(body))) }

  /** `action` is `pause`, `resume` or `cancel`; returns the run as it is then. */
  async act(id, action) { return runOf(await this.#post(`${this.#path(id)}/${action}`)) }

  /** `{ events, more }`, newest first, from after the event `after`. */
  async events(id, { limit, after }) {
    const { data, has_more: more } = await this.#get(`${this.#path(id)}/events${query({ limit, after })}`)
    return { events: data, more: more === true }
  }

  /** What the run has laid by, newest first: `[{ id, step, time, model, train, valid }]`. */
  async checkpoints(id) {
    const found = []
    let page
    do {
      page = await this.#get(`${this.#path(id)}/checkpoints${query({ limit: 100, after: found.at(-1)?.id })}`)
      found.push(...page.data)
    } while (page.has_more === true && page.data.length > 0)
    return found.map(checkpointOf)
  }

  /** The files that can be trained on, newest first: `[{ id, name, size, created }]`. */
  async files() {
    const { data } = await this.#get('/v1/files' + query({ purpose: 'fine-tune', limit: 1000 }))
    return data.map(fileOf).sort((a, b) => b.created - a.created)
  }

  async upload(file, signal) {
    const form = new FormData()
    form.append('purpose', 'fine-tune')
    form.append('file', file, file.name)
    return fileOf(await this.#post('/v1/files', form, signal))
  }

  removeFile(id) { return this.api.call(`/v1/files/${encodeURIComponent(id)}`, { method: 'DELETE' }) }

  #path(id) { return `${jobs}/${encodeURIComponent(id)}` }
  async #get(path) { return (await this.api.call(path)).json() }
  async #post(path, body, signal) { return (await this.api.call(path, { method: 'POST', body, signal })).json() }
}

const fileOf = ({ id, filename, bytes, created_at: created }) =>
  ({ id: String(id), name: String(filename ?? id), size: Number(bytes) || 0, created: (Number(created) || 0) * 1000 })

const loss = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null)

const checkpointOf = ({ id, step_number: step, created_at: created, fine_tuned_model_checkpoint: model, metrics }) =>
  ({ id: String(id), step: Number(step) || 0, time: (Number(created) || 0) * 1000, model: String(model ?? ''),
    train: loss(metrics?.train_loss), valid: loss(metrics?.full_valid_loss ?? metrics?.valid_loss) })
