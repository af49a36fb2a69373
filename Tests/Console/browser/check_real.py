"""A real server: what the stand-in pretends must be true there too."""

from checks import CHINESE, check


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
    console.page.keyboard.press("Control+,")
    console.page.locator("settings-panel").get_by_label("Longest answer", exact=True).fill("48")
    console.page.keyboard.press("Escape")
    console.page.set_default_timeout(120_000)
    console.ask("Say hello in five words.")
    console.picture("real-english")
    assert console.page.locator("error-card").count() == 0, console.answer.inner_text()
    assert len(console.answer_text()) > 1
    assert "tok/s" in console.answer.inner_text() and "prompt" in console.answer.inner_text()
    console.tool(console.answer, "Answer again")
    console.wait_for("document.querySelector('.position')?.innerText === '2 / 2'")
    console.wait_idle()
    assert console.page.locator("error-card").count() == 0, console.answer.inner_text()


@check(real=True)
def the_real_server_goes_on(console):
    console.page.keyboard.press("Control+,")
    console.page.locator("settings-panel").get_by_label("Longest answer", exact=True).fill("8")
    console.page.keyboard.press("Escape")
    console.page.set_default_timeout(120_000)
    console.ask("Count from one to one hundred in words.")
    before = console.answer_text()
    console.tool(console.answer, "Continue")
    console.wait_for("n => document.querySelector('chat-message.assistant .prose').innerText.length > n", len(before))
    console.wait_idle()
    assert console.answer_text().startswith(before[:4]), (before, console.answer_text())
    assert console.page.locator("error-card").count() == 0


@check(real=True, **CHINESE)
def the_real_server_speaks_chinese(console):
    console.page.set_default_timeout(180_000)
    console.send("用两句话介绍一下雨燕这种鸟。")
    console.page.wait_for_selector("chat-message.assistant .block")
    console.page.wait_for_timeout(1500)
    if console.page.locator(".stopping").count():
        console.page.keyboard.press("Escape")
    console.wait_idle()
    console.picture("real-chinese")
    assert console.page.locator("error-card").count() == 0, console.answer.inner_text()
    assert console.answer_text() != ""
