"""Asking, answering, and everything one can do with an answer."""

from checks import CHINESE, check


@check()
def an_answer_is_streamed_and_measured(console):
    console.send("slow please")
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText.includes('word3')")
    assert "Stop" in console.page.locator(".send-button").get_attribute("aria-label")
    console.page.locator(".send-button").click()
    console.wait_idle()
    assert "You stopped this answer" in console.answer.inner_text()
    console.ask("hello there")
    assert console.answer_text() == "You said: hello there"
    foot = console.answer.locator(".measures").inner_text()
    for part in ("43 tok/s", "tokens", "first after", "prompt", "stop"):
        assert part in foot, (part, foot)
    assert "context" in console.page.locator(".draft-tokens").inner_text()


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
    for _ in range(40):
        if console.state.hung_up:
            break
        console.page.wait_for_timeout(50)
    assert console.state.hung_up == 1
    assert console.answer_text().startswith("word0")


@check()
def an_answer_can_be_had_again_and_versions_turned(console):
    console.ask("hello")
    console.tool(console.answer, "Answer again")
    console.wait_for("document.querySelector('chat-message.assistant .position')?.innerText === '2 / 2'")
    console.wait_idle()
    console.tool(console.answer, "Previous version")
    first = "document.querySelector('chat-message.assistant .position')?.innerText === '1 / 2'"
    console.wait_for(first)
    console.page.wait_for_timeout(500)
    console.reload()
    console.wait_for(first)


@check()
def a_question_can_be_asked_in_other_words(console):
    console.ask("first words")
    console.ask("and then")
    question = console.page.locator("chat-message.user").first
    console.tool(question, "Edit")
    question.locator("textarea").fill("other words")
    question.locator("textarea").press("Enter")
    console.wait_for("document.querySelectorAll('chat-message').length === 2")
    console.wait_idle()
    assert console.questions() == ["other words"]
    assert console.answer_text() == "You said: other words"
    console.tool(console.question, "Previous version")
    console.wait_for("document.querySelectorAll('chat-message').length === 4")
    assert console.questions() == ["first words", "and then"]


@check()
def an_answer_can_be_corrected_by_hand(console):
    console.ask("hello")
    console.tool(console.answer, "Edit")
    console.answer.locator("textarea").fill("My *own* words")
    console.button("Save").click()
    console.wait_for("document.querySelector('chat-message.assistant em')?.innerText === 'own'")


@check()
def an_answer_cut_by_its_limit_goes_on(console):
    console.ask("limit")
    assert "reached the token limit" in console.answer.inner_text()
    console.tool(console.answer, "Continue")
    console.wait_for("document.querySelector('chat-message.assistant .prose').innerText.includes('the rest of it')")
    console.wait_idle()
    assert console.answer_text() == "This answer is too and this is the rest of it."
    body = console.sent()
    assert body["continue_final_message"] is True and body["add_generation_prompt"] is False
    assert body["messages"][-1] == {"role": "assistant", "content": "This answer is too"}


@check()
def messages_can_be_deleted_and_brought_back(console):
    console.ask("one")
    console.ask("two")
    console.tool(console.page.locator("chat-message.assistant").first, "Delete")
    console.wait_for("document.querySelectorAll('chat-message').length === 3")
    console.button("Undo").click()
    console.wait_for("document.querySelectorAll('chat-message').length === 4")
    assert "You said: one" in console.page.locator("chat-message.assistant").first.inner_text()


@check(permissions=["clipboard-read", "clipboard-write"])
def answers_and_code_can_be_copied(console):
    console.ask("code")
    console.tool(console.answer, "Copy")
    console.wait_for("document.querySelector('[aria-live=polite].visually-hidden').innerText === 'Copied'")
    assert "```swift" in console.page.evaluate("navigator.clipboard.readText()")
    console.answer.locator("figcaption button").click()
    console.wait_for("document.querySelector('figcaption button').innerText === 'Copied'")
    copied = console.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("/// Adds") and copied.endswith("}")
    assert console.answer.locator("figcaption span").first.inner_text() == "swift"
    assert console.answer.locator(".hljs-keyword").count() >= 3


