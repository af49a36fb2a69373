"""The page of training runs: listed, watched, compared, paused and stopped."""

import re

from checks import CHINESE, check
from playwright.sync_api import expect


def visit(console, address="#/runs"):
    """Opens an address of the page of runs, and waits until it knows the server's word."""
    console.page.goto(f"{console.base}/{address}")
    console.page.wait_for_selector("runs-page")
    expect(console.page.get_by_text("Loading the runs …")).to_have_count(0)


def three_runs(console):
    """One that is done, one that trains, one that failed."""
    tuning = console.state.tuning
    tuning.add_file("hotline.jsonl", "{}\n" * 500)
    tuning.add_file("held-out.jsonl", "{}\n" * 50)
    done = tuning.add_job(total=100, user_provided_suffix="hotline", validation_file="file-0002")
    tuning.finish(done)
    running = tuning.add_job(steps=60, total=200, shape=1, user_provided_suffix="second")
    error = {"code": "out_of_memory", "message": "The step needs 9.2 GB and 6.1 GB are free.", "param": None}
    failed = tuning.add_job("failed", steps=10, total=200, shape=2, user_provided_suffix="third", error=error)
    return done, running, failed


def heading(console):
    return console.page.locator("runs-page main h1")


def row(console, name):
    return console.page.locator(".run-row", has_text=name)


@check()
def pages_are_switched_and_nothing_is_lost(console):
    three_runs(console)
    console.ask("hello")
    console.field.fill("a draft")
    before = console.page.url
    console.page.get_by_role("link", name="Runs", exact=True).click()
    expect(heading(console)).to_have_text("Training runs")
    expect(console.page.locator("chat-page")).to_have_count(0)
    expect(console.page.get_by_role("link", name="Runs", exact=True)).to_have_attribute("aria-current", "page")
    console.page.get_by_role("link", name="Chat", exact=True).click()
    expect(console.page).to_have_url(before)
    expect(console.questions).to_have_text(["hello"])
    expect(console.field).to_have_value("a draft")
    console.page.go_back()
    expect(console.page.locator(".run-row")).to_have_count(3)
    console.page.go_back()
    console.answered("You said: hello")


@check()
def an_answer_goes_on_while_the_runs_are_read(console):
    console.send("long 3")
    console.page.wait_for_selector("chat-message.assistant h2")
    console.page.get_by_role("link", name="Runs", exact=True).click()
    expect(heading(console)).to_have_text("Training runs")
    console.page.get_by_role("link", name="Chat", exact=True).click()
    console.count("chat-message.assistant h2", 3)
    console.wait_idle()


@check()
def runs_are_listed_with_how_they_are(console):
    three_runs(console)
    visit(console)
    expect(console.page.locator(".run-name")).to_have_text(["third", "second", "hotline"])
    for words in ("training", "step 60 of 200", "tok/s", "left"):
        expect(row(console, "second")).to_contain_text(words)
    expect(row(console, "second").locator("progress")).to_have_attribute("value", "0.3")
    for words in ("done", "took 31m", "204,800 tokens"):
        expect(row(console, "hotline")).to_contain_text(words)
    expect(row(console, "third")).to_contain_text("The step needs 9.2 GB")
    console.page.locator(".run-name", has_text="second").click()
    expect(heading(console)).to_have_text("second")


@check()
def a_running_run_is_watched_live(console):
    _, running, _ = three_runs(console)
    visit(console, f"#/runs/{running}")
    legend = console.page.locator("loss-plot .plot-legend")
    expect(legend).to_contain_text(re.compile(r"Training\s*\d\.\d{4}"))
    expect(console.page.locator(".run-progress")).to_contain_text("step 60 of 200")
    before = legend.inner_text()
    console.state.tuning.advance(running, 20)
    expect(console.page.locator(".run-progress")).to_contain_text("step 80 of 200")
    assert legend.inner_text() != before
    console.state.tuning.finish(running)
    expect(console.page.locator(".run-head .status")).to_have_text("done")
    expect(console.page.get_by_role("link", name="Chat beside its base")).to_be_visible()
    expect(console.page.locator(".run-checkpoints tbody tr")).to_have_count(8)
    expect(console.page.locator(".events li").first).to_contain_text("is ready")
    expect(console.page.locator("dt", has_text="Training data").locator("+ dd")).to_have_text("hotline.jsonl")


