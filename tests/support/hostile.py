"""Events in which every text that someone else wrote attacks a page that shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

ATTACK = "\"'><img src=x onerror=window.hit=1><svg onload=window.hit=2>&lt;b&gt;{{7*7}}\u202e"
"""No slash, as names of findings have one."""

OURS = re.compile(
    r"P[1-4]|answer|refused|denied|timeout|failed|cancelled|completed|incomplete|model|tool|text|tool_use|anthropic"
    r"|majority|judge|specialist|planner|reviewer|synthesizer|judge|parallel|write|read|severity_assessment|end_turn"
    r"|\d{4}-\d\d-\d\dT.*"
)
"""Texts that the runner itself writes, or that are checked before anything is recorded."""

_NAMES = re.compile(r"k8s-expert|log-analyst|\bf\d\b|\bc\d\b|investigate|conclude|plan\b|planner|synthesizer|triage")


def attacked(text: str) -> str:
    """A text with an attack at its end; names that others refer to, at the end of each."""
    found = _NAMES.sub(lambda match: match[0] + ATTACK, text)
    return found if found != text else text + ATTACK


def hostile(value: Any, *, key: str = "") -> Any:
    """The same with attacks in all texts but keys that are ours."""
    if isinstance(value, str):
        return value if not value or key in ("digest", "call_digest") or OURS.fullmatch(value) else attacked(value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: hostile(getattr(value, each.name), key=each.name) for each in fields(value) if each.init}
        return replace(value, **changed)
    if isinstance(value, Mapping):
        names = (attacked(name) if _NAMES.fullmatch(name) or key in ("labels", "inputs") else name for name in value)
        return dict(zip(names, (hostile(each, key=name) for name, each in value.items()), strict=True))
    if isinstance(value, list | tuple):
        return type(value)(hostile(each, key=key) for each in value)
    return value
