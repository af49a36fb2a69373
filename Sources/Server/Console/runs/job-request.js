/** Turns what a person filled in into a request of the public API, or says what is wrong. No DOM, no network. */

/** A setting left empty is not sent: the server chooses. */
export const settings = [
  { name: 'epochs', wire: 'n_epochs', min: 1, max: 1000, whole: true },
  { name: 'batch', wire: 'batch_size', min: 1, max: 4096, whole: true },
  { name: 'multiplier', wire: 'learning_rate_multiplier', above: 0, max: 1000 },
  { name: 'beta', wire: 'beta', above: 0, max: 100, only: 'dpo' },
]
export const seedSetting = { name: 'seed', wire: 'seed', min: 0, max: 2_147_483_647, whole: true }

export const methods = ['supervised', 'dpo']
export const longestSuffix = 64

/** A form that nobody touched. `by` is `fields` or `yaml`. */
export const blank = () => ({ model: '', training: null, validation: null, method: 'supervised', suffix: '',
  by: 'fields', epochs: '', batch: '', multiplier: '', beta: '', seed: '', yaml: '' })

/** The settings that this method has. */
export const settingsFor = (method) => settings.filter(({ only }) => !only || only === method)

/** What is wrong with a typed value, or null: `notNumber`, `notWhole`, `tooSmall`, `tooLarge`. */
export function flawOf(typed, { min, above, max, whole }) {
  const text = String(typed).trim().replace(',', '.')
  if (text === '') return null
  const value = Number(text)
  if (!Number.isFinite(value)) return 'notNumber'
  if (whole && !Number.isInteger(value)) return 'notWhole'
  if ((min != null && value < min) || (above != null && value <= above)) return 'tooSmall'
  return value > max ? 'tooLarge' : null
}

/**
 * What must be put right before anything is sent: `{ field: reason }`. A file counts as given when it is stored
 * already (`training`) or picked and read (`picked.training`).
 */
export function problemsOf(form, picked = {}) {
  const problems = {}
  if (form.model === '') problems.model = 'missing'
  if (!form.training && !picked.training) problems.training = 'missing'
  for (const name of ['training', 'validation']) if (picked[name]?.rows === 0) problems[name] = 'empty'
  if ([...form.suffix].length > longestSuffix) problems.suffix = 'tooLong'
  if (form.by === 'yaml') return form.yaml.trim() === '' ? { ...problems, yaml: 'missing' } : problems
  for (const each of [...settingsFor(form.method), seedSetting]) {
    const flaw = flawOf(form[each.name], each)
    if (flaw) problems[each.name] = flaw
  }
  return problems
}

/** The request for a form without problems whose files are stored. */
export function requestFor(form) {
  const body = { model: form.model, training_file: form.training }
  if (form.validation) body.validation_file = form.validation
  if (form.suffix.trim() !== '') body.suffix = form.suffix.trim()
  if (form.by === 'yaml') return { ...body, method: methodFor(form.method, {}), yuyan: form.yaml }
  if (given(form.seed)) body.seed = numberIn(form.seed)
  const chosen = settingsFor(form.method).filter(({ name }) => given(form[name]))
  return { ...body, method: methodFor(form.method, Object.fromEntries(chosen.map(({ name, wire }) =>
    [wire, numberIn(form[name])]))) }
}

const given = (typed) => String(typed).trim() !== ''
const numberIn = (typed) => Number(String(typed).trim().replace(',', '.'))
const methodFor = (type, hyperparameters) =>
  ({ type, [type]: Object.keys(hyperparameters).length ? { hyperparameters } : {} })

const wires = { model: 'model', training_file: 'training', validation_file: 'validation', suffix: 'suffix',
  seed: 'seed', yuyan: 'yaml', ...Object.fromEntries(settings.map(({ name, wire }) => [wire, name])) }

/** The field that the server's `param` speaks of, or null: `method.dpo.hyperparameters.beta` is `beta`. */
export const fieldFor = (param) => {
  const parts = String(param ?? '').split('.')
  const known = [...parts].reverse().find((part) => Object.hasOwn(wires, part))
  return known ? wires[known] : null
}
