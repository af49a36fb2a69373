/** The settings of one request: which there are, what they may be, and how the API spells them. No DOM. */

/** A setting left at null is not sent: the server and the model decide. `slider` is what the slider shows then. */
export const parameters = [
  { name: 'temperature', min: 0, max: 2, step: 0.05, slider: 0.7 },
  { name: 'top_p', min: 0.01, max: 1, step: 0.01, slider: 0.9 },
  { name: 'top_k', min: 0, max: 200, step: 1, slider: 40, whole: true },
  { name: 'min_p', min: 0, max: 1, step: 0.01, slider: 0.05 },
  { name: 'repetition_penalty', min: 0.5, max: 2, step: 0.05, slider: 1 },
  { name: 'presence_penalty', min: -2, max: 2, step: 0.1, slider: 0 },
  { name: 'frequency_penalty', min: -2, max: 2, step: 0.1, slider: 0 },
  { name: 'max_tokens', min: 1, max: 1_000_000, step: 1, whole: true },
  { name: 'seed', min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, whole: true },
]

/**
 * What a conversation starts with. The API's own defaults, temperature 1 and every token of the vocabulary, derail small
 * models; these suit a talk with most.
 */
export const customary = { temperature: 0.7, top_p: 0.9, min_p: 0.05 }

/** Reads what a person typed: a number within bounds, or null for "as the model likes it". */
export function parse(parameter, text) {
  const value = Number(String(text).trim().replace(',', '.'))
  if (String(text).trim() === '' || !Number.isFinite(value)) return null
  const bounded = Math.min(Math.max(value, parameter.min), parameter.max)
  return parameter.whole ? Math.round(bounded) : bounded
}

/** One stop string a line, `\n` for a line break; the API takes four. */
export const parseStops = (text) =>
  text.split('\n').filter((line) => line !== '').slice(0, 4)
    .map((line) => line.replaceAll('\\n', '\n').replaceAll('\\t', '\t'))

export const printStops = (stops = []) =>
  stops.map((stop) => stop.replaceAll('\n', '\\n').replaceAll('\t', '\\t')).join('\n')

/** The settings as fields of a request body. */
export function fieldsOf(sampling = {}) {
  const fields = {}
  for (const { name } of parameters) if (sampling[name] != null) fields[name] = sampling[name]
  if (sampling.stop?.length) fields.stop = sampling.stop
  return fields
}

/** Keeps of a foreign object only what is a setting and in bounds; imported files are not trusted. */
export function cleaned(sampling) {
  const kept = {}
  for (const parameter of parameters) {
    const value = typeof sampling?.[parameter.name] === 'number' ? parse(parameter, sampling[parameter.name]) : null
    if (value != null) kept[parameter.name] = value
  }
  const stops = Array.isArray(sampling?.stop) ? sampling.stop.filter((stop) => typeof stop === 'string') : []
  if (stops.length) kept.stop = stops.slice(0, 4)
  return kept
}