@check()
def only_what_is_new_is_asked_for(console):
    _, running, _ = three_runs(console)
    console.state.tuning.jobs[running]["total"] = 4000
    console.state.tuning.advance(running, 2500)
    visit(console, f"#/runs/{running}")
    expect(console.page.locator(".run-progress")).to_contain_text("step 2,560")
    asked = lambda: [path for path in console.state.tuning.asked if "/events" in path]  # noqa: E731
    console.eventually(lambda: len(asked()) >= 4, "every page of events is read")
    console.state.tuning.asked.clear()
    console.state.tuning.advance(running, 1)
    expect(console.page.locator(".run-progress")).to_contain_text("step 2,561")
    assert all("after" not in path for path in asked()), asked()
    assert console.page.evaluate("document.querySelector('.plot-drawing .plot-line').getAttribute('d').length") < 40_000


@check()
def a_hidden_page_does_not_ask(console):
    three_runs(console)
    visit(console)
    hide = """(hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
      document.dispatchEvent(new Event('visibilitychange'))
    }"""
    console.page.evaluate(hide, True)
    console.settle()
    console.state.tuning.asked.clear()
    console.page.wait_for_timeout(3500)
    assert console.state.tuning.asked == []
    console.page.evaluate(hide, False)
    console.eventually(lambda: console.state.tuning.asked, "it asks at once when shown")


@check()
def a_run_is_paused_resumed_and_stopped(console):
    _, running, _ = three_runs(console)
    visit(console, f"#/runs/{running}")
    status = console.page.locator(".run-head .status")
    pause, resume = console.button("Pause"), console.button("Resume")
    pause.focus()
    pause.press("Enter")
    expect(status).to_have_text("paused")
    expect(resume).to_be_focused()
    resume.press("Enter")
    expect(status).to_have_text("training")
    console.button("Stop").click()
    dialog = console.page.get_by_role("dialog")
    expect(dialog).to_contain_text("cannot go on")
    console.button("Let it run", dialog).click()
    expect(dialog).to_have_count(0)
    expect(status).to_have_text("training")
    console.button("Stop").click()
    console.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(heading(console)).to_have_text("second")
    console.button("Stop").click()
    console.button("Stop", dialog).click()
    expect(status).to_have_text("stopped")
    expect(console.button("Start one like it")).to_be_visible()
    assert console.state.tuning.jobs[running]["job"]["status"] == "cancelled"


@check()
def what_the_server_refuses_is_told(console):
    _, running, _ = three_runs(console)
    visit(console, f"#/runs/{running}")
    console.expect_network_error()
    console.state.tuning.refuse = ("This run is just ending.", None)
    console.button("Pause").click()
    expect(console.page.locator("toast-list")).to_contain_text("This run is just ending.")


@check()
def a_failed_run_says_what_to_do(console):
    *_, failed = three_runs(console)
    visit(console, f"#/runs/{failed}")
    card = console.page.locator(".notice-card")
    for words in ("This run failed", "smaller batch", "The step needs 9.2 GB", "out_of_memory"):
        expect(card).to_contain_text(words)
    console.button("Start one like it").click()
    expect(heading(console)).to_have_text("New run")
    expect(console.page.get_by_label("Batch size")).to_have_value("8")
    expect(console.page.get_by_label("Name")).to_have_value("third")


@check()
def the_plot_is_read_by_pointer_and_by_keys(console):
    done, *_ = three_runs(console)
    visit(console, f"#/runs/{done}")
    area = console.page.locator("loss-plot .plot-area")
    legend = console.page.locator("loss-plot .plot-legend")
    expect(area).to_have_attribute("aria-label", re.compile(r"Training loss from 2\.\d+ at step 1 to .* at step 100\."))
    area.hover(position={"x": 200, "y": 100})
    expect(legend).to_contain_text(re.compile(r"step \d+"))
    console.count("loss-plot .plot-cursor circle", 2)
    area.focus()
    area.press("Home")
    expect(legend).to_contain_text("step 1")
    area.press("Shift+ArrowRight")
    expect(legend).to_contain_text("step 11")
    expect(console.page.locator("loss-plot [aria-live]")).to_contain_text("step 11")
    area.press("Escape")
    console.count("loss-plot .plot-cursor circle", 0)
    expect(heading(console)).to_have_text("hotline")
    console.page.get_by_text("As a table").first.click()
    expect(console.page.locator("loss-plot .plot-table tbody tr")).to_have_count(12)


