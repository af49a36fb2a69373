"""Two tabs, reloads in mid-answer, and a browser that keeps nothing."""

from checks import check
from console import wait_for


EVERYTHING = """() => new Promise((resolve) => {
  const open = indexedDB.open('yuyan')
  open.onsuccess = () => {
    const all = open.result.transaction('conversations').objectStore('conversations').getAll()
    const contents = ({ messages }) => Object.values(messages).map(({ content }) => content)
    all.onsuccess = () => resolve(all.result.flatMap(contents))
  }
})"""


@check()
def two_tabs_lose_nothing(console):
    console.ask("first")
    other = console.open(console.page.url.removeprefix(console.base))
    for page, text in ((console.page, "from here"), (other, "from there")):
        field = page.locator("chat-composer textarea")
        field.fill(text)
        field.press("Enter")
    for page in (console.page, other):
        wait_for(page, "!document.querySelector('.stopping, chat-message[data-state=streaming]')")
    console.page.wait_for_timeout(900)
    kept = console.page.evaluate(EVERYTHING)
    for said in ("first", "from here", "You said: **from here**", "from there", "You said: **from there**"):
        assert said in kept, (said, kept)


@check()
def a_new_name_shows_in_the_other_tab(console):
    console.ask("a name")
    other = console.open()
    assert other.locator(".row-title").all_inner_texts() == ["a name"]
    row = console.page.locator("chat-sidebar .row")
    row.hover()
    row.locator("menu-button button").first.click()
    console.page.get_by_role("menuitem", name="Rename").click()
    row.locator("input").fill("another")
    row.locator("input").press("Enter")
    wait_for(other, "document.querySelector('.row-title').innerText === 'another'")
    row.hover()
    row.locator("menu-button button").first.click()
    console.page.get_by_role("menuitem", name="Delete").click()
    wait_for(other, "!document.querySelector('.row-title')")


@check()
def the_other_tab_sees_an_answer_grow_and_does_not_call_it_broken(console):
    console.send("slow please")
    console.page.wait_for_selector("chat-message.assistant .block")
    console.page.wait_for_timeout(900)
    other = console.open(console.page.url.removeprefix(console.base))
    length = "document.querySelector('chat-message.assistant .prose').innerText.length"
    other.wait_for_selector("chat-message[data-state=streaming]")
    before = other.evaluate(length)
    wait_for(other, f"n => {length} > n", before)
    console.page.locator(".send-button").click()
    other.wait_for_selector("chat-message[data-state=stopped]")


@check()
def a_reload_in_mid_answer_keeps_what_came(console):
    console.send("slow please")
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText.includes('word12')")
    console.reload()
    console.page.wait_for_selector("chat-message[data-state=interrupted]")
    assert "word12" in console.answer_text()
    assert "The page was closed" in console.answer.inner_text()
    assert console.button("Continue", console.answer).count() == 1


@check()
def a_closed_tab_keeps_what_came(console):
    console.send("slow please")
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText.includes('word12')")
    address = console.page.url.removeprefix(console.base)
    console.page.close()
    console.page = console.open(address)
    console.page.wait_for_selector("chat-message[data-state=interrupted]")
    assert "word12" in console.answer_text()


@check()
def a_browser_that_keeps_nothing_still_talks(console):
    console.context.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new Error('no') } })")
    console.page = console.open()
    assert "keeps nothing" in console.page.locator("toast-list").inner_text()
    console.ask("hello")
    assert console.answer_text() == "You said: hello"
