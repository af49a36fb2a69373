"""`yuyan chat` in a terminal: answers, and Ctrl-C."""

from command import Command, eventually

STORY = "Write a very long story about a bird."


def an_answer_streams_and_the_prompt_returns(yuyan: Command):
    with yuyan.chat("--max-tokens", "24") as chat:
        chat.enter("Say hello.")
        answer = chat.prompt()
        assert len(answer.replace("Say hello.", "").strip()) > 1, answer
        chat.press("d")
        chat.ends(0)


def ctrl_c_stops_an_answer_and_returns_to_the_prompt(yuyan: Command):
    with yuyan.chat("--max-tokens", "4000") as chat:
        begin(chat, STORY)
        chat.press("c")
        chat.expect("(stopped)")
        chat.prompt()
        begin(chat, STORY)  # and again: the first interruption must not have used itself up
        chat.press("c")
        chat.expect("(stopped)")
        chat.prompt()
        chat.press("d")
        chat.ends(0)


def begin(chat, text: str):
    """Asks, and waits until some of the answer is there."""
    chat.enter(text)
    chat.expect(text)
    start = len(chat.seen)
    eventually(lambda: chat.read() and len(chat.seen[start:].strip()) > 20, "an answer begins")


def what_is_typed_during_an_answer_waits_for_the_prompt(yuyan: Command):
    with yuyan.chat("--max-tokens", "200") as chat:
        begin(chat, STORY)
        chat.type("typed too soon")
        assert "typed too soon" not in chat.expect("(cut: the limit of tokens was reached)")
        chat.expect("› typed too soon")
        chat.press("c")
        chat.prompt()
        chat.press("d")
        chat.ends(0)


def ctrl_c_at_the_prompt_begins_a_new_line(yuyan: Command):
    with yuyan.chat("--max-tokens", "4") as chat:
        chat.type("never sent")
        chat.expect("never sent")
        chat.press("c")
        chat.prompt()
        chat.press("c")
        chat.prompt()
        chat.enter("/nonsense")
        chat.expect("/nonsense is not a command")
        chat.prompt()
        chat.press("d")
        chat.ends(0)


def an_answer_that_reaches_its_limit_says_so(yuyan: Command):
    with yuyan.chat("--max-tokens", "6") as chat:
        chat.enter(STORY)
        chat.expect("(cut: the limit of tokens was reached)")
        chat.prompt()


def what_was_said_is_remembered(yuyan: Command):
    """Up brings the last line back, in this conversation and in the next."""
    with yuyan.chat("--max-tokens", "4") as chat:
        chat.enter("A line to find again")
        chat.expect("(cut")
        chat.prompt()
        chat.press("d")
        chat.ends(0)
    with yuyan.chat("--max-tokens", "4") as chat:
        chat.type("\x1b[A")
        chat.expect("A line to find again")
