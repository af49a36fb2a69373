"""Narrow and wide, light and dark, Chinese and English: nothing overflows, and text can be read."""

from checks import CHINESE, PHONE, check
from playwright.sync_api import expect

OVERFLOW = """() => [...document.querySelectorAll('html, main, .scroller, .lane, chat-composer, .side')]
  .filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => it.className || it.tagName)"""

# The contrast of each visible text with what is painted beneath it, after WCAG 2; below 4.5 is too faint.
FAINT = """() => {
  const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 }
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return { r, g, b, a } }
  const light = ({ r, g, b }) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  const beneath = (node) => {
    for (let it = node; it; it = it.parentElement) {
      const colour = parse(getComputedStyle(it).backgroundColor)
      if (colour.a === 1) return colour
    }
    return { r: 255, g: 255, b: 255 }
  }
  const faint = []
  for (const node of document.querySelectorAll('.page *')) {
    const own = [...node.childNodes].some((it) => it.nodeType === 3 && it.data.trim())
    if (!own || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const style = getComputedStyle(node)
    if (node.closest(':disabled, .visually-hidden, option')) continue
    const [a, b] = [light(parse(style.color)), light(beneath(node))].sort((x, y) => y - x)
    const ratio = (a + 0.05) / (b + 0.05)
    if (ratio < 4.5) faint.push([ratio.toFixed(2), node.tagName, node.className, node.textContent.slice(0, 20)])
  }
  return faint
}"""


def looks_right(console, name):
    console.settle()
    console.picture(f"{console.name}-{name}")
    for flaw in (OVERFLOW, FAINT):  # colours and drawers may still be on their way
        console.becomes(lambda: console.page.evaluate(flaw), [])


def tour(console, chinese=False):
    console.page.wait_for_selector(".health[data-state=up]", state="attached")
    looks_right(console, "empty")
    console.ask("中文 介绍一下雨燕" if chinese else "torture")
    console.page.wait_for_selector("chat-message math")
    looks_right(console, "answer")
    console.page.evaluate("document.querySelector('.scroller').scrollTop = 0")
    looks_right(console, "top")
    console.ask("think about it")
    console.ask("limit")
    looks_right(console, "short")
    console.expect_network_error()
    console.send("full of words")
    console.page.wait_for_selector("error-card")
    looks_right(console, "error")
    console.button("对话设置" if chinese else "Settings of this conversation").click()
    looks_right(console, "settings")
    console.page.keyboard.press("Escape")


@check()
def wide_light_english(console):
    tour(console)


@check(color_scheme="dark", **CHINESE)
def wide_dark_chinese(console):
    tour(console, chinese=True)


@check(**PHONE, **CHINESE)
def narrow_light_chinese(console):
    tour(console, chinese=True)
    drawer(console, "对话列表")


@check(color_scheme="dark", **PHONE)
def narrow_dark_english(console):
    tour(console)
    drawer(console, "Conversations")


@check(**PHONE)
def an_answer_keeps_its_keys_where_there_is_no_keyboard(console):
    console.ask("torture")
    expect(console.page.locator("chat-message kbd")).to_be_visible()


def drawer(console, label):
    sidebar = console.page.locator("chat-sidebar")
    expect(sidebar).to_be_hidden()
    console.button(label).click()
    sidebar.wait_for(state="visible")
    looks_right(console, "drawer")
    console.page.keyboard.press("Escape")
    sidebar.wait_for(state="hidden")


@check()
def the_theme_can_be_chosen(console):
    body = console.page.locator("body")
    light = console.page.evaluate("getComputedStyle(document.body).backgroundColor")
    console.button("Colours: as the system").click()
    console.button("Colours: light").click()
    expect(body).not_to_have_css("background-color", light)
    console.reload()
    expect(body).not_to_have_css("background-color", light)
    console.button("Colours: dark").click()
    expect(body).to_have_css("background-color", light)


@check(reduced_motion="reduce")
def motion_is_reduced_where_asked(console):
    console.send("slow please")
    console.page.wait_for_selector("chat-message.assistant")
    console.settle()
    running = "document.getAnimations().filter((it) => it.playState === 'running').length"
    assert console.page.evaluate(running) == 0


@check(viewport={"width": 320, "height": 480})
def the_smallest_screen_still_works(console):
    console.ask("hello")
    looks_right(console, "answer")
