"""Finds functions in Swift, C and JavaScript by matching braces, after blanking what only looks like code."""

import re
from bisect import bisect

COMMON = [r"//[^\n]*", r"/\*.*?\*/"]
STRING = r'"(?:\\.|[^"\\\n])*"'
CHARACTER = r"'(?:\\.|[^'\\\n])*'"
REGEX = r"(?<=[(=,:\[!&|?{};\n ])/(?![*/ ])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/"
LITERALS = {
    ".swift": [*COMMON, r'(#*)"""(?:.|\n)*?"""\1', r'(#+)"(?:.)*?"\2', r"(#+)/(?:.|\n)*?/\3", STRING, REGEX],
    ".js": [*COMMON, STRING, CHARACTER, r"`(?:\\.|[^`\\])*`", REGEX],
    ".c": [r"^[ \t]*#(?:\\\n|[^\n])*", *COMMON, STRING, CHARACTER],
}
SWIFT_HEAD = re.compile(r"\b(?:func\s+([^\s(<]+|[^\w\s]+)|(init)\b[?!]?\s*[(<]|(deinit)\b|(subscript)\s*[(<])")
NAME_BEFORE = re.compile(r"([\w$]*)\s*$")
NOT_FUNCTIONS = {"if", "for", "await", "while", "switch", "catch", "with"}


def functions(text: str, suffix: str) -> list[tuple[str, int]]:
    """The name and the number of lines of each function, nested ones included."""
    language = {".h": ".c", ".mjs": ".js"}.get(suffix, suffix)
    code = blanked(text, language)
    ends = closing_braces(code)
    newlines = [index for index, character in enumerate(code) if character == "\n"]
    heads = swift_heads(code) if language == ".swift" else brace_heads(code, ends)
    return [
        (name, bisect(newlines, ends[brace]) - bisect(newlines, start) + 1)
        for name, start, brace in heads
        if brace in ends
    ]


def blanked(text: str, language: str) -> str:
    """The text with comments and literals replaced by spaces, line breaks kept."""
    pattern = re.compile("|".join(LITERALS[language]), re.MULTILINE | (re.DOTALL if language != ".swift" else 0))
    if language == ".swift":
        text = re.sub(r"/\*.*?\*/", spaces, text, flags=re.DOTALL)
    return pattern.sub(spaces, text)


def spaces(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def closing_braces(code: str) -> dict[int, int]:
    open_braces, ends = [], {}
    for match in re.finditer(r"[{}]", code):
        if match[0] == "{":
            open_braces.append(match.start())
        elif open_braces:
            ends[open_braces.pop()] = match.start()
    return ends


def swift_heads(code: str):
    for match in SWIFT_HEAD.finditer(code):
        if (brace := body(code, match.end())) is not None:
            yield next(filter(None, match.groups())), match.start(), brace


def body(code: str, start: int) -> int | None:
    """Where the body opens: the first brace outside parentheses; none for a requirement in a protocol."""
    depth = code.count("(", start - 1, start)
    for match in re.finditer(r"[(){}\n]", code[start:]):
        character, index = match[0], start + match.start()
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif depth <= 0 and character in "{}":
            return index if character == "{" else None
        elif character == "\n" and depth <= 0 and ends_declaration(code, index):
            return None
    return None


def ends_declaration(code: str, newline: int) -> bool:
    """A declaration goes on over a line break only before `{`, `->`, `where`, `throws` or `async`."""
    return not re.match(r"\s*(?:\{|->|where\b|throws\b|async\b|rethrows\b)", code[newline:])


def brace_heads(code: str, ends):
    """In C and JavaScript a function is a brace after `=>`, or after parentheses that no control keyword precedes."""
    for brace in sorted(ends):
        before = code[:brace].rstrip()
        if before.endswith("=>"):
            yield "=>", code.rfind("\n", 0, len(before)) + 1, brace
        elif before.endswith(")"):
            start = opening_parenthesis(before)
            name = NAME_BEFORE.search(before, max(0, start - 80), start)[1]
            if name not in NOT_FUNCTIONS:
                yield name, before.rfind("\n", 0, start) + 1, brace


def opening_parenthesis(code: str) -> int:
    depth = 0
    for index in range(len(code) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(code[index], 0)
        if depth == 0:
            return index
    return 0
