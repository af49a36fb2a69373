"""Two tabs, reloads in mid-answer, and a browser that keeps nothing."""

from checks import check
from console import wait_for
from playwright.sync_api import expect


@check()
def two_tabs_lose_nothing(console):
    console.ask("first")
    other = console.open(console.page.url.removeprefix(console.base))
    for page, text in ((console.page, "from here"), (other, "from there")):
        field = page.locator("chat-composer textarea")
        field.fill(text)
        field.press("Enter")
    said = {"first", "from here", "You said: **from here**", "from there"}
    console.becomes(lambda: said.difference(each["content"] for each in console.kept()), set())
    # Where the other tab has heard of the first question before it asks, it sends both as one turn.
    console.eventually(lambda: any(each["content"].endswith("from there**") for each in console.kept()), "answered there")


@check()
def a_new_name_shows_in_the_other_tab(console):
    console.ask("a name")
    other = console.open()
    expect(other.locator(".row-title")).to_have_text(["a name"])
    row = console.page.locator("chat-sidebar .row")
    row.hover()
    row.locator("menu-button button").first.click()
    console.page.get_by_role("menuitem", name="Rename").click()
    row.locator("input").fill("another")
    row.locator("input").press("Enter")
    expect(other.locator(".row-title")).to_have_text(["another"])
    row.hover()
    row.locator("menu-button button").first.click()
    console.page.get_by_role("menuitem", name="Delete").click()
    expect(other.locator(".row-title")).to_have_count(0)


@check()
def the_other_tab_sees_an_answer_grow_and_does_not_call_it_broken(console):
    console.send("slow please")
    console.eventually(lambda: any("word1" in each["content"] for each in console.kept()), "some of it is stored")
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
    console.says("word12", "The page was closed")
    expect(console.button("Continue", console.answer)).to_have_count(1)


@check()
def a_closed_tab_keeps_what_came(console):
    console.send("slow please")
    # A closing tab is given half a second to write down the rest, and a busy machine may need it for something else.
    console.eventually(lambda: any("word12" in each["content"] for each in console.kept()), "so much of it is stored")
    address = console.page.url.removeprefix(console.base)
    console.page.close()
    console.page = console.open(address)
    console.page.wait_for_selector("chat-message[data-state=interrupted]")
    console.says("word12")


@check()
def a_browser_that_keeps_nothing_still_talks(console):
    console.context.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new Error('no') } })")
    console.page = console.open()
    expect(console.page.locator("toast-list")).to_contain_text("keeps nothing")
    console.ask("hello")
    console.answered("You said: hello")
