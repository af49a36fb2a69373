"""The console as a person meets it: what they type, click and see."""

import time
from pathlib import Path

from playwright.sync_api import expect

DEFAULTS = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US"}

# Runs before the page's own code and remembers what the page's policy forbade. Notices (5 or 9 s), and buttons that say
# "Copied" (1.6 or 1.8 s), stay: a check on a busy machine may come to them later than a person would.
WATCH = """
  const plain = window.setTimeout
  const passing = new Set([1600, 1800, 5000, 9000])
  window.setTimeout = (run, delay, ...rest) => plain(run, passing.has(delay) ? delay * 100 : delay, ...rest)
  window.violations = []
  document.addEventListener('securitypolicyviolation', (event) =>
    violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
"""


# All conversations that the browser has stored.
STORED = """() => new Promise((resolve, reject) => {
  const open = indexedDB.open('yuyan')
  open.onerror = () => reject(open.error)
  open.onsuccess = () => {
    const all = open.result.transaction('conversations').objectStore('conversations').getAll()
    all.onsuccess = () => { open.result.close(); resolve(all.result) }
  }
})"""

# Two frames and whatever they set off: what the page does of itself has happened then.
SETTLED = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200))))"""

PATIENCE = 120  # seconds; the machine may be busy
expect.set_options(timeout=PATIENCE * 1000)


def becomes(page, look, wanted):
    """Looks until it sees what is wanted, for the page may come to it a moment later than the check does."""
    end = time.monotonic() + PATIENCE
    while (seen := look()) != wanted:
        assert time.monotonic() < end, f"after {PATIENCE} s {seen!r} should be {wanted!r}"
        page.wait_for_timeout(25)


def wait_for(page, expression, argument=None):
    """Asks from outside until it is so: Playwright's own waiting runs `eval` in the page, which the policy forbids."""
    eventually(page, lambda: page.evaluate(expression, argument), expression)


def eventually(page, look, what):
    """Looks until it is so."""
    end = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < end, f"not so after {PATIENCE} s: {what}"
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
        self.wait_answers(before + 1)

    def wait_answers(self, count):
        """Waits until so many answers are there and the last has ended: before the first frame none has begun."""
        self.wait_for("n => document.querySelectorAll('chat-message.assistant').length >= n", count)
        self.wait_idle()

    def wait_idle(self):
        self.wait_for("!document.querySelector('.stopping, chat-message[data-state=streaming]')")

    def wait_for(self, expression, argument=None):
        wait_for(self.page, expression, argument)

    def eventually(self, look, what):
        eventually(self.page, look, what)

    def becomes(self, look, wanted):
        becomes(self.page, look, wanted)

    def settle(self):
        """Gives the page the time to do what it must not do."""
        self.page.evaluate(SETTLED)

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

    @property
    def prose(self):
        return self.answer.locator(".message-body > .prose")

    @property
    def questions(self):
        return self.page.locator("chat-message.user .bubble")

    @property
    def titles(self):
        return self.page.locator("chat-sidebar .row-title")

    def says(self, *texts):
        """The last answer's words, and what stands around them, hold these."""
        for text in texts:
            expect(self.answer).to_contain_text(text, use_inner_text=True)

    def answered(self, text):
        """The last answer is this."""
        expect(self.prose).to_have_text(text, use_inner_text=True)

    def count(self, selector, number):
        expect(self.page.locator(selector)).to_have_count(number)

    def sent(self):
        """What the server was asked last."""
        self.eventually(lambda: self.state.requests, "a request")
        return self.state.requests[-1]["body"]

    def stored(self):
        """The conversations that the browser has stored."""
        return self.page.evaluate(STORED)

    def kept(self):
        """Their messages."""
        return [message for each in self.stored() for message in each["messages"].values()]

    def picture(self, name, always=None):
        folder = self.pictures or always
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{name}.png")
