"""Keys, focus, and what a screen reader hears."""

from checks import check


@check()
def enter_sends_and_shift_enter_does_not(console):
    console.field.fill("one")
    console.field.press("Shift+Enter")
    console.page.keyboard.type("two")
    assert console.field.input_value() == "one\ntwo" and not console.state.requests
    console.field.press("Enter")
    console.wait_idle()
    assert console.sent()["messages"][-1]["content"] == "one\ntwo"


@check()
def enter_that_ends_a_composition_does_not_send(console):
    console.field.fill("ni hao")
    press = """(init) => document.querySelector('chat-composer textarea')
      .dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }))"""
    console.page.evaluate(press, {"isComposing": True})
    console.page.evaluate(press, {"keyCode": 229})
    console.page.wait_for_timeout(200)
    assert console.field.input_value() == "ni hao" and not console.state.requests
    console.page.evaluate(press, {})
    console.wait_idle()
    assert len(console.state.requests) == 1


@check()
def a_composed_word_arrives(console):
    session = console.context.new_cdp_session(console.page)
    console.field.focus()
    session.send("Input.imeSetComposition", {"text": "yuyan", "selectionStart": 5, "selectionEnd": 5})
    session.send("Input.insertText", {"text": "雨燕"})
    assert console.field.input_value() == "雨燕"
    console.field.press("Enter")
    console.wait_idle()
    assert console.sent()["messages"][-1]["content"] == "雨燕"


@check()
def arrow_up_edits_the_last_question(console):
    console.ask("misspelt")
    console.field.press("ArrowUp")
    edit = console.question.locator("textarea")
    assert edit.evaluate("it => it === document.activeElement")
    edit.press("Escape")
    assert console.question.locator("textarea").count() == 0
    assert console.field.evaluate("it => it === document.activeElement")


@check()
def everything_can_be_reached_by_tab(console):
    console.ask("hello")
    seen = set()
    for _ in range(40):
        console.page.keyboard.press("Tab")
        label = console.page.evaluate(
            "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText ?? ''"
        )
        seen.add(label.strip())
    wanted = ["Copy", "Answer again", "Edit", "Delete", "Model", "Settings of this conversation", "Search", "Message"]
    for name in wanted:
        assert name in seen, (name, seen)


@check()
def a_menu_is_worked_by_keys(console):
    console.ask("hello")
    button = console.button("Export and import")
    button.focus()
    button.press("Enter")
    console.page.keyboard.press("ArrowDown")
    assert "Import" in console.page.evaluate("document.activeElement.innerText")
    console.page.keyboard.press("Escape")
    assert console.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Export and import"


@check()
def an_answer_is_announced_once(console):
    console.page.evaluate(
        """() => {
          window.heard = []
          const place = document.querySelector('[role=status].visually-hidden')
          new MutationObserver(() => heard.push(place.innerText)).observe(place, { childList: true })
        }"""
    )
    console.ask("hello")
    console.wait_for("heard.length === 2")
    assert console.page.evaluate("heard") == ["The model is answering.", "You said: **hello**"]


@check()
def reading_above_is_not_disturbed(console):
    console.send("long 30")
    console.page.wait_for_selector("chat-message.assistant .block:nth-of-type(20)")
    near = "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)"
    near += "(document.querySelector('.scroller'))"
    assert console.page.evaluate(near) < 100
    console.page.mouse.move(700, 400)
    console.page.mouse.wheel(0, -600)
    console.page.wait_for_timeout(300)
    top = console.page.evaluate("document.querySelector('.scroller').scrollTop")
    console.page.wait_for_timeout(400)
    assert abs(console.page.evaluate("document.querySelector('.scroller').scrollTop") - top) < 2
    console.button("To the latest message").click()
    console.wait_idle()
    console.wait_for(near + " < 100")
    assert console.page.locator(".jump").is_hidden()
