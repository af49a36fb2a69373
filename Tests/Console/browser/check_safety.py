"""A model's words can do nothing: no script, no request, no dialog, no way around the page's policy."""

from checks import check
from playwright.sync_api import expect
from payloads import PAYLOADS

DANGEROUS = """() => [...document.querySelectorAll('chat-thread *')].filter((node) =>
  ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'STYLE', 'LINK', 'META', 'BASE', 'IMG', 'VIDEO', 'AUDIO', 'TEMPLATE']
    .includes(node.tagName) ||
  [...node.attributes].some(({ name, value }) =>
    /^on|^srcdoc$|^formaction$|^ping$/.test(name) ||
    (name === 'id' || name === 'name') ||
    (['href', 'src', 'xlink:href', 'action'].includes(name) && !/^(https?:|mailto:|tel:|#)/.test(value) &&
      !node.closest('svg'))))
  .map((node) => node.outerHTML.slice(0, 200))"""


def harmless(console, number):
    console.ask(f"inject {number}")
    console.settle()
    assert console.page.evaluate("window.pwned") is None, PAYLOADS[number]
    found = console.page.evaluate(DANGEROUS)
    assert not found, (PAYLOADS[number], found)
    # Links are followed too: nothing but an ordinary address may stand behind one.
    for link in console.answer.locator("a").all():
        assert link.get_attribute("rel") == "noopener noreferrer nofollow" and link.get_attribute("target") == "_blank"
    for details in console.answer.locator("details").all():
        details.evaluate("it => { it.open = !it.open }")


@check()
def what_a_model_writes_does_nothing(console):
    """All payloads in one conversation, so that they could also work together."""
    for number in range(len(PAYLOADS)):
        harmless(console, number)
        console.assert_quiet()
    console.reload()
    console.count("chat-message.assistant", len(PAYLOADS))
    console.settle()
    assert console.page.evaluate("window.pwned") is None and not console.page.evaluate(DANGEROUS)
    kinds = "[document.body.nodeName, typeof document.getElementById, typeof document.location.href]"
    names = console.page.evaluate(kinds)
    assert names == ["BODY", "function", "string"], names


@check()
def what_a_person_or_a_file_writes_does_nothing(console):
    for number, payload in enumerate(PAYLOADS[:12]):
        console.ask(payload)
        console.settle()
        assert console.page.evaluate("window.pwned") is None
    assert not console.page.evaluate(DANGEROUS)
    expect(console.questions.first).to_have_text(PAYLOADS[0])
    console.page.keyboard.press("Control+k")
    console.page.keyboard.type("onerror")
    console.page.wait_for_selector(".row-snippet")
    console.settle()
    assert console.page.evaluate("window.pwned") is None


@check()
def a_title_does_nothing(console):
    console.ask("<img src=x onerror=window.pwned=1> title")
    expect(console.titles).to_have_text(["<img src=x onerror=window.pwned=1> title"])
    console.settle()
    assert console.page.evaluate("window.pwned") is None


@check()
def the_policy_holds_for_every_file(console):
    assert console.page.evaluate("document.querySelectorAll('script:not([src]), style, [style]').length") == 0
    console.page.evaluate(
        "const it = document.createElement('script'); it.text = 'window.pwned = 1'; document.body.append(it)"
    )
    console.settle()
    assert console.page.evaluate("window.pwned") is None
    console.errors.clear()
    console.page.evaluate("window.violations = []")


@check()
def a_formula_without_end_does_not_hang(console):
    number = next(index for index, text in enumerate(PAYLOADS) if text.startswith(r"$\def"))
    console.ask(f"inject {number}")
    assert console.page.evaluate("1 + 1") == 2
