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
    const details = { message: said.message ?? '', status, code: said.code ?? null }
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
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 413) return 'tooLarge'
  if (status === 404) return 'unknownModel'
  if (status >= 500 || type === 'server_error') return 'failed'
  return 'refused'
}

/** The two counts of a full context: from fields of their own, else from the numbers in the sentence. */
export function counts(said) {
  const numbers = (said.message ?? '').match(/\d[\d,]*/g)?.map((digits) => Number(digits.replaceAll(',', ''))) ?? []
  const plausible = numbers.filter((number) => number >= 16).sort((a, b) => a - b)
  return {
    limit: said.context_length ?? plausible[0] ?? null,
    tokens: said.prompt_tokens ?? (plausible.length > 1 ? plausible.at(-1) : null),
  }
}

/** Reads `retry-after`, which is a number of seconds or a date. */
export function secondsToWait(header, now = Date.now()) {
  if (!header) return null
  const seconds = Number(header)
  const wait = Number.isFinite(seconds) ? seconds : (Date.parse(header) - now) / 1000
  return Number.isFinite(wait) ? Math.min(Math.max(Math.ceil(wait), 1), 600) : null
}
