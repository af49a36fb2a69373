import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import en from '../../Sources/Server/Console/lib/strings/en.js'
import zh from '../../Sources/Server/Console/lib/strings/zh.js'
import { parameters } from '../../Sources/Server/Console/chat/sampling.js'
import { methods, seedSetting, settings } from '../../Sources/Server/Console/runs/job-request.js'
import { languageFor, languages, setLanguage, t } from '../../Sources/Server/Console/lib/i18n.js'

const folder = new URL('../../Sources/Server/Console/', import.meta.url)
const files = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.js') && !name.startsWith('vendor') && !name.includes('strings'))
const source = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n')

/** Keys are whole strings in the source; a few are put together from a known set. */
const made = [
  ...parameters.flatMap(({ name }) => [`sampling.${name}`, `sampling.${name}Hint`]),
  ...['unreachable', 'cut', 'noTemplate', 'unknownModel', 'unauthorized', 'tooLarge', 'failed', 'refused']
    .flatMap((name) => [`error.${name}`, `error.${name}Text`]),
  ...['today', 'yesterday', 'week', 'month', 'older', 'found'].map((name) => `group.${name}`),
  ...['auto', 'light', 'dark'].map((name) => `theme.${name}`),
  ...['write', 'explain', 'code', 'plan'].flatMap((name) => [`try.${name}`, `try.${name}Title`]),
  ...['notJson', 'notOurs', 'newer', 'empty'].map((name) => `import.${name}`),
  ...['chat', 'runs'].map((name) => `page.${name}`),
  ...['validating_files', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled'].map((name) =>
    `status.${name}`),
  ...methods.map((name) => `method.${name}`),
  ...['pause', 'resume', 'cancel'].flatMap((name) => [`run.${name}`, `run.${name}Done`]),
  ...['step', 'valid', 'train', 'time', 'model'].map((name) => `checkpoint.${name}`),
  ...['warn', 'error'].map((name) => `level.${name}`),
  ...['status', 'base', 'method', 'training', 'validation', 'steps', 'tokens', 'trainLoss', 'validLoss', 'perSecond',
    'took']
    .map((name) => `compare.${name}`),
  ...[...settings, seedSetting].flatMap(({ name }) => [`compare.${name}`, `start.${name}Hint`]),
  ...['empty', 'missing', 'notNumber', 'notWhole', 'tooLarge', 'tooLong', 'tooSmall'].map((name) => `flaw.${name}`),
  ...['mixed', 'noAnswer', 'noMessages', 'notJson', 'notObject', 'unknownLayout'].map((name) => `dataset.${name}`),
  ...['chat', 'preference', 'instruction', 'text'].map((name) => `layout.${name}`),
  'start.sendingFile', 'start.sendingJob',
]
const families = new Set(Object.keys(en).map((key) => key.split('.')[0]))
const written = [...source.matchAll(/'(([a-z]+)\.[A-Za-z]+)'/g)]
  .filter(([, , family]) => families.has(family)).map(([, key]) => key)
const used = new Set([...made, ...written, 'brand'])

for (const [name, { strings }] of Object.entries(languages)) {
  test(`every key that is used is there in ${name}`, () => {
    assert.deepEqual([...used].filter((key) => !(key in strings)), [])
  })
  test(`no key of ${name} is left over`, () => {
    assert.deepEqual(Object.keys(strings).filter((key) => !used.has(key)), [])
  })
}

test('both languages fill in the same values', () => {
  const text = (string) => (typeof string === 'string' ? string : string.other)
  const holes = (string) => [...new Set([...text(string).matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort()
  for (const key of Object.keys(en)) assert.deepEqual(holes(zh[key]), holes(en[key]), key)
})

test('Chinese is Chinese', () => {
  const untranslated = Object.entries(zh).filter(([key, value]) => value === en[key]).map(([key]) => key)
  assert.deepEqual(untranslated, ['sampling.min_p', 'sampling.top_k', 'sampling.top_p'])
})

test('the first language that is known is taken', () => {
  assert.equal(languageFor(['fr', 'zh-TW', 'en']), 'zh')
  assert.equal(languageFor(['fr']), 'en')
  assert.equal(languageFor([]), 'en')
})

test('numbers choose their form, and values cannot bring values', () => {
  setLanguage('en')
  assert.equal(t('notice.imported', { count: 1 }), '1 conversation imported')
  assert.equal(t('notice.imported', { count: 2 }), '2 conversations imported')
  setLanguage('zh')
  assert.equal(t('notice.imported', { count: 1 }), '已导入 1 个对话')
  assert.equal(t('models.gone', { model: '{model}' }), '{model}（未加载）')
  setLanguage('en')
})
