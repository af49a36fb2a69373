/** Turns a conversation into a request of the public API. No DOM, no network. */
import { pathTo } from './conversation.js'
import { fieldsOf } from './sampling.js'

/**
 * The request whose answer becomes the message `answer`, which already stands in the tree. With `continuing`, what
 * the answer holds so far is sent as the beginning to go on from.
 */
export function requestFor(conversation, answer, { continuing = false } = {}) {
  const past = remembered(conversation, pathTo(conversation, answer.id).slice(0, -1))
  const shared = {
    model: conversation.model,
    stream: true,
    stream_options: { include_usage: true },
    ...fieldsOf(conversation.sampling),
  }
  const begun = continuing ? [answer] : []
  return conversation.mode === 'completion'
    ? { path: '/v1/completions', body: { ...shared, prompt: promptOf([...past, ...begun]) } }
    : { path: '/v1/chat/completions', body: { ...shared, ...chatFields(conversation, past, begun) } }
}

function chatFields(conversation, past, begun) {
  const system = conversation.system.trim() === '' ? [] : [{ role: 'system', content: conversation.system }]
  const messages = [...system, ...turns(past), ...begun.map(spoken)]
  return begun.length === 0 ? { messages } : { messages, continue_final_message: true, add_generation_prompt: false }
}

/** Neighbours of one role become one turn, since most templates insist on taking turns. Empty answers are not sent. */
function turns(messages) {
  const list = []
  for (const message of messages.map(spoken)) {
    if (message.content === '') continue
    if (list.at(-1)?.role === message.role) list.at(-1).content += '\n\n' + message.content
    else list.push(message)
  }
  return list
}

const spoken = ({ role, content }) => ({ role, content })

/** A model without a template continues text; the conversation is the text so far. */
const promptOf = (messages) => messages.map((message) => message.content).join('')

/** The path without the turns a person chose to leave out when the context was full. */
function remembered(conversation, path) {
  const start = path.findIndex((message) => message.id === conversation.forgotten)
  return start > 0 ? path.slice(start) : path
}

/** Where to start so that about half of the path is left out: at a message of the user. Null if nothing can go. */
export function forgettingHalf(path, forgotten) {
  const from = Math.max(path.findIndex((message) => message.id === forgotten), 0)
  const asked = path.slice(from).filter((message) => message.role === 'user')
  return asked.length < 2 ? null : asked[Math.ceil(asked.length / 2)].id
}
