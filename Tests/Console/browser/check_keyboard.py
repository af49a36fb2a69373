"""Keys, focus, and what a screen reader hears."""

from checks import check
from playwright.sync_api import expect


@check()
def enter_sends_and_shift_enter_does_not(console):
    console.field.fill("one")
    console.field.press("Shift+Enter")
    console.page.keyboard.type("two")
    expect(console.field).to_have_value("one\ntwo")
    console.settle()
    assert not console.state.requests
    console.field.press("Enter")
    assert console.sent()["messages"][-1]["content"] == "one\ntwo"
    console.wait_answers(1)


@check()
def enter_that_ends_a_composition_does_not_send(console):
    console.field.fill("ni hao")
    press = """(init) => document.querySelector('chat-composer textarea')
      .dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }))"""
    console.page.evaluate(press, {"isComposing": True})
    console.page.evaluate(press, {"keyCode": 229})
    console.settle()
    expect(console.field).to_have_value("ni hao")
    assert not console.state.requests
    console.page.evaluate(press, {})
    console.wait_answers(1)
    assert len(console.state.requests) == 1


@check()
def a_composed_word_arrives(console):
    session = console.context.new_cdp_session(console.page)
    console.field.focus()
    session.send("Input.imeSetComposition", {"text": "yuyan", "selectionStart": 5, "selectionEnd": 5})
    session.send("Input.insertText", {"text": "雨燕"})
    expect(console.field).to_have_value("雨燕")
    console.field.press("Enter")
    assert console.sent()["messages"][-1]["content"] == "雨燕"
    console.wait_answers(1)


@check()
def arrow_up_edits_the_last_question(console):
    console.ask("misspelt")
    console.field.press("ArrowUp")
    edit = console.question.locator("textarea")
    expect(edit).to_be_focused()
    edit.press("Escape")
    expect(edit).to_have_count(0)
    expect(console.questions).to_have_text(["misspelt"])
    expect(console.field).to_be_focused()


@check()
def everything_can_be_reached_by_tab(console):
    console.ask("hello")
    name = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText ?? ''"
    wanted = {"Copy", "Answer again", "Edit", "Delete", "Model", "Settings of this conversation", "Search", "Message"}
    for _ in range(80):
        console.page.keyboard.press("Tab")
        wanted.discard(console.page.evaluate(name).strip())
        if not wanted:
            return
    raise AssertionError(f"never reached: {wanted}")


@check()
def a_menu_is_worked_by_keys(console):
    console.ask("hello")
    button = console.button("Export and import")
    button.focus()
    button.press("Enter")
    console.page.keyboard.press("ArrowDown")
    expect(console.page.get_by_role("menuitem", name="Import")).to_be_focused()
    console.page.keyboard.press("Escape")
    expect(button).to_be_focused()
    console.count("[role=menuitem]", 0)


@check()
def an_answer_is_announced_once(console):
    console.page.evaluate(
        """() => {
          window.heard = []
          const place = document.querySelector('[role=status].visually-hidden')
          new MutationObserver(() => heard.push(place.innerText)).observe(place, { childList: true })
        }"""
    )
    console.send("slow please")
    expect(console.prose).to_contain_text("word3")
    console.page.keyboard.press("Escape")
    console.wait_idle()
    console.wait_for("heard.length > 1")
    console.settle()
    first, *rest = console.page.evaluate("heard")
    assert first == "The model is answering." and len(rest) == 1 and rest[0].startswith("word0 word1 word2 word3"), rest


@check()
def reading_above_is_not_disturbed(console):
    console.send("endless talk")
    console.page.wait_for_selector("chat-message.assistant .block:nth-of-type(20)")
    console.eventually(lambda: below(console) < 100, "the end is followed")
    console.page.mouse.move(700, 400)
    console.page.mouse.wheel(0, -600)
    console.eventually(lambda: below(console) > 300, "the wheel was heard")
    top = at_rest(console)
    before = below(console)
    console.eventually(lambda: below(console) > before + 200, "the answer goes on")
    assert abs(console.page.evaluate(TOP) - top) < 2
    jump = console.button("To the latest message")
    jump.click()
    console.eventually(lambda: below(console) < 100, "the end is followed again")
    console.page.keyboard.press("Escape")
    console.wait_idle()
    console.eventually(lambda: below(console) < 100, "the end stays in view")
    expect(console.page.locator(".jump")).to_be_hidden()


TOP = "document.querySelector('.scroller').scrollTop"


def below(console):
    """How much of the thread is below what is in view."""
    return console.page.evaluate(
        """() => (({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)
          (document.querySelector('.scroller'))"""
    )


def at_rest(console):
    """Where the thread stands once the wheel has run out."""
    before, top = None, console.page.evaluate(TOP)
    while top != before:
        console.settle()
        before, top = top, console.page.evaluate(TOP)
    return top
