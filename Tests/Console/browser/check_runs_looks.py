"""The page of runs, narrow and wide, light and dark, in both languages: nothing overflows, and text can be read."""

from check_looks import looks_right
from check_runs import three_runs, visit
from checks import CHINESE, PHONE, check
from playwright.sync_api import expect


def tour(console, menu):
    done, running, failed = three_runs(console)
    waiting = console.state.tuning.add_job("queued", user_provided_suffix="a-name-that-is-far-too-long-to-fit-" * 3)
    for name, address, wanted in (
        ("list", "#/runs", ".run-row progress"),
        ("run", f"#/runs/{running}", "loss-plot .plot-drawing path"),
        ("done", f"#/runs/{done}", ".run-checkpoints table"),
        ("failed", f"#/runs/{failed}", ".notice-card"),
        ("waiting", f"#/runs/{waiting}", ".facts"),
        ("compare", f"#/runs/compare/{done},{running},{failed}", ".comparison"),
        ("start", "#/runs/new", "file-field option[value=file-0001]"),
        ("beside", f"#/runs/{done}/chat", ".lane select"),
    ):
        visit(console, address)
        console.page.wait_for_selector(wanted, state="attached")
        looks_right(console, name)
        console.page.evaluate("document.querySelector('runs-page main > .scroller')?.scrollTo(0, 9999)")
        looks_right(console, name + "-end")
    send_beside(console)
    console.state.tuning.able = False
    console.expect_network_error()
    visit(console)
    console.page.reload()
    console.page.wait_for_selector(".notice-card")
    looks_right(console, "unable")
    if menu:
        console.button(menu).click()
        console.page.locator("runs-sidebar").wait_for(state="visible")
        looks_right(console, "drawer")
        console.page.keyboard.press("Escape")
        console.page.locator("runs-sidebar").wait_for(state="hidden")


def send_beside(console):
    console.send("torture")
    console.page.wait_for_selector(".lane + .lane chat-message math")
    console.wait_idle()
    looks_right(console, "answers")


@check()
def runs_wide_light_english(console):
    tour(console, None)


@check(color_scheme="dark", **CHINESE)
def runs_wide_dark_chinese(console):
    tour(console, None)


@check(**PHONE, **CHINESE)
def runs_narrow_light_chinese(console):
    tour(console, "训练列表")


@check(color_scheme="dark", **PHONE)
def runs_narrow_dark_english(console):
    tour(console, "List of runs")


@check(viewport={"width": 320, "height": 480})
def runs_on_the_smallest_screen(console):
    tour(console, "List of runs")


@check(reduced_motion="reduce")
def a_running_run_does_not_pulse_where_that_disturbs(console):
    _, running, _ = three_runs(console)
    visit(console, f"#/runs/{running}")
    expect(console.page.locator(".run-head .status")).to_have_text("training")
    console.settle()
    assert console.page.evaluate("document.getAnimations().filter((it) => it.playState === 'running').length") == 0
