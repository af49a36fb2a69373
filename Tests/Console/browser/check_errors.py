"""What goes wrong is said in words, with something to do about it, and nothing is lost."""

from checks import CHINESE, check


@check()
def a_busy_server_is_asked_again(console):
    console.expect_network_error()
    console.send("busy hour")
    card = console.page.locator("error-card")
    card.wait_for()
    assert "The server is busy" in card.inner_text() and "Trying again in" in card.inner_text()
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText === 'You said: busy hour'")
    assert len(console.state.requests) == 2


@check()
def a_full_context_says_how_full(console):
    console.expect_network_error()
    console.ask("one")
    console.ask("two")
    console.send("full now")
    card = console.page.locator("error-card")
    card.wait_for()
    assert "2,310" in card.inner_text() and "2,048" in card.inner_text()
    console.button("Leave out the older half").click()
    console.wait_for("document.querySelector('.forgotten')")
    console.wait_idle()
    assert [each["content"] for each in console.sent()["messages"]] == ["full now"]
    assert console.answer_text() == "You said: full now"


@check()
def a_server_error_can_be_tried_again(console):
    console.expect_network_error()
    console.send("boom")
    card = console.page.locator("error-card")
    card.wait_for()
    assert "engine stumbled" in card.inner_text()
    console.button("Try again").click()
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText === 'You said: boom'")
    assert console.page.locator("error-card").count() == 0


@check(**CHINESE)
def a_server_that_is_down_is_called_so(console):
    console.expect_network_error()
    console.allowed.append("ERR_")
    console.state.down = True
    console.send("在吗")
    card = console.page.locator("error-card")
    card.wait_for()
    assert "连接不上服务器" in card.inner_text()
    console.state.down = False
    console.button("重试").click()
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText.includes('在吗')")


@check()
def a_broken_connection_keeps_what_came(console):
    console.allowed.append("ERR_")
    console.send("cut it")
    card = console.page.locator("error-card")
    card.wait_for()
    assert "This answer stops in the" in console.answer_text()
    console.button("Try again").click()
    console.wait_for("document.querySelector('chat-message.assistant .prose').innerText.endsWith('the rest of it.')")


@check()
def an_error_in_mid_answer_keeps_what_came(console):
    console.ask("midway")
    assert console.answer_text() == "Half an answer" and "out of memory" in console.answer.inner_text()


@check()
def a_model_without_template_offers_completion(console):
    console.expect_network_error()
    console.send("untemplated text")
    console.button("Use plain completion").click()
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText.includes('You said')")
    assert console.state.requests[-1]["path"] == "/v1/completions"


@check()
def no_models_is_said(console):
    console.expect_network_error()
    console.state.down = True
    console.page.reload()
    console.page.wait_for_selector(".no-model")
    console.state.down = False
    console.button("Try again", console.page.locator("model-picker")).click()
    console.page.wait_for_selector("model-picker select")


@check()
def a_guarded_server_asks_for_its_key(console):
    console.expect_network_error()
    console.state.key = "sesame"
    console.send("let me in")
    form = console.page.locator("error-card .key-form")
    form.get_by_label("Key").fill("sesame")
    form.get_by_label("Key").press("Enter")
    console.wait_for("document.querySelector('chat-message.assistant .prose')?.innerText.includes('let me in')")
    console.state.key = "changed"
    console.page.reload()
    form = console.page.locator("model-picker .key-form")
    form.get_by_label("Key").fill("changed")
    console.button("Use this key").click()
    console.page.wait_for_selector("model-picker select")


@check()
def an_address_that_is_gone_is_said(console):
    page = console.open("/#/c/0123456789abcdef")
    page.wait_for_selector(".empty-state")
    assert console.titles() == []
