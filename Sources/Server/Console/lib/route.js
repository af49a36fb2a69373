/** What the part of the address after `#` asks for, and the addresses that ask for it. No DOM. */

const most = 6

/**
 * `{ page: 'chat', conversation }` or `{ page: 'runs', view, … }`, where `view` is `list`, `start`, `run`, `beside`
 * (both with `id`) or `compare` (with `ids`).
 */
export function routeOf(hash) {
  const [page = '', ...rest] = hash.replace(/^#\/?/, '').split('/').map(decoded)
  if (page === 'runs') return { page, ...viewOf(rest) }
  return { page: 'chat', conversation: page === 'c' && /^\w+$/.test(rest[0] ?? '') ? rest[0] : null }
}

function viewOf([name = '', more = '']) {
  if (name === '') return { view: 'list' }
  if (name === 'new') return { view: 'start' }
  if (name === 'compare') return { view: 'compare', ids: [...new Set(more.split(',').filter(Boolean))].slice(0, most) }
  return { view: more === 'chat' ? 'beside' : 'run', id: name }
}

function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** As many runs as there are colours that can be told apart. */
export const mostCompared = most

export const addresses = {
  list: '#/runs',
  start: '#/runs/new',
  run: (id) => `#/runs/${encodeURIComponent(id)}`,
  beside: (id) => `#/runs/${encodeURIComponent(id)}/chat`,
  compare: (ids) => `#/runs/compare/${ids.map(encodeURIComponent).join(',')}`,
  conversation: (id) => (id ? `#/c/${id}` : '#/'),
}
