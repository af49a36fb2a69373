/** Gathers the chunks of one streamed answer into the fields of a message. A value at each step: no network, no DOM. */

/** An answer before its first token. `content` is what stands there already when one is continued. */
export const beginning = ({ now, content = '', reasoning = '' }) =>
  ({ content, reasoning, started: now, first: null, last: null, pieces: 0, finish: null, usage: null, timings: null })

/** The answer after one more chunk. */
export function receiving(answer, chunk, now) {
  const choice = chunk.choices?.[0]
  const said = choice?.delta?.content ?? choice?.text ?? ''
  const thought = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning ?? ''
  const spoke = said !== '' || thought !== ''
  return {
    ...answer,
    content: answer.content + said,
    reasoning: answer.reasoning + thought,
    first: answer.first ?? (spoke ? now : null),
    last: spoke ? now : answer.last,
    pieces: answer.pieces + (spoke ? 1 : 0),
    finish: choice?.finish_reason ?? answer.finish,
    usage: chunk.usage ?? answer.usage,
    timings: chunk.timings ?? answer.timings,
  }
}

/** What is worth knowing of an answer: the server's own measures where it gives them, else what was seen here. */
export function statisticsOf({ started, first, last, pieces, usage, timings, finish }) {
  const tokens = usage?.completion_tokens ?? (pieces || null)
  return {
    tokens,
    exact: usage?.completion_tokens != null,
    prompt: usage?.prompt_tokens ?? null,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? null,
    perSecond: timings?.generation_per_second ?? speed(tokens, last - first),
    promptPerSecond: timings?.prompt_per_second ?? null,
    firstTokenMs: first == null ? null : first - started,
    finish,
  }
}

/** The first token is not counted: its time went into the prompt. */
const speed = (tokens, milliseconds) => (tokens > 1 && milliseconds > 0 ? ((tokens - 1) * 1000) / milliseconds : null)

/**
 * Separates what a model thinks aloud, `<think>…</think>` before its answer, from the answer. `open` while it is
 * still thinking.
 */
export function splitThinking({ content, reasoning = '' }) {
  const begun = /^\s*<think>\n?/.exec(content)
  if (!begun) return { thinking: reasoning, text: content, open: reasoning !== '' && content === '' }
  const end = content.indexOf('</think>', begun[0].length)
  if (end < 0) return { thinking: content.slice(begun[0].length), text: '', open: true }
  return { thinking: content.slice(begun[0].length, end).trim(), text: content.slice(end + 8).trimStart(), open: false }
}
