"""A real server: what the stand-in pretends must be true there too."""

from checks import CHINESE, check
from playwright.sync_api import expect


@check(real=True)
def the_real_server_sends_the_policy(console):
    response = console.context.request.get(console.base + "/")
    policy = response.headers.get("content-security-policy", "")
    assert "default-src 'self'" in policy and "unsafe-inline" not in policy, policy
    script = console.context.request.get(console.base + "/console/app.js")
    assert "javascript" in script.headers["content-type"], script.headers
    module = console.context.request.get(console.base + "/console/vendor/temml/temml.mjs")
    assert "javascript" in module.headers["content-type"], module.headers


@check(real=True)
def the_real_server_answers(console):
    limited(console, 48)
    console.ask("Say hello in five words.")
    console.picture("real-english")
    went_well(console)
    console.says("tok/s", "prompt")
    console.tool(console.answer, "Answer again")
    expect(console.answer.locator(".position")).to_have_text("2 / 2")
    console.wait_idle()
    went_well(console)


@check(real=True)
def the_real_server_goes_on(console):
    limited(console, 8)
    console.ask("Write an essay about the sea.")
    before = console.prose.inner_text()
    console.tool(console.answer, "Continue")
    console.wait_for("n => document.querySelector('chat-message.assistant .prose').innerText.length > n", len(before))
    console.wait_idle()
    assert console.prose.inner_text().startswith(before[:4]), (before, console.prose.inner_text())
    went_well(console)


@check(real=True, **CHINESE)
def the_real_server_speaks_chinese(console):
    console.send("用两句话介绍一下雨燕这种鸟。")
    console.page.wait_for_selector("chat-message.assistant .block")
    console.page.wait_for_timeout(1500)
    console.page.keyboard.press("Escape")  # stops the answer, and does nothing to one that has ended
    console.wait_idle()
    console.picture("real-chinese")
    went_well(console)


@check(real=True)
def the_real_server_speaks_of_its_runs(console):
    """It lists them, has none yet, or says that it does not train; nothing else."""
    console.expect_network_error()
    console.page.get_by_role("link", name="Runs", exact=True).click()
    expect(console.page.locator(".run-row, .empty-runs, .notice-card").first).to_be_visible()
    expect(console.page.locator(".notice-card.danger")).to_have_count(0)


def limited(console, tokens):
    """Greedy answers of at most so many tokens: the same ones on every machine."""
    console.page.keyboard.press("Control+,")
    panel = console.page.locator("settings-panel")
    panel.get_by_label("Longest answer", exact=True).fill(str(tokens))
    panel.get_by_label("Temperature", exact=True).last.fill("0")
    console.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def went_well(console):
    expect(console.prose).not_to_be_empty()
    assert console.page.locator("error-card").count() == 0, console.answer.inner_text()
