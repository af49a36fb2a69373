import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFileSync } from 'node:fs'
import { blocksOf, htmlOf } from '../../Sources/Server/Console/lib/markdown.js'
import { escapeHtml, passPlainTags } from '../../Sources/Server/Console/lib/raw-html.js'
import { GrowingBlocks } from '../../Sources/Server/Console/lib/blocks.js'

const html = (text) => blocksOf(text).map(htmlOf).join('').trim()
const shape = (blocks) => blocks.filter(({ type }) => type !== 'space').map(({ type, raw }) => [type, raw.trim()])
const torture = readFileSync(new URL('fixtures/torture.md', import.meta.url), 'utf8')

const samples = [
  torture,
  'a\n\n1. x\n\n2. y\n\n   z\n\npara\n',
  '- a\n- b\n\n\ntext\n\n- c\n',
  'Title\n===\n\ntext\n---\n\nmore',
  '```js\nlet a\n\n\nlet b\n```\ntext\n~~~\nopen',
  '| a | b |\n|---|---|\n| 1 | 2 |\n\n| not a table',
  '> q\nlazy\n\n> r\n\n    code\n',
  '<details>\n<summary>s</summary>\n\na\n\nb\n\n</details>\n\nafter\n',
  '一、**结论：**好。\n\n$$\nx\n$$\n\n二、\\[y\\]\n\n\\[\nz\n\\]\nend',
  '\n\n\nleading\n\n\n\ntrailing\n\n\n',
  'a[^1]\n[^1]: one\n    more\n[^b]: two\n\nend\n\n- x[^2]\n  [^2]: y\n- z\n',
]

for (const [index, text] of samples.entries())
  test(`sample ${index} grows a letter at a time into the same blocks`, () => {
    const growing = new GrowingBlocks()
    let blocks = []
    for (let end = 0; end <= text.length; end += 1) blocks = growing.update(text.slice(0, end))
    assert.deepEqual(shape(blocks), shape(blocksOf(text)))
  })

test('a text that is replaced is read anew', () => {
  const growing = new GrowingBlocks()
  growing.update('a\n\nb\n\nc\n\nd')
  assert.deepEqual(shape(growing.update('# x')), [['heading', '# x']])
})

test('a long text costs about as much per letter as a short one', () => {
  const cost = (sections) => {
    const text = '## Title\n\nA paragraph with `code`.\n\n- one\n- two\n\n'.repeat(sections)
    const growing = new GrowingBlocks()
    const start = process.cpuUsage()
    for (let end = 0; end <= text.length; end += 4) growing.update(text.slice(0, end))
    return process.cpuUsage(start).user / text.length
  }
  cost(20)
  assert.ok(cost(400) < 12 * cost(40))
})

for (const [text, expected] of [
  ['$x$', '<span class="math">x</span>'],
  ['a \\(x_1*y*\\) b', 'a <span class="math">x_1*y*</span> b'],
  ['it costs $5 and $10', 'it costs $5 and $10'],
  ['$5,000$0', '$5,000$0'],
  ['$ x $', '$ x $'],
  ['`$x$`', '<code>$x$</code>'],
  ['$a<b$', '<span class="math">a&lt;b</span>'],
])
  test(`formula: ${text}`, () => assert.equal(html(text), `<p>${expected}</p>`))

test('a display formula may stand between lines of a paragraph', () => {
  const types = shape(blocksOf('so\n$$\nx\n$$\nthen')).map(([type]) => type)
  assert.deepEqual(types, ['paragraph', 'blockMath', 'paragraph'])
})

for (const [text, expected] of [
  ['see[^1]\n\n[^1]: note', '<p>see[^1]</p>\n<p>[^1]: note</p>'],
  ['see[^1]\n[^1]: **a**\n[^b]: b', '<p>see[^1]</p>\n<p>[^1]: <strong>a</strong></p>\n<p>[^b]: b</p>'],
  ['[a]\n\n[a]: https://b.c', '<p><a href="https://b.c">a</a></p>'],
  ['[^1]:', '<p>[^1]:</p>'],
])
  test(`footnote: ${text}`, () => assert.equal(html(text).replaceAll(/\n+/g, '\n'), expected))

test('bold ends at Chinese punctuation', () => {
  assert.equal(html('**注意：**请看'), '<p><strong>注意：</strong>请看</p>')
  assert.equal(html('他说**“好”**了'), '<p>他说<strong>“好”</strong>了</p>')
})

for (const [text, expected] of [
  ['<br>', '<br>'],
  ['<BR/>', '<br>'],
  ['<b onclick=x>', '&lt;b onclick=x&gt;'],
  ['<script>x</script>', '&lt;script&gt;x&lt;/script&gt;'],
  ['a &amp; b & c', 'a &amp; b &amp; c'],
  ['<!-- gone -->x', 'x'],
  ['<div>', '&lt;div&gt;'],
  ['</details >', '</details>'],
])
  test(`raw HTML: ${text}`, () => assert.equal(passPlainTags(text), expected))

test('a language cannot leave its attribute', () => {
  assert.match(html('```"><img src=x>\n\n```'), /^<pre data-language="&quot;&gt;&lt;img src=x&gt;">/)
})

test('every sign that HTML cares about is escaped', () => assert.equal(escapeHtml(`&<>"'`), '&amp;&lt;&gt;&quot;&#39;'))
