/**
 * Starts the console: language, theme, storage, and the page that the address names. A new page is one import, one line
 * in `pages` and one in `lib/route.js`.
 */
import './chat/chat-page.js'
import './runs/runs-page.js'
import { addresses, routeOf } from './lib/route.js'
import { Answering } from './chat/answering.js'
import { Api } from './lib/api.js'
import { applyTheme, nextTheme } from './lib/theme.js'
import { Beside } from './runs/beside.js'
import { Chat } from './chat/chat.js'
import { FineTuning } from './runs/fine-tuning.js'
import { Health } from './lib/health.js'
import { iconButton, h, loadIcons } from './lib/dom.js'
import { language, languageFor, languages, locale, setLanguage, t } from './lib/i18n.js'
import { Library } from './chat/library.js'
import { makeId } from './lib/id.js'
import { menuButton } from './elements/menu-button.js'
import { openStore } from './chat/store.js'
import { pageSwitch } from './elements/page-switch.js'
import { Preferences } from './lib/preferences.js'
import { recover, writeDown } from './chat/recovery.js'
import { Runs } from './runs/runs.js'
import { Start } from './runs/start.js'

const preferences = new Preferences()
const api = new Api({ key: () => preferences.get('key'), lost: () => health.lost() })
const health = new Health(api)
const { store, kept } = await openStore()
const library = new Library(store, { makeId })
const answering = new Answering({ api, library })
const chat = new Chat({ api, library, answering, preferences, makeId })
const runs = new Runs({ tuning: new FineTuning(api), api })
const training = { runs, start: new Start({ runs }), beside: new Beside({ api, makeId }), preferences,
  useKey: (key) => chat.useKey(key) }

/** What each page is called in the document, what it shows, and where it is. */
const pages = {
  chat: { element: 'chat-page', shows: chat, icon: 'chat',
    address: () => addresses.conversation(chat.path.length ? chat.conversation.id : null) },
  runs: { element: 'runs-page', shows: training, icon: 'curve', address: () => addresses.list },
}
const links = Object.entries(pages).map(([name, { icon, address }]) => ({ name, icon, address }))
let shown = null

function chooseLanguage() {
  setLanguage(preferences.get('language') ?? languageFor(navigator.languages))
  document.documentElement.lang = locale()
}

/** The page anew, for example in another language; all that matters lives in what it shows. */
function show() {
  const { page: name } = routeOf(location.hash)
  const page = document.createElement(pages[name].element)
  page.setUp(pages[name].shows, { footer, switcher: (current) => pageSwitch(links, current) })
  shown?.page.remove()
  shown = { name, page }
  document.body.append(page)
}

/** Takes the page away before it hears of an address that is not its own. */
function follow() {
  if (routeOf(location.hash).page === shown.name) return
  show()
  chat.loadModels()  // a run may have made a new one
}

function footer(page) {
  const theme = preferences.get('theme') ?? 'auto'
  const other = Object.keys(languages).find((each) => each !== language())
  const themeButton = iconButton(theme, t(`theme.${theme}`), () => preferences.set('theme', nextTheme(theme)))
  const languageButton = h('button', { type: 'button', class: 'quiet-button', lang: languages[other].tag,
    onclick: () => preferences.set('language', other) }, languages[other].name)
  const files = page.exportAll && menuButton(t('sidebar.files'), [
    { icon: 'download', label: t('sidebar.exportAll'), run: () => page.exportAll() },
    { icon: 'upload', label: t('sidebar.import'), run: () => page.import() },
  ])
  return [health.element(), h('span', { class: 'space' }), languageButton, themeButton, files]
}

preferences.addEventListener('change', ({ detail }) => {
  if (detail === 'theme') applyTheme(preferences.get('theme'))
  if (detail === 'language') chooseLanguage()
  if (detail === 'theme' || detail === 'language') show()
})
for (const type of ['popstate', 'hashchange']) addEventListener(type, follow)
addEventListener('pagehide', () => writeDown({ answering, library, preferences }))
document.addEventListener('visibilitychange', () => { if (document.hidden) library.flush() })
health.addEventListener('back', () => chat.loadModels())

applyTheme(preferences.get('theme'))
chooseLanguage()
await library.start()
await recover({ library, preferences })
const { conversation } = routeOf(location.hash)
if (conversation) await chat.select(conversation)
show()
if (!kept) shown.page.toasts.show(t('notice.notKept'))
health.start()
loadIcons().catch(() => {})  // words are beside the drawings, or in their labels
await chat.loadModels()
