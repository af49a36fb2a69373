"""The commands of a conversation, its options, and lines of every kind."""

from command import Command


def help_lists_every_command(yuyan: Command):
    with yuyan.chat() as chat:
        chat.enter("/help")
        listed = chat.prompt()
        for name in ("/again", "/clear", "/system", "/exit"):
            assert name in listed, (name, listed)


def an_unknown_command_says_where_to_look(yuyan: Command):
    with yuyan.chat() as chat:
        chat.enter("/sytsem")
        chat.expect("/sytsem is not a command; /help lists them")
        chat.prompt()


def two_slashes_say_one(yuyan: Command):
    with yuyan.chat("--max-tokens", "4") as chat:
        chat.enter("//help")
        assert "/again" not in chat.prompt()
        chat.enter("/again")
        chat.prompt()


def what_is_pasted_cannot_command_the_terminal(yuyan: Command):
    with yuyan.chat("--max-tokens", "4") as chat:
        chat.type("\x1b[200~red \x1b[31m and a bell \x07\x1b[201~")
        chat.expect("red \u241b[31m and a bell \u2407")
        chat.press("c")
        chat.prompt()


def again_answers_the_last_message_once_more(yuyan: Command):
    with yuyan.chat("--max-tokens", "12") as chat:
        chat.enter("/again")
        chat.expect("there is nothing to answer yet")
        chat.prompt()
        first, second = answer(chat, "Name three birds."), answer(chat, "/again")
        assert first == second, (first, second)


def clear_forgets(yuyan: Command):
    """A greedy answer depends on what was said before, and no longer after /clear."""
    with yuyan.chat("--max-tokens", "16") as chat:
        first = answer(chat, "What can you tell me?")
        assert answer(chat, "What can you tell me?") != first, "the second answer does not know of the first"
        answer(chat, "/clear")
        assert answer(chat, "What can you tell me?") == first, "something was not forgotten"


def a_system_prompt_changes_the_answer(yuyan: Command):
    """The option and the command mean the same."""
    pirate = "You are a pirate. Every answer begins with Arr."
    with yuyan.chat("--max-tokens", "16") as chat:
        plain = answer(chat, "Who are you?")
        chat.enter(f"/system {pirate}")
        chat.expect("the conversation starts anew")
        chat.prompt()
        changed = answer(chat, "Who are you?")
        chat.enter("/system")
        chat.expect("no system prompt")
        chat.prompt()
        assert answer(chat, "Who are you?") == plain != changed, (plain, changed)
    with yuyan.chat("--max-tokens", "16", "--system", pirate) as chat:
        assert answer(chat, "Who are you?") == changed


def answer(chat, text: str) -> str:
    """What comes between the line and the next prompt."""
    chat.enter(text)
    chat.expect("\n")  # the line itself ends
    return chat.prompt().replace("(cut: the limit of tokens was reached)", "").strip()


def lines_of_several_kinds_become_one_message(yuyan: Command):
    """A backslash before Enter, Alt-Enter, and a paste."""
    with yuyan.chat("--max-tokens", "4") as chat:
        chat.type("one\\\r")
        chat.expect("one")
        chat.type("two\x1b\r")
        chat.expect("two")
        chat.type("\x1b[200~three\rfour\x1b[201~")
        chat.expect("four")
        chat.enter("")
        chat.expect("(cut")
    kept = (yuyan.home / "history.json").read_text()
    assert '["one\\ntwo\\nthree\\nfour"]' in kept.replace(" ", ""), kept


def chinese_and_emoji_are_edited_by_the_character(yuyan: Command):
    with yuyan.chat("--max-tokens", "4") as chat:
        chat.type("你好吗🙂x\x7f\x7f\x7f！")
        chat.enter("")
        chat.expect("(cut")
    assert "你好！" in (yuyan.home / "history.json").read_text()
