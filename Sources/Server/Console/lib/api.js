/** The public HTTP API, as this console speaks it. Knows no page and keeps no state. */
import { ApiError } from './api-error.js'
import { DONE, events, textOf } from './sse.js'

const json = { 'content-type': 'application/json' }

export class Api {
  constructor(base = '', fetcher = (...request) => fetch(...request)) {
    this.base = base
    this.fetch = fetcher
  }

  /** The models that can be asked: `[{ id, contextLength, hasTemplate }]`. */
  async models() {
    const { data } = await (await this.#call('/v1/models')).json()
    return data.map((model) => ({
      id: model.id,
      contextLength: model.context_length ?? null,
      hasTemplate: model.has_chat_template !== false,
    }))
  }

  /** Whether the server answers. */
  async healthy() {
    try {
      return (await this.#call('/health')).ok
    } catch {
      return false
    }
  }

  /** How many tokens the model sees in a text, or null where the server does not say. */
  async countTokens(model, content, signal) {
    const body = JSON.stringify({ model, content, prompt: content })
    const reply = await (await this.#call('/tokenize', { method: 'POST', headers: json, body, signal })).json()
    return reply.count ?? reply.tokens?.length ?? null
  }

  /** Streams the chunks of an answer. Ends with an `ApiError` of kind `cut` if the server stops in mid-sentence. */
  async *complete({ path, body }, signal) {
    const response = await this.#call(path, { method: 'POST', headers: json, body: JSON.stringify(body), signal })
    let finished = false
    try {
      for await (const event of events(textOf(response.body))) {
        if (event === DONE) return
        if (event.error) throw ApiError.fromBody(500, event)
        finished ||= Boolean(event.choices?.some((choice) => choice.finish_reason))
        yield event
      }
    } catch (error) {
      throw ApiError.fromFailure(error, 'cut')
    }
    if (!finished) throw new ApiError('cut')
  }

  async #call(path, request) {
    let response
    try {
      response = await this.fetch(this.base + path, request)
    } catch (error) {
      throw ApiError.fromFailure(error, 'unreachable')
    }
    if (!response.ok) throw await ApiError.fromResponse(response)
    return response
  }
}
