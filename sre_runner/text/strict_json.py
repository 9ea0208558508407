"""JSON that came from outside, read strictly: what could be neither recorded nor sent back is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable

from sre_runner.casefile import Json

MAX_DIGITS = 300
"""Of an integer."""

MAX_DEPTH = 100
"""Levels of JSON; recording or sending back much more would end in a RecursionError."""

_HALF_A_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


def read(text: str) -> Json:
    """The JSON that a text is. Raises ValueError, also where it is too deep, has half a character, or a number that is
    too large for most readers of JSON."""
    return _finite(loads(text))


def read_at(text: str, start: int) -> tuple[Json, int]:
    """The JSON that begins at a place of a text, as `read` does, and where it ends."""
    try:
        data, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return _finite(_sound(data, text[start:end])), end


def loads(text: str) -> Json:
    """As `read` does, but with an infinity for a number that is too large: where it stands decides if it matters."""
    try:
        data = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return _sound(data, text)


def is_finite(data: Json) -> bool:
    """Whether every number of this JSON is one that readers of JSON can hold."""
    level = [data]
    while level:
        if any(isinstance(each, float) and math.isinf(each) for each in level):
            return False
        level = [child for each in level for child in _children(each)]
    return True


def _finite(data: Json) -> Json:
    if not is_finite(data):
        raise ValueError("it has a number that is too large")
    return data


def _sound(data: Json, source: str) -> Json:
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [child for each in level for child in _children(each)]
    if level:
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    if _HALF_A_CHARACTER.search(source):
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    return data


def _children(value: Json) -> Iterable[Json]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _integer(text: str) -> int | float:
    """Longer than `MAX_DIGITS` it is none that a float could hold, and Python itself reads no more than 4,300."""
    return int(text) if len(text) <= MAX_DIGITS else math.inf


_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_int=_integer)
