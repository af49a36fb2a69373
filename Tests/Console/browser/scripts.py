"""What the stand-in server says. One script per situation that the console has to handle."""

import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable

import payloads


@dataclass
class Script:
    pieces: Iterable = field(default_factory=list)
    delay: float = 0.004
    finish: str = "stop"
    cut: bool = False
    error: dict | None = None


def error(message, code=None, kind="invalid_request_error"):
    return {"message": message, "type": kind, "param": None, "code": code}


def refusal(word, hits, path):
    """(status, error, headers) for prompts that must fail before the first token."""
    if word == "busy" and hits == 1:
        return 429, error("The queue is full.", "queue_full", "rate_limit_error"), {"retry-after": "5"}
    if word == "full" and hits == 1:
        text = "This model's maximum context length is 2048 tokens, but the prompt has 2310 tokens."
        return 400, error(text, "context_length_exceeded"), {}
    if word == "boom" and hits == 1:
        return 500, error("the engine stumbled", None, "server_error"), {}
    if word == "untemplated" and path.endswith("chat/completions"):
        return 400, error("model has no chat template", "no_chat_template"), {}
    return None


def words(text):
    return re.findall(r"\s*\S+\s*?(?=\s|$)|\s+", text)


def pieces(text, size=3):
    return [text[at : at + size] for at in range(0, len(text), size)]


def answer(prompt, body):
    word, _, rest = prompt.partition(" ")
    if body.get("continue_final_message") or "[cut]" in prompt:
        return Script(pieces(" and this is the rest of it."))
    named = {
        "slow": lambda: Script((f"word{i} " for i in itertools.count()), delay=0.05),  # until the reader leaves
        "endless": lambda: Script(itertools.cycle(words(LONG)), delay=0.004),
        "long": lambda: Script(words(LONG * int(rest or 4)), delay=0.001),
        "cut": lambda: Script(pieces("This answer stops in the [cut]"), cut=True),
        "limit": lambda: Script(pieces("This answer is too"), finish="length"),
        "midway": lambda: Script(pieces("Half an answer"), error=error("out of memory", None, "server_error")),
        "torture": lambda: Script(pieces(TORTURE, 2), delay=0.001),
        "think": lambda: Script(pieces("<think>\nFirst I weigh **it**.\n</think>\n\nThe answer is 42."), delay=0.01),
        "reason": lambda: Script([{"reasoning_content": "Weighing. "}, {"reasoning_content": "Done."}, "It is 7."]),
        "inject": lambda: Script(pieces(payloads.PAYLOADS[int(rest)], 5), delay=0),
        "中文": lambda: Script(pieces(CHINESE, 2), delay=0.004),
        "code": lambda: Script(pieces(CODE, 4), delay=0.004),
    }
    if word in named:
        return named[word]()
    return Script(pieces(f"You said: **{prompt}**", 4))


LONG = """## A section

Here is a paragraph of some length that says nothing in particular, in order to be long enough to wrap twice or so.

- one item with `code`
- another item with *emphasis*

```python
def add(a, b):
    return a + b
```

"""

CODE = """Here it is:

```swift
/// Adds two numbers.
func add(_ a: Int, _ b: Int) -> Int {
    let sum = a + b  // no overflow expected
    return sum
}
```

Call it as `add(1, 2)`.
"""

TORTURE = (Path(__file__).parents[1] / "fixtures/torture.md").read_text(encoding="utf-8")

CHINESE = """好的，我们来看一下**雨燕**（学名：*Apus apus*）。

## 一、飞行

雨燕几乎一生都在空中度过，睡觉、进食、饮水都在飞行中完成；它们可以连续飞行 **10 个月**而不落地。

1. 速度：水平飞行可达每小时 `111` 公里。
2. 高度：常在 1000–3000 米之间活动。

| 项目 | 雨燕 | 家燕 |
|:--|:--|:--|
| 分类 | 雨燕目 | 雀形目 |
| 体长 | 16–17 厘米 | 15–18 厘米 |
| 脚趾 | 四趾朝前 | 三前一后 |

升力可以写成 $L = \\tfrac{1}{2}\\rho v^2 S C_L$，其中 $\\rho$ 是空气密度：

$$
\\frac{L}{D} = \\frac{C_L}{C_D} \\approx 12.5
$$

```swift
struct Swift {
    let name = "雨燕"
    func fly(hours: Int) -> String { "\\(name)飞了 \\(hours) 小时" }
}
```

> **注意：**“雨燕”与“家燕”并不是近亲，相似的外形来自趋同演化。
"""
