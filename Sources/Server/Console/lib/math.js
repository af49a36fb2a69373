/** Draws formulas as MathML, by Temml, fetched when the first formula appears. */

const limit = 10_000
const settings = { throwOnError: false, trust: false, maxExpand: 500, maxSize: [30, 30], annotate: false, wrap: 'tex' }

let library = null

async function load() {
  const { default: temml } = await import('../vendor/temml/temml.mjs')
  // These two write a style attribute, which the page's policy forbids; the macros mean the same.
  temml.__defineMacro('\\pmb', '\\boldsymbol{#1}')
  temml.__defineMacro('\\prescript', '{}^{#1}_{#2}{#3}')
  return temml
}

/** Replaces the source in each `.math` element by its drawing; a formula that cannot be read stays as written. */
export async function drawFormulas(root) {
  const places = [...root.querySelectorAll('.math')]
  if (places.length === 0) return
  library ??= load()
  const temml = await library
  for (const place of places) draw(temml, place)
}

function draw(temml, place) {
  const tex = place.textContent
  if (tex.length > limit) return
  const displayMode = place.classList.contains('math-display')
  const drawing = document.createElement('span')
  try {
    temml.render(tex, drawing, { ...settings, displayMode })
    place.replaceChildren(...drawing.childNodes)
    place.title = tex
  } catch {
    place.classList.add('math-broken')
  }
}
