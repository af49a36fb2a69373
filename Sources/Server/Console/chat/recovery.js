/**
 * Keeps what an answer held when the page went away. The database may not finish a write then; the small synchronous
 * storage does, and the next visit moves it over.
 */
import { changing } from './conversation.js'

const prefix = 'unsaved.'

/** Writes down the answers that are still being written, or were until now and may not be stored yet. */
export function writeDown({ answering, library, preferences }) {
  for (const { conversation, message } of answering.unsaved) {
    const answer = library.get(conversation)?.messages[message]
    if (answer) preferences.set(prefix + message, { conversation, answer })
  }
  library.flush()
}

/** Moves what was written down into the library, unless the library has more. */
export async function recover({ library, preferences }) {
  for (const name of preferences.names().filter((each) => each.startsWith(prefix))) {
    const { conversation, answer } = preferences.get(name) ?? {}
    const stored = await library.open(conversation)
    const { content, reasoning, statistics, error } = answer ?? {}
    const state = answer?.state === 'streaming' ? 'interrupted' : answer?.state
    if (stored && !(stored.messages[answer.id]?.content?.length > content.length))
      library.update(conversation, (each) =>
        changing(each, answer.id, { content, reasoning, statistics, error, state }))
    preferences.set(name, null)
  }
  await library.flush()
}
