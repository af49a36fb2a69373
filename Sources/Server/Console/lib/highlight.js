/** Colours code. The library is fetched when the first code block appears, rarer languages when they do. */
import { sanitized } from './sanitize.js'

const rare = new Set(['cmake', 'dart', 'dockerfile', 'elixir', 'fortran', 'haskell', 'julia', 'latex', 'matlab',
  'nginx', 'powershell', 'protobuf', 'scala', 'verilog'])
const aliases = { tex: 'latex', hs: 'haskell', jl: 'julia', ps1: 'powershell', docker: 'dockerfile', proto: 'protobuf',
  ex: 'elixir', f90: 'fortran' }
const limit = 60_000

let library = null

async function languageReady(language) {
  library ??= import('../vendor/highlight/highlight.min.js').then((module) => module.default)
  const hljs = await library
  const name = aliases[language] ?? language
  if (rare.has(name) && !hljs.getLanguage(name))
    hljs.registerLanguage(name, (await import(`../vendor/highlight/languages/${name}.min.js`)).default)
  return hljs.getLanguage(name) ? { hljs, name } : null
}

/** Colours a `<code>` element if its language is known and nothing changed it meanwhile. */
export async function highlight(code, language) {
  const text = code.textContent
  if (!language || text.length > limit) return
  const found = await languageReady(language).catch(() => null)
  if (!found || code.textContent !== text) return
  const { value } = found.hljs.highlight(text, { language: found.name, ignoreIllegals: true })
  code.replaceChildren(sanitized(value))
}
