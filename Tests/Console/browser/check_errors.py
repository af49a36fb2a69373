"""What goes wrong is said in words, with something to do about it, and nothing is lost."""

from checks import CHINESE, check
from playwright.sync_api import expect

# Remembers every error card as it is drawn: one that counts down is gone before long.
CARDS = """() => {
  window.cards = []
  new MutationObserver(() => cards.push(...[...document.querySelectorAll('error-card')].map((it) => it.innerText)))
    .observe(document.querySelector('chat-thread'), { childList: true, subtree: true })
}"""


@check()
def a_busy_server_is_asked_again(console):
    console.expect_network_error()
    console.page.evaluate(CARDS)
    console.send("busy hour")
    console.answered("You said: busy hour")
    cards = console.page.evaluate("cards")
    assert any("The server is busy" in card and "Trying again in" in card for card in cards), cards
    assert len(console.state.requests) == 2


@check()
def a_full_context_says_how_full(console):
    console.expect_network_error()
    console.ask("one")
    console.ask("two")
    console.send("full now")
    said(console, "2,310", "2,048")
    console.button("Leave out the older half").click()
    console.wait_for("document.querySelector('.forgotten')")
    console.wait_idle()
    assert [each["content"] for each in console.sent()["messages"]] == ["full now"]
    console.answered("You said: full now")


@check()
def a_message_that_is_too_long_by_itself_can_be_shortened(console):
    console.expect_network_error()
    console.send("full now")
    said(console, "2,310", "2,048", "Shorten the message")
    expect(console.page.locator("error-card")).not_to_contain_text("Leave out")
    console.button("Shorten the message").click()
    console.wait_for("document.querySelector('.edit-field')?.value === 'full now'")


@check()
def a_server_error_can_be_tried_again(console):
    console.expect_network_error()
    console.send("boom")
    said(console, "engine stumbled")
    console.button("Try again").click()
    console.answered("You said: boom")
    console.count("error-card", 0)


@check(**CHINESE)
def a_server_that_is_down_is_called_so(console):
    console.expect_network_error()
    console.allowed.append("ERR_")
    console.state.down = True
    console.send("在吗")
    said(console, "连接不上服务器")
    expect(console.page.locator(".health").first).to_have_attribute("data-state", "down")
    drawn = "[...document.querySelectorAll('error-card use')].every((it) => document.querySelector(it.getAttribute('href')))"
    assert console.page.evaluate(drawn), "drawings are missing while the server is"
    console.state.down = False
    console.button("重试").click()
    console.answered("You said: 在吗")


@check()
def a_broken_connection_keeps_what_came(console):
    console.allowed.append("ERR_")
    console.send("cut it")
    said(console)
    expect(console.prose).to_contain_text("This answer stops in the")
    console.button("Try again").click()
    console.wait_for("document.querySelector('chat-message.assistant .prose').innerText.endsWith('the rest of it.')")


@check()
def an_error_in_mid_answer_keeps_what_came(console):
    console.ask("midway")
    console.answered("Half an answer")
    console.says("out of memory")


@check()
def a_model_without_template_offers_completion(console):
    console.expect_network_error()
    console.send("untemplated text")
    console.button("Use plain completion").click()
    expect(console.prose).to_contain_text("You said")
    assert console.state.requests[-1]["path"] == "/v1/completions"


@check()
def no_models_is_said(console):
    console.expect_network_error()
    console.state.down = True
    # Where its health page stays away the console does not learn of the server's return by itself, before the click.
    console.page.route("**/health", lambda route: route.fulfill(status=503))
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
    expect(console.prose).to_contain_text("let me in")
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
    expect(console.titles).to_have_count(0)


def said(console, *texts):
    card = console.page.locator("error-card")
    card.wait_for()
    for text in texts:
        expect(card).to_contain_text(text)
