"""The list: kept, named, found, deleted, exported, imported."""

import json

from checks import check


@check()
def conversations_survive_a_reload(console):
    console.ask("# A *question* about swifts\nand more")
    assert console.titles() == ["A question about swifts"] or console.titles() == ["A *question* about swifts"]
    url = console.page.url
    assert "#/c/" in url
    console.reload()
    assert console.page.url == url and "You said" in console.answer.inner_text()
    assert console.page.locator("chat-sidebar h2").all_inner_texts() == ["Today"]


@check()
def the_back_button_goes_back(console):
    console.ask("first")
    console.button("New conversation", console.page.locator("chat-sidebar"), exact=False).click()
    console.ask("second")
    console.page.go_back()
    console.page.wait_for_selector(".empty-state")
    console.page.go_back()
    console.wait_for("document.querySelector('.bubble')?.innerText === 'first'")
    assert console.page.title().startswith("first")


@check()
def an_answer_goes_on_while_another_conversation_is_read(console):
    console.send("long 3")
    console.page.wait_for_selector("chat-message.assistant h2")
    console.page.keyboard.press("Control+Shift+O")
    console.ask("hello")
    console.page.locator("chat-sidebar .row a", has_text="long 3").click()
    console.wait_for("document.querySelectorAll('chat-message.assistant h2').length === 3")
    console.wait_idle()


@check()
def a_conversation_is_renamed(console):
    console.ask("old name")
    row = console.page.locator("chat-sidebar .row")
    row.hover()
    row.locator("menu-button button").first.click()
    console.page.get_by_role("menuitem", name="Rename").click()
    row.locator("input").fill("新名字")
    row.locator("input").press("Enter")
    assert console.titles() == ["新名字"]
    console.page.wait_for_timeout(900)
    console.reload()
    assert console.titles() == ["新名字"]


@check()
def a_conversation_is_deleted_and_brought_back(console):
    console.ask("keep me")
    row = console.page.locator("chat-sidebar .row")
    row.hover()
    row.locator("menu-button button").first.click()
    console.page.get_by_role("menuitem", name="Delete").click()
    console.page.wait_for_selector(".empty-state")
    assert console.titles() == []
    console.button("Undo").click()
    console.wait_for("document.querySelector('.bubble')?.innerText === 'keep me'")
    console.page.wait_for_timeout(300)
    console.reload()
    assert console.titles() == ["keep me"] and "You said" in console.answer.inner_text()


@check()
def everything_said_can_be_found(console):
    console.ask("about falcons")
    console.page.keyboard.press("Control+Shift+O")
    console.ask("关于雨燕")
    console.page.keyboard.press("Control+k")
    console.page.keyboard.type("SAID: **about")
    console.page.wait_for_selector(".row-snippet")
    assert console.titles() == ["about falcons"]
    assert console.page.locator(".row-snippet mark").first.inner_text() == "said:"
    console.page.locator("chat-sidebar input").fill("雨燕")
    console.wait_for("document.querySelector('.row-title')?.innerText === '关于雨燕'")
    console.page.keyboard.press("Enter")
    console.page.locator("chat-sidebar input").fill("nowhere at all")
    console.wait_for("document.querySelector('.nothing')?.innerText === 'Nothing found.'")


@check()
def conversations_travel_as_json(console):
    console.ask("travel")
    console.tool(console.answer, "Answer again")
    console.wait_for("document.querySelector('.position')?.innerText === '2 / 2'")
    console.wait_idle()
    console.button("Export and import").click()
    with console.page.expect_download() as download:
        console.page.get_by_role("menuitem", name="Export all").click()
    text = open(download.value.path(), encoding="utf-8").read()
    assert json.loads(text)["format"] == "yuyan.conversations"
    give(console, text)
    console.wait_for("document.querySelectorAll('chat-sidebar .row').length === 2")
    console.page.locator("chat-sidebar .row a").last.click()
    assert console.answer.locator(".position").inner_text() == "2 / 2"


@check()
def foreign_files_are_refused_in_words(console):
    for text, words in [
        ("{", "not JSON"),
        ('{"a":1}', "does not hold conversations"),
        ('{"format":"yuyan.conversations","version":9,"conversations":[]}', "newer version"),
        ('{"format":"yuyan.conversations","conversations":[{"messages":{"a":{"role":"system"}}}, 7]}', ""),
    ]:
        give(console, text)
        console.wait_for("w => document.querySelector('toast-list').innerText.includes(w)", words)


def give(console, text):
    console.button("Export and import").click()
    with console.page.expect_file_chooser() as chooser:
        console.page.get_by_role("menuitem", name="Import").click()
    chooser.value.set_files({"name": "a.json", "mimeType": "application/json", "buffer": text.encode()})