@check()
def markdown_is_drawn_in_full(console):
    console.ask("torture")
    console.page.wait_for_selector("chat-message math mfrac")
    counts = console.page.evaluate(
        """() => Object.fromEntries(['h1', 'ol li', 'table td', 'input[type=checkbox]', 'blockquote blockquote', 'math',
          'figure', 'details', 'kbd', 'sub', 'hr', 'del', '.hljs-tag', '[align=center]']
          .map((name) => [name, document.querySelectorAll('chat-message ' + name).length]))"""
    )
    assert counts == {
        "h1": 1, "ol li": 5, "table td": 6, "input[type=checkbox]": 2, "blockquote blockquote": 1, "math": 4,
        "figure": 2, "details": 1, "kbd": 1, "sub": 1, "hr": 1, "del": 1, ".hljs-tag": 2, "[align=center]": 2,
    }, counts  # fmt: skip
    assert console.page.locator("chat-message strong").last.inner_text() == "注意："
    assert "$5 and $10 are prices" in console.answer.inner_text()


@check()
def only_the_end_of_a_long_answer_is_drawn_again(console):
    console.send("long 20")
    console.page.wait_for_selector("chat-message.assistant .block:nth-of-type(4)")
    console.page.evaluate("document.querySelector('chat-message.assistant .block').marked = true")
    console.wait_idle()
    assert console.page.evaluate("document.querySelector('chat-message.assistant .block').marked === true")
    assert console.page.locator("chat-message.assistant .block").count() == 80


@check()
def thoughts_are_folded_away(console):
    console.ask("think hard")
    assert console.answer_text() == "The answer is 42."
    thinking = console.answer.locator("details.thinking")
    assert thinking.locator("strong").count() == 1 and not thinking.evaluate("it => it.open")
    console.ask("reason hard")
    assert console.answer.locator("details.thinking").count() == 1 and console.answer_text() == "It is 7."


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
    console.wait_for("document.querySelector('.empty-state')")
    assert panel.get_by_label("System prompt", exact=True).input_value() == "Be brief."
    console.button("Reset all").click()
    console.ask("hello again")
    body = console.sent()
    assert body["temperature"] == 0.7 and body["messages"][0]["role"] == "user"


@check()
def another_model_is_asked(console):
    console.page.locator("model-picker select").select_option("tiny")
    console.ask("hello")
    assert console.sent()["model"] == "tiny"
    console.reload()
    assert console.page.locator("model-picker select").input_value() == "tiny"


@check()
def a_base_model_continues_the_text(console):
    console.page.locator("model-picker select").select_option("base-270m")
    console.wait_for("document.querySelector('.composer-note').innerText.includes('continues your text')")
    console.ask("Once upon")
    assert console.state.requests[-1]["path"] == "/v1/completions" and console.sent()["prompt"] == "Once upon"


@check(**CHINESE)
def chinese_is_spoken(console):
    assert console.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "今天想聊点什么" in console.page.locator("h1").last.inner_text()
    console.page.locator(".suggestion").nth(3).click()
    assert "杭州" in console.field.input_value()
    console.ask("中文 介绍雨燕")
    assert console.page.locator("chat-message table").count() == 1
    console.button("English").click()
    assert console.page.evaluate("document.documentElement.lang") == "en"
    assert "tok/s" in console.answer.inner_text() and console.page.locator("chat-message table").count() == 1
    console.reload()
    assert console.page.evaluate("document.documentElement.lang") == "en"


@check()
def the_draft_is_counted_and_kept(console):
    console.field.fill("a draft of thirty characters !")
    console.wait_for("document.querySelector('.draft-tokens').innerText.includes('10 tokens')")
    console.reload()
    assert console.field.input_value() == "a draft of thirty characters !"
    console.ask("hello")
    console.reload()
    assert console.field.input_value() == ""
