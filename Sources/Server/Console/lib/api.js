/** The public HTTP API, as this console speaks it. Knows no page and keeps no state. */
import { ApiError } from './api-error.js'
import { DONE, events, textOf } from './sse.js'

export class Api {
  /** `key` is asked at each call for the key to show the server, or null; `lost` is told when nobody answers, or stops half way. */
  constructor({ fetcher = (...request) => fetch(...request), key = () => null, lost = () => {} } = {}) {
    this.fetch = fetcher
    this.key = key
    this.lost = lost
  }

  /** The models that can be asked: `[{ id, contextLength, hasTemplate }]`. Those that only make vectors say nothing. */
  async models() {
    const { data } = await (await this.call('/v1/models')).json()
    return data.filter(({ kind }) => kind !== 'embedding').map((model) => ({
      id: model.id,
      contextLength: model.context_length ?? null,
      hasTemplate: model.has_chat_template !== false,
    }))
  }

  /** Whether the server answers. */
  async healthy() {
    try {
      return (await this.call('/health')).ok
    } catch {
      return false
    }
  }

  /** How many tokens the model sees in a text, or null where the server does not say. */
  async countTokens(model, content, signal) {
    const body = JSON.stringify({ model, content })
    const reply = await (await this.call('/tokenize', { method: 'POST', body, signal })).json()
    return reply.count ?? reply.tokens?.length ?? null
  }

  /** Streams the chunks of an answer. Ends with an `ApiError` of kind `cut` if the server stops in mid-sentence. */
  async *complete({ path, body }, signal) {
    const response = await this.call(path, { method: 'POST', body: JSON.stringify(body), signal })
    let finished = false
    try {
      for await (const event of events(textOf(response.body))) {
        if (event === DONE) return
        if (event.error) throw ApiError.fromBody(500, event)
        finished ||= Boolean(event.choices?.some((choice) => choice.finish_reason))
        yield event
      }
    } catch (error) {
      throw this.#failure(error, 'cut')
    }
    if (!finished) throw new ApiError('cut')
  }

  /** The response to a request, or an `ApiError`. A `body` that is no string goes as it is. */
  async call(path, request) {
    let response
    try {
      response = await this.fetch(path, { ...request, headers: this.#headers(request) })
    } catch (error) {
      throw this.#failure(error, 'unreachable')
    }
    if (!response.ok) throw await ApiError.fromResponse(response)
    return response
  }

  #failure(error, kind) {
    const failure = ApiError.fromFailure(error, kind)
    if (failure.kind === kind) this.lost()
    return failure
  }

  #headers(request) {
    const headers = typeof request?.body === 'string' ? { 'content-type': 'application/json' } : {}
    const key = this.key()
    return key ? { ...headers, authorization: `Bearer ${key}` } : headers
  }
}
