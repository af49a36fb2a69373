"""What goes wrong on the page of runs is said with something to do about it, and foreign words do nothing."""

from check_runs import heading, three_runs, visit
from checks import check
from payloads import PAYLOADS
from playwright.sync_api import expect


@check()
def a_server_that_does_not_train_says_what_to_do(console):
    console.state.tuning.able = False
    console.expect_network_error()
    visit(console)
    card = console.page.locator(".notice-card")
    for words in ("does not train", "YUYAN_HOME", "Nothing is served at this address"):
        expect(card).to_contain_text(words)
    visit(console, "#/runs/new")
    expect(console.page.locator(".notice-card").first).to_contain_text("does not train")
    visit(console)
    console.state.tuning.able = True
    three_runs(console)
    console.button("Try again").click()
    expect(console.page.locator(".run-row")).to_have_count(3)


@check()
def a_server_that_stumbles_is_asked_again_and_what_was_known_stays(console):
    three_runs(console)
    visit(console)
    console.expect_network_error()
    console.state.tuning.broken = 1
    console.state.tuning.asked.clear()
    expect(console.page.locator(".notice-card.plain")).to_contain_text("may be old")
    expect(console.page.locator(".run-row")).to_have_count(3)
    expect(console.page.locator(".notice-card")).to_have_count(0)


@check()
def an_empty_server_says_how_to_begin(console):
    visit(console)
    expect(console.page.locator(".empty-runs")).to_contain_text("No run yet")
    console.page.locator(".empty-runs a").click()
    expect(heading(console)).to_have_text("New run")


@check()
def a_run_that_is_nowhere_is_called_so(console):
    three_runs(console)
    console.expect_network_error()
    visit(console, "#/runs/ftjob-nowhere")
    expect(console.page.locator(".notice-card")).to_contain_text("does not have this run")


@check()
def a_guarded_server_is_shown_a_key(console):
    three_runs(console)
    console.state.key = "secret"
    console.expect_network_error()
    visit(console)
    field = console.page.locator(".notice-card input")
    field.fill("secret")
    field.press("Enter")
    expect(console.page.locator(".run-row")).to_have_count(3)


@check()
def foreign_words_do_nothing(console):
    """Names, events, files, errors and models are words, whatever they are made of."""
    tuning = console.state.tuning
    evil = PAYLOADS[0]
    tuning.add_file(evil + ".jsonl", "{}")
    for payload in PAYLOADS:
        identity = tuning.add_job("failed", steps=30, total=60, user_provided_suffix=payload, model=payload)
        job = tuning.jobs[identity]["job"]
        job |= {"error": {"code": payload, "message": payload, "param": payload}, "fine_tuned_model": payload}
        tuning.say(identity, payload, level=payload)
        tuning.jobs[identity]["checkpoints"][0]["fine_tuned_model_checkpoint"] = payload
    odd = tuning.add_job(payload, user_provided_suffix="odd", method={"type": evil, evil: None}, seed=evil)
    visit(console)
    expect(console.page.locator(".run-row")).to_have_count(50)
    nothing_happened(console)
    for identity in [*list(tuning.jobs)[:12], odd]:
        visit(console, f"#/runs/{identity}")
        console.page.wait_for_selector(".facts")
        nothing_happened(console)
    visit(console, "#/runs/compare/" + ",".join(list(tuning.jobs)[:6]))
    console.page.wait_for_selector(".comparison")
    nothing_happened(console)
    visit(console, "#/runs/new")
    expect(console.page.get_by_label("Base model").locator("option")).not_to_have_count(1)
    nothing_happened(console)
    visit(console, "#/runs/<img src=x onerror=window.pwned=1>")
    console.expect_network_error()
    nothing_happened(console)


INSIDE = """() => [...document.querySelectorAll('runs-page *')].filter((node) =>
  ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'STYLE', 'LINK', 'META', 'BASE', 'VIDEO', 'AUDIO'].includes(node.tagName) ||
  (node.tagName === 'IMG' && !node.closest('.brand')) ||
  [...node.attributes].some(({ name, value }) => /^on|^srcdoc$|^style$/.test(name) ||
    (name === 'href' && !/^(#|\\/console|https?:\\/\\/127)/.test(value))))
  .map((node) => node.outerHTML.slice(0, 200))"""


def nothing_happened(console):
    console.settle()
    assert console.page.evaluate("window.pwned") is None
    found = console.page.evaluate(INSIDE)
    assert not found, found
