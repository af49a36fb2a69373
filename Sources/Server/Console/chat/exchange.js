/** Reading and writing conversations as JSON files. Imported files are foreign: only what is understood is kept. */
import { cleaned } from './sampling.js'

export const format = 'yuyan.conversations'

export function exported(conversations, now) {
  const kept = conversations.map(({ version, ...conversation }) => ({
    ...conversation,
    messages: Object.fromEntries(Object.entries(conversation.messages).filter(([, message]) => !message.deleted)),
  }))
  return JSON.stringify({ format, version: 1, exported: new Date(now).toISOString(), conversations: kept }, null, 2)
}

/** The conversations of a file, each with an id of its own. Throws with a `reason` a page can translate. */
export function imported(text, { makeId, now }) {
  let file
  try {
    file = JSON.parse(text)
  } catch {
    throw new ImportError('notJson')
  }
  if (file?.format !== format || !Array.isArray(file.conversations)) throw new ImportError('notOurs')
  if (file.version > 1) throw new ImportError('newer')
  const conversations = file.conversations.map((each) => readConversation(each, { makeId, now })).filter(Boolean)
  if (conversations.length === 0) throw new ImportError('empty')
  return conversations
}

export class ImportError extends Error {
  constructor(reason) {
    super(reason)
    this.reason = reason
  }
}

const text = (value, fallback = '') => (typeof value === 'string' ? value : fallback)
const time = (value, now) => (Number.isFinite(value) && value > 0 ? value : now)

function readConversation(file, { makeId, now }) {
  if (typeof file?.messages !== 'object' || file.messages === null) return null
  const ids = new Map(Object.keys(file.messages).map((id) => [id, makeId()]))
  const messages = Object.entries(file.messages).map(([id, message]) => readMessage(message, ids.get(id), ids, now))
  const known = Object.fromEntries(messages.filter(Boolean).map((message) => [message.id, message]))
  for (const message of Object.values(known)) if (!known[message.parent]) message.parent = null
  if (hasCycle(known)) return null
  return {
    id: makeId(), title: text(file.title), titled: file.titled === 'hand' ? 'hand' : 'auto',
    created: time(file.created, now), updated: time(file.updated, now), version: 0,
    model: text(file.model, null), system: text(file.system), sampling: cleaned(file.sampling),
    mode: file.mode === 'completion' ? 'completion' : 'chat', forgotten: ids.get(file.forgotten) ?? null,
    messages: known, chosen: readChosen(file.chosen, ids),
  }
}

const roles = new Set(['user', 'assistant'])
const states = new Set(['done', 'stopped', 'cut', 'interrupted', 'failed'])

function readMessage(file, id, ids, now) {
  if (!roles.has(file?.role) || typeof file.content !== 'string') return null
  const message = {
    id, parent: ids.get(file.parent) ?? null, role: file.role, content: file.content, reasoning: text(file.reasoning),
    created: time(file.created, now), revision: 1, state: states.has(file.state) ? file.state : 'done',
  }
  if (typeof file.model === 'string') message.model = file.model
  if (file.statistics && typeof file.statistics === 'object') message.statistics = readStatistics(file.statistics)
  return message
}

const numbers = ['tokens', 'prompt', 'cached', 'perSecond', 'promptPerSecond', 'firstTokenMs']

function readStatistics(file) {
  const kept = { exact: file.exact === true, finish: text(file.finish, null) }
  for (const name of numbers) kept[name] = Number.isFinite(file[name]) ? file[name] : null
  return kept
}

function readChosen(file, ids) {
  const pairs = Object.entries(file && typeof file === 'object' ? file : {})
    .map(([parent, id]) => [parent === 'root' ? 'root' : ids.get(parent), ids.get(id)])
  return Object.fromEntries(pairs.filter(([parent, id]) => parent && id))
}

/** Walks up from each message with a second walker at double speed: if they meet, the file loops. */
function hasCycle(messages) {
  const up = (id) => messages[id]?.parent ?? null
  return Object.keys(messages).some((id) => {
    let slow = id
    let fast = up(id)
    while (fast !== null && fast !== slow) {
      slow = up(slow)
      fast = up(up(fast))
    }
    return fast !== null
  })
}
