"""The list of checks; `@check(...)` adds one."""

from dataclasses import dataclass, field
from typing import Callable

CHECKS = []


@dataclass
class Check:
    name: str
    body: Callable
    real: bool
    context: dict = field(default_factory=dict)


def check(real=False, **context):
    """`context` goes to the browser: viewport, locale, color_scheme. `real` checks want a real server."""

    def add(body):
        CHECKS.append(Check(body.__name__, body, real, context))
        return body

    return add


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
CHINESE = {"locale": "zh-CN"}
