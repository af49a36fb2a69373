/**
 * A training run in the vocabulary of the console, made from a job of the API. Foreign values: what is not of the right
 * kind is as if it were not there. No DOM, no network.
 */

const text = (value) => (typeof value === 'string' && value !== '' ? value : null)
const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const time = (seconds) => (number(seconds) === null ? null : seconds * 1000)
const setting = (value) => number(value) ?? text(value)

export function runOf(job) {
  const method = text(job.method?.type) ?? 'supervised'
  const given = job.method?.[method]?.hyperparameters ?? job.hyperparameters ?? {}
  const model = text(job.fine_tuned_model)
  const created = time(job.created_at) ?? 0
  return {
    id: String(job.id), status: text(job.status) ?? 'queued', base: text(job.model) ?? '', model, method,
    suffix: text(job.user_provided_suffix) ?? suffixIn(model),
    settings: { epochs: setting(given.n_epochs), batch: setting(given.batch_size),
      multiplier: setting(given.learning_rate_multiplier), beta: setting(given.beta), seed: number(job.seed) },
    created, updated: created, finished: time(job.finished_at), expected: time(job.estimated_finish),
    tokens: number(job.trained_tokens), error: problemOf(job.error),
    training: text(job.training_file), validation: text(job.validation_file),
  }
}

/** `ft:base:organisation:suffix:id` */
function suffixIn(model) {
  const parts = model?.startsWith('ft:') ? model.split(':') : []
  return parts.length >= 5 ? text(parts.at(-2)) : null
}

function problemOf(error) {
  if (!error || (!text(error.message) && !text(error.code))) return null
  return { code: text(error.code) ?? '', message: text(error.message) ?? '', param: text(error.param) }
}

/** What a person calls the run. */
export const nameOf = ({ suffix, base, id }) => suffix ?? `${base.split('/').at(-1)} · ${id.slice(-6)}`

const active = new Set(['validating_files', 'queued', 'running'])
const ended = new Set(['succeeded', 'failed', 'cancelled'])

export const isActive = ({ status }) => active.has(status)
export const isEnded = ({ status }) => ended.has(status)

/** What can be done to a run in its state: of `pause`, `resume`, `cancel`. */
export function actionsFor(run) {
  if (run.status === 'paused') return ['resume', 'cancel']
  if (run.status === 'running' || run.status === 'queued') return ['pause', 'cancel']
  return isEnded(run) ? [] : ['cancel']
}

/** What a person would change to begin another run like this one. */
export const likenessOf = ({ base, method, suffix, settings, training, validation }) => ({
  model: base, method, suffix: suffix ?? '', training, validation,
  epochs: printed(settings.epochs), batch: printed(settings.batch), multiplier: printed(settings.multiplier),
  beta: printed(settings.beta), seed: printed(settings.seed),
})

const printed = (value) => (value === null || value === 'auto' ? '' : String(value))
