"""The console as a person meets it: what they type, click and see."""

import time
from pathlib import Path

DEFAULTS = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US"}

# Runs before the page's own code and remembers what the page's policy forbade.
WATCH = """
  window.violations = []
  document.addEventListener('securitypolicyviolation', (event) =>
    violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
"""


PATIENCE = 60  # seconds; the machine may be busy


def wait_for(page, expression, argument=None):
    """Asks from outside until it is so: Playwright's own waiting runs `eval` in the page, which the policy forbids."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(expression, argument):
        assert time.monotonic() < end, f"not so after {PATIENCE} s: {expression}"
        page.wait_for_timeout(25)


class Console:
    def __init__(self, browser, base, state, pictures, check):
        self.base, self.state, self.pictures, self.name = base, state, pictures, check.name
        self.context = browser.new_context(**{**DEFAULTS, **check.context})
        self.context.add_init_script(WATCH)
        self.errors, self.foreign, self.dialogs, self.allowed = [], [], [], []
        self.context.on("request", self.note_request)
        self.page = self.open()

    def open(self, path="/"):
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(self.base + path)
        page.wait_for_selector("chat-page model-picker :is(select, .no-model)")
        return page

    def note_request(self, request):
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.foreign.append(request.url)

    def close(self):
        self.context.close()

    def assert_quiet(self):
        """Nothing went wrong unseen: no script error, no dialog, no policy violation, nobody else was called."""
        noise = [text for text in self.errors if not any(word in text for word in self.allowed)]
        violations = [page.evaluate("window.violations ?? []") for page in self.context.pages]
        assert not noise, noise
        assert not self.dialogs, self.dialogs
        assert not self.foreign, self.foreign
        assert not any(violations), violations

    def expect_network_error(self):
        """The browser itself reports refused and broken requests as errors; those are meant here."""
        self.allowed.append("Failed to load resource")

    # What a person does.

    @property
    def field(self):
        return self.page.locator("chat-composer textarea")

    def button(self, name, within=None, exact=True):
        return (within or self.page).get_by_role("button", name=name, exact=exact)

    def send(self, text):
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text):
        """Sends and waits for the end of the answer, however it ends."""
        before = self.page.locator("chat-message.assistant").count()
        self.send(text)
        self.wait_for("n => document.querySelectorAll('chat-message.assistant').length > n", before)
        self.wait_idle()
        return self.answer

    def wait_idle(self):
        self.wait_for("!document.querySelector('.stopping, chat-message[data-state=streaming]')")

    def wait_for(self, expression, argument=None, page=None):
        wait_for(page or self.page, expression, argument)

    def tool(self, message, name):
        message.hover()
        self.button(name, message).click()

    def reload(self):
        self.page.reload()
        self.page.wait_for_selector("chat-page model-picker select")

    # What a person sees.

    @property
    def answer(self):
        return self.page.locator("chat-message.assistant").last

    @property
    def question(self):
        return self.page.locator("chat-message.user").last

    def answer_text(self):
        return self.answer.locator(".message-body > .prose").inner_text()

    def questions(self):
        return self.page.locator("chat-message.user .bubble").all_inner_texts()

    def titles(self):
        return self.page.locator("chat-sidebar .row-title").all_inner_texts()

    def sent(self):
        return self.state.requests[-1]["body"]

    def picture(self, name, always=None):
        folder = self.pictures or always
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{name}.png")
