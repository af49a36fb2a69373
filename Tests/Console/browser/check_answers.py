"""Asking, answering, and everything one can do with an answer."""

import re

from checks import CHINESE, check
from playwright.sync_api import expect


@check()
def an_answer_is_streamed_and_measured(console):
    console.send("slow please")
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText.includes('word3')")
    button = console.page.locator(".send-button")
    expect(button).to_have_attribute("aria-label", re.compile("Stop"))
    button.click()
    console.wait_idle()
    console.says("You stopped this answer")
    console.ask("hello there")
    console.answered("You said: hello there")
    foot = console.answer.locator(".measures")
    for part in ("43 tok/s", "tokens", "first after", "prompt", "complete"):
        expect(foot).to_contain_text(part)
    expect(console.page.locator(".draft-tokens")).to_contain_text("context")


@check()
def what_is_sent_is_the_conversation(console):
    console.ask("one")
    console.ask("two")
    body = console.sent()
    assert [each["role"] for each in body["messages"]] == ["user", "assistant", "user"]
    assert body["stream"] and body["stream_options"] == {"include_usage": True} and body["model"] == "swift-7b"
    assert body["temperature"] == 0.7 and "top_k" not in body


@check()
def stopping_hangs_up(console):
    console.send("slow please")
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText.length > 10")
    console.page.keyboard.press("Escape")
    console.wait_idle()
    console.becomes(lambda: console.state.hung_up, 1)
    expect(console.prose).to_contain_text(re.compile("^word0"))


@check()
def an_answer_can_be_had_again_and_versions_turned(console):
    console.ask("hello")
    console.tool(console.answer, "Answer again")
    position = console.answer.locator(".position")
    expect(position).to_have_text("2 / 2")
    console.wait_idle()
    console.tool(console.answer, "Previous version")
    expect(position).to_have_text("1 / 2")
    shown = console.answer.get_attribute("data-id")
    console.eventually(lambda: shown in console.stored()[0]["chosen"].values(), "the choice is stored")
    console.reload()
    expect(position).to_have_text("1 / 2")


@check()
def a_question_can_be_asked_in_other_words(console):
    console.ask("first words")
    console.ask("and then")
    question = console.page.locator("chat-message.user").first
    console.tool(question, "Edit")
    question.locator("textarea").fill("other words")
    question.locator("textarea").press("Enter")
    console.count("chat-message", 2)
    console.wait_idle()
    expect(console.questions).to_have_text(["other words"])
    console.answered("You said: other words")
    console.tool(console.question, "Previous version")
    console.count("chat-message", 4)
    expect(console.questions).to_have_text(["first words", "and then"])


@check()
def an_answer_can_be_corrected_by_hand(console):
    console.ask("hello")
    console.tool(console.answer, "Edit")
    console.answer.locator("textarea").fill("My *own* words")
    console.button("Save").click()
    expect(console.answer.locator("em")).to_have_text("own")


@check()
def an_answer_cut_by_its_limit_goes_on(console):
    console.ask("limit")
    console.says("reached the token limit")
    console.tool(console.answer, "Continue")
    console.answered("This answer is too and this is the rest of it.")
    console.wait_idle()
    body = console.sent()
    assert body["continue_final_message"] is True and body["add_generation_prompt"] is False
    assert body["messages"][-1] == {"role": "assistant", "content": "This answer is too"}


@check()
def messages_can_be_deleted_and_brought_back(console):
    console.ask("one")
    console.ask("two")
    console.tool(console.page.locator("chat-message.assistant").first, "Delete")
    console.count("chat-message", 3)
    console.button("Undo").click()
    console.count("chat-message", 4)
    expect(console.page.locator("chat-message.assistant").first).to_contain_text("You said: one")


@check(permissions=["clipboard-read", "clipboard-write"])
def answers_and_code_can_be_copied(console):
    clipboard = lambda: console.page.evaluate("navigator.clipboard.readText()")  # noqa: E731
    console.ask("code")
    console.tool(console.answer, "Copy")
    expect(console.page.locator("[aria-live=polite].visually-hidden")).to_have_text("Copied")
    console.eventually(lambda: "```swift" in clipboard(), "the answer as Markdown in the clipboard")
    console.answer.locator("figcaption button").click()
    expect(console.answer.locator("figcaption button")).to_have_text("Copied")
    console.eventually(lambda: clipboard().startswith("/// Adds") and clipboard().endswith("}"), "the code alone")
    expect(console.answer.locator("figcaption span").first).to_have_text("swift")
    console.eventually(lambda: console.answer.locator(".hljs-keyword").count() >= 3, "coloured keywords")


