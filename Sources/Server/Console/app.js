/** Starts the console: language, theme, storage, and the page. A new page is one import and one line in `pages`. */
import './chat/chat-page.js'
import { Answering } from './chat/answering.js'
import { Api } from './lib/api.js'
import { applyTheme, nextTheme } from './lib/theme.js'
import { Chat } from './chat/chat.js'
import { Health } from './lib/health.js'
import { iconButton, h } from './lib/dom.js'
import { language, languageFor, languages, locale, setLanguage, t } from './lib/i18n.js'
import { Library } from './chat/library.js'
import { makeId } from './lib/id.js'
import { menuButton } from './elements/menu-button.js'
import { openStore } from './chat/store.js'
import { Preferences } from './lib/preferences.js'
import { recover, writeDown } from './chat/recovery.js'

const preferences = new Preferences()
const api = new Api({ key: () => preferences.get('key') })
const health = new Health(api)
const { store, kept } = await openStore()
const library = new Library(store, { makeId })
const answering = new Answering({ api, library })
const chat = new Chat({ api, library, answering, preferences, makeId })

function chooseLanguage() {
  setLanguage(preferences.get('language') ?? languageFor(navigator.languages))
  document.documentElement.lang = locale()
}

/** The page anew, for example in another language; all that matters lives in `chat`. */
function show() {
  const page = document.createElement('chat-page')
  page.setUp(chat, { footer })
  document.querySelector('chat-page')?.remove()
  document.body.append(page)
  return page
}

function footer(page) {
  const theme = preferences.get('theme') ?? 'auto'
  const other = Object.keys(languages).find((each) => each !== language())
  const themeButton = iconButton(theme, t(`theme.${theme}`), () => preferences.set('theme', nextTheme(theme)))
  const languageButton = h('button', { type: 'button', class: 'quiet-button', lang: languages[other].tag,
    onclick: () => preferences.set('language', other) }, languages[other].name)
  const files = menuButton(t('sidebar.files'), [
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
addEventListener('pagehide', () => writeDown({ answering, library, preferences }))
document.addEventListener('visibilitychange', () => { if (document.hidden) library.flush() })
health.addEventListener('back', () => chat.loadModels())

applyTheme(preferences.get('theme'))
chooseLanguage()
await library.start()
await recover({ library, preferences })
const asked = /^#\/c\/(\w+)$/.exec(location.hash)?.[1]
if (asked) await chat.select(asked)
const page = show()
if (!kept) page.toasts.show(t('notice.notKept'))
health.start()
await chat.loadModels()
