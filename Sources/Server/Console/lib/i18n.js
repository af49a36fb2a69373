/** Words in the reader's language. Every sentence of the console stands in `strings/`, in each language. */
import en from './strings/en.js'
import zh from './strings/zh.js'

export const languages = {
  en: { name: 'English', tag: 'en', strings: en },
  zh: { name: '中文', tag: 'zh-CN', strings: zh },
}

let current = 'en'

/** The language that suits a list like `navigator.languages`. */
export const languageFor = (wanted) =>
  wanted.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag in languages) ?? 'en'

export function setLanguage(language) {
  current = language in languages ? language : 'en'
}

export const language = () => current
export const locale = () => languages[current].tag

/** `t('notice.imported', { count: 2 })`. A string may have forms, `{ one, other }`, chosen by `count`. */
export function t(key, values = {}) {
  const found = languages[current].strings[key] ?? en[key] ?? key
  return formFor(found, values.count).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
}

const formFor = (string, count) =>
  typeof string === 'string' ? string : (string[new Intl.PluralRules(locale()).select(count)] ?? string.other)