@check()
def markdown_is_drawn_in_full(console):
    console.ask("torture")
    console.page.wait_for_selector("chat-message math mfrac")
    wanted = {
        "h1": 1, "ol li": 5, "table td": 6, "input[type=checkbox]": 2, "blockquote blockquote": 1, "math": 4,
        "figure": 2, "details": 1, "kbd": 1, "sub": 1, "hr": 1, "del": 1, ".hljs-tag": 2, "[align=center]": 2,
    }  # fmt: skip
    found = """(names) => Object.fromEntries(names
      .map((name) => [name, document.querySelectorAll('chat-message ' + name).length]))"""
    console.becomes(lambda: console.page.evaluate(found, list(wanted)), wanted)
    expect(console.page.locator("chat-message strong").last).to_have_text("注意：")
    console.says("$5 and $10 are prices")


@check()
def only_the_end_of_a_long_answer_is_drawn_again(console):
    console.send("long 20")
    console.page.wait_for_selector("chat-message.assistant .block:nth-of-type(4)")
    console.page.evaluate("document.querySelector('chat-message.assistant .block').marked = true")
    console.wait_idle()
    console.count("chat-message.assistant .block", 80)
    assert console.page.evaluate("document.querySelector('chat-message.assistant .block').marked === true")


@check()
def thoughts_are_folded_away(console):
    thinking = console.answer.locator("details.thinking")
    console.ask("think hard")
    console.answered("The answer is 42.")
    expect(thinking.locator("strong")).to_have_count(1)
    expect(thinking).not_to_have_js_property("open", True)
    console.ask("reason hard")
    console.answered("It is 7.")
    expect(thinking).to_have_count(1)


@check()
def settings_are_sent_and_reset(console):
    console.page.keyboard.press("Control+,")
    panel = console.page.locator("settings-panel")
    panel.get_by_label("System prompt", exact=True).fill("Be brief.")
    panel.get_by_label("Temperature", exact=True).last.fill("0.25")
    panel.get_by_label("Longest answer", exact=True).fill("99999999999")
    panel.get_by_label("Seed", exact=True).fill("not a number")
    panel.get_by_label("Stop at", exact=True).fill("END\\n\nSTOP")
    panel.get_by_label("Stop at", exact=True).blur()
    console.ask("hello")
    body = console.sent()
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert (body["temperature"], body["max_tokens"], body["stop"]) == (0.25, 1000000, ["END\n", "STOP"])
    assert "seed" not in body
    console.button("Use for new conversations").click()
    console.button("New conversation", console.page.locator("chat-sidebar"), exact=False).click()
    console.page.wait_for_selector(".empty-state")
    expect(panel.get_by_label("System prompt", exact=True)).to_have_value("Be brief.")
    console.button("Reset all").click()
    console.ask("hello again")
    body = console.sent()
    assert body["temperature"] == 0.7 and body["messages"][0]["role"] == "user"


@check()
def another_model_is_asked(console):
    picker = console.page.locator("model-picker select")
    picker.select_option("tiny")
    console.ask("hello")
    assert console.sent()["model"] == "tiny"
    console.reload()
    expect(picker).to_have_value("tiny")


@check()
def a_base_model_continues_the_text(console):
    console.page.locator("model-picker select").select_option("base-270m")
    expect(console.page.locator(".composer-note")).to_contain_text("continues your text")
    console.ask("Once upon")
    assert console.sent()["prompt"] == "Once upon" and console.state.requests[-1]["path"] == "/v1/completions"


@check(**CHINESE)
def chinese_is_spoken(console):
    html = console.page.locator("html")
    expect(html).to_have_attribute("lang", "zh-CN")
    expect(console.page.locator("h1").last).to_contain_text("今天想聊点什么")
    console.page.locator(".suggestion").nth(3).click()
    expect(console.field).to_have_value(re.compile("杭州"))
    console.ask("中文 介绍雨燕")
    console.count("chat-message table", 1)
    console.button("English").click()
    expect(html).to_have_attribute("lang", "en")
    console.says("tok/s")
    console.count("chat-message table", 1)
    console.reload()
    expect(html).to_have_attribute("lang", "en")


@check()
def the_draft_is_counted_and_kept(console):
    console.field.fill("a draft of thirty characters !")
    expect(console.page.locator(".draft-tokens")).to_contain_text("10 tokens")
    console.reload()
    expect(console.field).to_have_value("a draft of thirty characters !")
    console.ask("hello")
    console.reload()
    expect(console.field).to_have_value("")
