/** Numbers, dates and lengths as people read them. No DOM, no state. */

const number = (locale, options) => new Intl.NumberFormat(locale, options)

export const count = (value, locale) => number(locale).format(value)

/** `1234` whole, `1234567` as `1.2M`, `1e-5` as it is. */
export const compact = (value, locale) => number(locale, Math.abs(value) >= 10_000
  ? { notation: 'compact', maximumFractionDigits: 1 } : { maximumFractionDigits: 4 }).format(value)

/** `2048` as `2k`, `131072` as `128k`: context lengths are powers of two. */
export const contextSize = (tokens) => (tokens >= 1024 ? `${Math.round(tokens / 1024)}k` : String(tokens))

export function seconds(milliseconds, locale) {
  const value = milliseconds / 1000
  const digits = value < 1 ? 2 : value < 10 ? 1 : 0
  return number(locale, { style: 'unit', unit: 'second', unitDisplay: 'narrow', maximumFractionDigits: digits })
    .format(value)
}

export const rate = (perSecond, locale) =>
  number(locale, { maximumFractionDigits: perSecond < 10 ? 1 : 0 }).format(perSecond)

/** A length of time in its two greatest units: `3d 4h`, `2h 5m`, `40s`. */
export function duration(milliseconds, locale) {
  const sizes = { day: 86_400, hour: 3600, minute: 60, second: 1 }
  const names = Object.keys(sizes)
  let rest = Math.max(0, Math.round(milliseconds / 1000))
  const first = names.findIndex((name) => rest >= sizes[name] || name === 'second')
  const parts = names.slice(first, first + 2).map((unit) => {
    const value = Math.floor(rest / sizes[unit])
    rest -= value * sizes[unit]
    return { unit, value }
  })
  return parts.filter(({ value }, index) => index === 0 || value > 0)
    .map(({ unit, value }) => number(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).format(value)).join(' ')
}

/** `1234567` as `1.2MB`. */
export function bytes(size, locale) {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']
  const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(size, 1)) / 3)))
  return number(locale, { style: 'unit', unit: units[at], unitDisplay: 'short', maximumFractionDigits: at > 1 ? 1 : 0 })
    .format(size / 1000 ** at)
}

/** A loss or a learning rate: four digits that matter, an exponent where there would be many noughts. */
export function measure(value) {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size !== 0 && (size < 0.001 || size >= 100_000)) return value.toExponential(2).replace('e+', 'e')
  return value.toFixed(size < 10 ? 4 : size < 1000 ? 2 : 0)
}

/** A day and a time as a list shows them. */
export const moment = (time, locale) =>
  new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }).format(time)

const day = 86_400_000

/** The group a conversation is listed under: `today`, `yesterday`, `week`, `month` or `older`. */
export function dateGroup(time, now = Date.now()) {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  if (time >= midnight) return 'today'
  if (time >= midnight - day) return 'yesterday'
  if (time >= midnight - 7 * day) return 'week'
  return time >= midnight - 30 * day ? 'month' : 'older'
}

/** Lists of `{ group, items }`, newest first. */
export function groupByDate(items, now = Date.now()) {
  const groups = []
  for (const item of [...items].sort((a, b) => b.updated - a.updated)) {
    const group = dateGroup(item.updated, now)
    if (groups.at(-1)?.group === group) groups.at(-1).items.push(item)
    else groups.push({ group, items: [item] })
  }
  return groups
}

/** A time of this place as a file's name can hold it: `2026-11-23 21.05`. */
export function timestamp(time) {
  const date = new Date(time)
  const [month, day, hours, minutes] = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()]
    .map((part) => String(part).padStart(2, '0'))
  return `${date.getFullYear()}-${month}-${day} ${hours}.${minutes}`
}

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/

/** Cuts a line to a width in columns, where a Chinese character takes two, without splitting a character. */
export function clip(text, columns) {
  let width = 0
  let kept = ''
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    width += wide.test(segment) ? 2 : 1
    if (width > columns) return kept.trimEnd() + '…'
    kept += segment
  }
  return kept
}

/** A title made from the first message: its first line with words in it, Markdown signs left off. */
export function titleFrom(text) {
  const line = text.split('\n').map((each) => each.replace(/^[\s#>*`-]+|[\s`*]+$/g, '')).find((each) => each !== '')
  return clip((line ?? '').replace(/\s+/g, ' '), 48)
}
