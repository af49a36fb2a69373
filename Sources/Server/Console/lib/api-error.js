/** What went wrong between console and server, sorted by what a person can do about it. */

/**
 * `kind` is one of: unreachable, cut, stopped, busy, contextFull, noTemplate, unknownModel, unauthorized, tooLarge,
 * refused (the request was wrong), failed (the server was).
 */
export class ApiError extends Error {
  constructor(kind, details = {}) {
    super(details.message ?? kind)
    this.kind = kind
    this.details = details
  }

  static async fromResponse(response) {
    const body = await response.json().catch(() => null)
    const error = ApiError.fromBody(response.status, body)
    const wait = secondsToWait(response.headers.get('retry-after'))
    if (error.kind === 'busy') error.details.retryAfter = wait ?? 5
    return error
  }

  static fromBody(status, body) {
    const said = typeof body?.error === 'string' ? { message: body.error } : (body?.error ?? {})
    const details = { message: said.message ?? '', status, code: said.code ?? null, param: said.param ?? null }
    const kind = kindOf(status, said)
    return new ApiError(kind, kind === 'contextFull' ? { ...details, ...counts(said) } : details)
  }

  /** Keeps an `ApiError`, recognises an abort, and calls anything else by the given kind. */
  static fromFailure(error, kind) {
    if (error instanceof ApiError) return error
    if (error?.name === 'AbortError') return new ApiError('stopped')
    return new ApiError(kind, { message: String(error?.message ?? error) })
  }
}

function kindOf(status, { code, type }) {
  if (code === 'context_length_exceeded') return 'contextFull'
  if (code === 'no_chat_template' || code === 'chat_template_missing') return 'noTemplate'
  if (code === 'model_not_found') return 'unknownModel'
  if (status === 429) return 'busy'
  if (status === 401) return 'unauthorized'
  if (status === 413) return 'tooLarge'
  if (status === 404) return 'unknownModel'
  if (status >= 500 || type === 'server_error') return 'failed'
  return 'refused'
}

/**
 * What a refusal tells of a full context. Servers say it in a sentence, "holds 2048 tokens, but the prompt has 1900 and
 * 300 more were asked for, 2200 in all": the limit first, then the prompt, the whole at the end.
 */
export function counts({ message = '' }) {
  const numbers = message.match(/\d[\d,]*/g)?.map((digits) => Number(digits.replaceAll(',', ''))) ?? []
  if (numbers.length < 2) return { limit: numbers[0] ?? null, tokens: null, wanted: null }
  const [limit, tokens] = numbers.length === 2 ? numbers.sort((a, b) => a - b) : numbers
  return { limit, tokens, wanted: tokens <= limit ? numbers.at(-1) - tokens : null }
}

/** Reads `retry-after`, which is a number of seconds or a date. */
export function secondsToWait(header, now = Date.now()) {
  if (!header) return null
  const seconds = Number(header)
  const wait = Number.isFinite(seconds) ? seconds : (Date.parse(header) - now) / 1000
  return Number.isFinite(wait) ? Math.min(Math.max(Math.ceil(wait), 1), 600) : null
}