@check()
def scale_axis_and_smoothing_are_chosen_and_kept(console):
    done, *_ = three_runs(console)
    visit(console, f"#/runs/{done}")
    curve = "document.querySelector('loss-plot .plot-drawing .plot-line').getAttribute('d')"
    shapes = [console.page.evaluate(curve)]
    for choose in (
        lambda: console.page.get_by_text("Logarithmic").click(),
        lambda: console.page.get_by_label("Smoothing").fill("0.9"),
        lambda: console.page.get_by_text("tokens", exact=True).click(),
    ):
        choose()
        shapes.append(console.page.evaluate(curve))
    assert len(set(shapes[:3])) == 3, "the curve follows scale and smoothing"
    expect(console.page.locator("loss-plot .plot-drawing")).to_contain_text("tokens")
    console.page.reload()
    expect(console.page.get_by_label("Logarithmic")).to_be_checked()
    expect(console.page.get_by_label("Smoothing")).to_have_value("0.9")


@check()
def runs_are_compared(console):
    three_runs(console)
    visit(console)
    compare = console.button("Compare", exact=False)
    expect(compare).to_be_disabled()
    for name in ("hotline", "second"):
        console.page.get_by_label(f"Compare “{name}”").check()
    expect(compare).to_have_text("Compare (2)")
    compare.click()
    expect(heading(console)).to_have_text("Comparison")
    expect(console.page.locator(".comparison thead a")).to_have_text(["hotline", "second"])
    lines = console.page.locator("compare-view .plot-drawing .plot-line")
    expect(lines).to_have_count(2)
    table = console.page.locator(".comparison")
    expect(table.get_by_role("row", name="Validation data")).to_have_class("differs")
    expect(table.get_by_role("row", name="Base model")).not_to_have_class("differs")
    expect(table.get_by_role("row", name="Lowest validation loss")).to_contain_text("best")
    console.page.go_back()
    expect(console.page.locator(".run-row")).to_have_count(3)


@check()
def older_runs_are_shown_when_asked_for(console):
    for number in range(60):
        console.state.tuning.add_job("cancelled", user_provided_suffix=f"run {number}")
    visit(console)
    expect(console.page.locator(".run-row")).to_have_count(50)
    console.button("Show older runs").click()
    expect(console.page.locator(".run-row")).to_have_count(60)
    expect(console.button("Show older runs")).to_be_hidden()


@check()
def everything_on_the_page_can_be_reached_by_tab(console):
    _, running, _ = three_runs(console)
    visit(console, f"#/runs/{running}")
    console.page.wait_for_selector("loss-plot")
    name = """() => document.activeElement.getAttribute('aria-label') || document.activeElement.value
      || document.activeElement.innerText || ''"""
    wanted = {"Chat", "Runs", "New run", "All runs", "Pause", "Stop", "linear", "As a table", "Events"}
    for _ in range(80):
        console.page.keyboard.press("Tab")
        wanted.discard(console.page.evaluate(name).strip())
        if not wanted:
            return
    raise AssertionError(f"never reached: {wanted}")


@check(**CHINESE)
def the_page_speaks_chinese(console):
    done, *_ = three_runs(console)
    console.page.goto(f"{console.base}/#/runs/{done}")
    expect(console.page.locator(".run-head .status")).to_have_text("已完成")
    console.page.wait_for_selector("loss-plot")
    for words in ("检查点", "损失", "平滑", "监督微调"):
        expect(console.page.locator("run-view")).to_contain_text(words)
    console.button("English").click()
    expect(console.page.locator(".run-head .status")).to_have_text("done")
    console.page.wait_for_selector("loss-plot .plot-drawing .plot-line")
