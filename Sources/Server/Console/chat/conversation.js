/**
 * A conversation is a tree of messages, of which one path is shown. Editing or regenerating adds a sibling; nothing
 * is overwritten. Values in, values out: no clock, no storage, no DOM.
 *
 *     { id, title, titled, created, updated, version, model, system, sampling, mode, forgotten,
 *       messages: { [id]: { id, parent, role, content, reasoning, created, revision, state, … } },
 *       chosen: { [parent or 'root']: id } }
 *
 * `state` of an answer is streaming, done, stopped, cut (the server went away), interrupted (the page did) or failed.
 */

export function makeConversation({ id, now, model = null, system = '', sampling = {}, mode = 'chat' }) {
  return {
    id, title: '', titled: 'auto', created: now, updated: now, version: 0, model, system, sampling, mode,
    forgotten: null, messages: {}, chosen: {},
  }
}

const root = 'root'
const key = (parent) => parent ?? root
const alive = (message) => message && !message.deleted

/** The messages below `parent`, in the order they came; the messages without a parent for null. */
export function childrenOf(conversation, parent) {
  return Object.values(conversation.messages)
    .filter((message) => alive(message) && message.parent === parent)
    .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))
}

/** The messages shown, from the first to the last. */
export function pathOf(conversation) {
  const below = new Map()
  for (const message of Object.values(conversation.messages)) {
    if (!alive(message)) continue
    if (!below.has(message.parent)) below.set(message.parent, [])
    below.get(message.parent).push(message)
  }
  const path = []
  let parent = null
  while (below.has(parent)) {
    const children = below.get(parent).sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))
    const next = children.find((child) => child.id === conversation.chosen[key(parent)]) ?? children.at(-1)
    path.push(next)
    below.delete(parent)
    parent = next.id
  }
  return path
}

/** The path up to and with `id`. */
export function pathTo(conversation, id) {
  const path = []
  const seen = new Set()
  for (let message = conversation.messages[id]; message && !seen.has(message.id);) {
    seen.add(message.id)
    path.unshift(message)
    message = conversation.messages[message.parent]
  }
  return path
}

/** The versions of a message that stand in its place, and which of them this one is. */
export function siblingsOf(conversation, message) {
  const all = childrenOf(conversation, message.parent).filter((each) => each.role === message.role)
  return { all, index: all.findIndex((each) => each.id === message.id) }
}

/** Adds a message and shows it. */
export function adding(conversation, message) {
  const added = { reasoning: '', state: 'done', revision: 1, parent: null, ...message }
  return {
    ...conversation,
    updated: Math.max(conversation.updated, added.created),
    messages: { ...conversation.messages, [added.id]: added },
    chosen: { ...conversation.chosen, [key(added.parent)]: added.id },
  }
}

/** Changes fields of a message; a message that is gone stays gone. */
export function changing(conversation, id, fields) {
  const message = conversation.messages[id]
  if (!alive(message)) return conversation
  const changed = { ...message, ...fields, revision: message.revision + 1 }
  return { ...conversation, messages: { ...conversation.messages, [id]: changed } }
}

/** Shows another version of a message. */
export function choosing(conversation, id) {
  const { parent } = conversation.messages[id]
  return { ...conversation, chosen: { ...conversation.chosen, [key(parent)]: id } }
}

/** Takes one message out; what followed it now follows its parent. A mark stays, so that other tabs learn of it. */
export function removing(conversation, id) {
  const message = conversation.messages[id]
  const messages = { ...conversation.messages }
  const chosen = { ...conversation.chosen }
  for (const child of childrenOf(conversation, id))
    messages[child.id] = { ...child, parent: message.parent, revision: child.revision + 1 }
  const next = chosen[id] ?? childrenOf(conversation, id).at(-1)?.id
  delete chosen[id]
  if (next) chosen[key(message.parent)] = next
  else delete chosen[key(message.parent)]
  messages[id] = { id, parent: message.parent, role: message.role, content: '', created: message.created,
    revision: message.revision + 1, deleted: true }
  return { ...conversation, messages, chosen }
}

/** Brings a removed message back together with the places its followers had. */
export function restoring(conversation, before, id) {
  const messages = { ...conversation.messages }
  const revision = (each) => Math.max(each.revision, messages[each.id]?.revision ?? 0) + 1
  for (const message of [before.messages[id], ...childrenOf(before, id)])
    messages[message.id] = { ...(messages[message.id] ?? message), ...(message.id === id ? message : {}),
      parent: message.parent, revision: revision(message), deleted: false }
  return { ...conversation, messages, chosen: { ...conversation.chosen, ...before.chosen } }
}

/**
 * Brings together what two tabs made of one conversation: every message of both, the later revision of each, and the
 * rest from the one that was touched last.
 */
export function merging(mine, theirs) {
  const messages = { ...theirs.messages }
  for (const message of Object.values(mine.messages))
    if (!(messages[message.id]?.revision > message.revision)) messages[message.id] = message
  const later = (mine.touched ?? 0) >= (theirs.touched ?? 0) ? mine : theirs
  const updated = Math.max(mine.updated, theirs.updated)
  return { ...later, updated, messages, chosen: { ...theirs.chosen, ...mine.chosen }, version: theirs.version }
}

/** What the list of conversations needs to know of one. */
export function summaryOf({ id, title, titled, created, updated, version, model }) {
  return { id, title, titled, created, updated, version, model }
}
