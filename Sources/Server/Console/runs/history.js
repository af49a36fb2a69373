/**
 * What a run has told so far: a point for each step, the messages in order. Events may arrive in any order and more
 * than once; where a resumed run tells a step again, the later word counts. No DOM, no network.
 *
 * A point is `{ step, total, time, tokens, train, valid, learningRate, perSecond }`, null for what was not told.
 */

const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null)

export class History {
  #ids = new Set()
  #steps = new Map()
  #points = null
  #messages = []
  /** The oldest event there is, once all pages are read; until then, where to go on from. */
  oldest = null
  complete = false
  /** Whether only the newest events were ever asked for. */
  glanced = false
  revision = 0

  get isEmpty() { return this.#ids.size === 0 }
  knows(id) { return this.#ids.has(id) }

  /** Takes events in; true if one of them was new. */
  add(events) {
    const fresh = events.filter(({ id }) => !this.#ids.has(id))
    for (const event of fresh) this.#take(event)
    if (fresh.length > 0) this.revision += 1
    return fresh.length > 0
  }

  #take(event) {
    this.#ids.add(event.id)
    const time = (number(event.created_at) ?? 0) * 1000
    const point = event.type === 'metrics' ? pointOf(event.data, time) : null
    if (!point) return this.#say(event, time)
    const before = this.#steps.get(point.step)
    const valid = point.valid ?? before?.valid ?? null
    if (!before || time >= before.time) this.#steps.set(point.step, { ...point, valid })
    this.#points = null
  }

  #say({ id, level, message }, time) {
    const entry = { id, time, level: ['warn', 'error'].includes(level) ? level : 'info', text: String(message ?? '') }
    const after = this.#messages.findIndex((each) => each.time > time)
    this.#messages.splice(after < 0 ? this.#messages.length : after, 0, entry)
  }

  /** In order of steps. */
  get points() {
    this.#points ??= [...this.#steps.values()].sort((a, b) => a.step - b.step)
    return this.#points
  }

  get messages() { return this.#messages }
  get latest() { return this.points.at(-1) ?? null }

  /** The point whose validation loss is lowest, or null where none was measured. */
  get best() {
    return this.points.reduce((best, point) =>
      (point.valid !== null && (best === null || point.valid < best.valid) ? point : best), null)
  }
}

function pointOf(data, time) {
  const step = number(data?.step)
  if (step === null) return null
  return { step, time, total: number(data.total_steps), tokens: number(data.tokens), train: number(data.train_loss),
    valid: number(data.valid_loss ?? data.full_valid_loss), learningRate: number(data.learning_rate),
    perSecond: number(data.tokens_per_second) }
}

/**
 * Brings a history up to date. `fetchPage(after)` gives `{ events, more }`, newest first, from after the event `after`.
 * Newer pages are taken in only once they reach what is known, so that a failure between them leaves no hole.
 */
export async function catchUp(history, fetchPage, tell = () => {}) {
  if (!history.isEmpty && history.add(await newer(history, fetchPage))) tell()
  while (!history.complete) {
    const { events, more } = await fetchPage(history.oldest)
    const fresh = history.add(events)
    history.oldest = events.at(-1)?.id ?? history.oldest
    history.complete = history.oldest !== null && (!more || !fresh)
    if (fresh) tell()
    if (events.length === 0) return
  }
}

async function newer(history, fetchPage) {
  const found = []
  let page
  do {
    page = await fetchPage(found.at(-1)?.id ?? null)
    found.push(...page.events)
  } while (page.more && page.events.length > 0 && !page.events.some(({ id }) => history.knows(id)))
  return found
}

/** How many steps back the pace is measured. */
const window = 60

/** How far a run is: `{ step, total, share, perSecond, left }`; `left` in milliseconds, null where nobody can say. */
export function progressOf(run, history, now) {
  const point = history?.latest
  const isDone = run.status === 'succeeded'
  if (!point) return { step: null, total: null, share: isDone ? 1 : null, perSecond: null, left: null }
  const share = isDone ? 1 : point.total ? Math.min(1, point.step / point.total) : null
  const left = run.status === 'running' ? timeLeft(run, history.points, now) : null
  return { step: point.step, total: point.total, share, perSecond: point.perSecond, left }
}

function timeLeft({ expected }, points, now) {
  if (expected !== null) return Math.max(0, expected - now)
  const last = points.at(-1)
  const first = points.at(-Math.min(points.length, window))
  const took = last.time - first.time
  if (!last.total || took <= 0) return null
  const each = took / (last.step - first.step)
  return Math.max(0, (last.total - last.step) * each - Math.max(0, now - last.time))
}
