"""The list: kept, named, found, deleted, exported, imported."""

import json
import re

from checks import check
from playwright.sync_api import expect


@check()
def conversations_survive_a_reload(console):
    console.ask("# A *question* about swifts\nand more")
    expect(console.titles).to_have_text(["A *question* about swifts"])
    expect(console.page).to_have_url(re.compile("#/c/"))
    url = console.page.url
    console.reload()
    expect(console.page).to_have_url(url)
    console.says("You said")
    expect(console.page.locator("chat-sidebar h2")).to_have_text(["Today"])


@check()
def the_back_button_goes_back(console):
    console.ask("first")
    console.button("New conversation", console.page.locator("chat-sidebar"), exact=False).click()
    console.ask("second")
    console.page.go_back()
    console.page.wait_for_selector(".empty-state")
    console.page.go_back()
    expect(console.questions).to_have_text(["first"])
    expect(console.page).to_have_title(re.compile("^first"))


@check()
def an_answer_goes_on_while_another_conversation_is_read(console):
    console.send("long 3")
    console.page.wait_for_selector("chat-message.assistant h2")
    console.page.keyboard.press("Control+Shift+O")
    console.ask("hello")
    console.page.locator("chat-sidebar .row a", has_text="long 3").click()
    console.count("chat-message.assistant h2", 3)
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
    expect(console.titles).to_have_text(["新名字"])
    console.becomes(lambda: [each["title"] for each in console.stored()], ["新名字"])
    console.reload()
    expect(console.titles).to_have_text(["新名字"])


@check()
def a_conversation_is_deleted_and_brought_back(console):
    console.ask("keep me")
    row = console.page.locator("chat-sidebar .row")
    row.hover()
    row.locator("menu-button button").first.click()
    console.page.get_by_role("menuitem", name="Delete").click()
    console.page.wait_for_selector(".empty-state")
    expect(console.titles).to_have_count(0)
    console.button("Undo").click()
    expect(console.questions).to_have_text(["keep me"])
    console.becomes(lambda: len(console.kept()), 2)
    console.reload()
    expect(console.titles).to_have_text(["keep me"])
    console.says("You said")


@check()
def everything_said_can_be_found(console):
    console.ask("about falcons")
    console.page.keyboard.press("Control+Shift+O")
    console.ask("关于雨燕")
    console.page.keyboard.press("Control+k")
    console.page.keyboard.type("SAID: **about")
    console.page.wait_for_selector(".row-snippet")
    expect(console.titles).to_have_text(["about falcons"])
    expect(console.page.locator(".row-snippet mark").first).to_have_text("said:")
    console.page.locator("chat-sidebar input").fill("雨燕")
    expect(console.titles).to_have_text(["关于雨燕"])
    console.page.keyboard.press("Enter")
    console.page.locator("chat-sidebar input").fill("nowhere at all")
    expect(console.page.locator(".nothing")).to_have_text("Nothing found.")


@check()
def conversations_travel_as_json(console):
    console.ask("travel")
    console.tool(console.answer, "Answer again")
    expect(console.answer.locator(".position")).to_have_text("2 / 2")
    console.wait_idle()
    console.button("Export and import").click()
    with console.page.expect_download() as download:
        console.page.get_by_role("menuitem", name="Export all").click()
    text = open(download.value.path(), encoding="utf-8").read()
    assert json.loads(text)["format"] == "yuyan.conversations"
    give(console, text)
    console.count("chat-sidebar .row", 2)
    shown = console.page.url
    console.page.locator("chat-sidebar .row a:not([aria-current])").click()
    expect(console.page).not_to_have_url(shown)
    expect(console.answer.locator(".position")).to_have_text("2 / 2")


@check()
def foreign_files_are_refused_in_words(console):
    for text, words in [
        ("{", "not JSON"),
        ('{"a":1}', "does not hold conversations"),
        ('{"format":"yuyan.conversations","version":9,"conversations":[]}', "newer version"),
        ('{"format":"yuyan.conversations","conversations":[{"messages":{"a":{"role":"system"}}}, 7]}', "1 conversation"),
    ]:
        give(console, text)
        expect(console.page.locator("toast-list .toast").last).to_contain_text(words)


def give(console, text):
    console.button("Export and import").click()
    with console.page.expect_file_chooser() as chooser:
        console.page.get_by_role("menuitem", name="Import").click()
    chooser.value.set_files({"name": "a.json", "mimeType": "application/json", "buffer": text.encode()})
