"""The bytes of a payload to plain data that may be recorded and shown to a model: masked, bounded, finite."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping

from sre_runner.casefile import Json
from sre_runner.config.alerts.payloads import MOST, normal
from sre_runner.errors import RunnerError
from sre_runner.text.output import shown

DEPTH = 30
"""Levels of lists and mappings."""

_BOUNDS = ((1_000, MOST), (200, 4_000), (100, 2_000), (50, 1_000), (20, 1_000), (10, 500), (5, 200), (2, 200))
"""Most items of a list or mapping, and most characters of a text: the first pair with which a payload is small
enough."""
_MOST_KEY = 200


def read(text: str) -> Json:
    """The payload that a text holds; raise `RunnerError` where it is not JSON, or holds no alert."""
    try:
        data = json.loads(text, parse_float=_finite, parse_int=_short, parse_constant=str)
    except RecursionError:
        raise RunnerError("the alert is nested too deeply", f"At most {DEPTH} levels are taken.") from None
    except ValueError as error:
        place = f"line {error.lineno}, column {error.colno}: " if isinstance(error, json.JSONDecodeError) else ""
        said = error.msg if isinstance(error, json.JSONDecodeError) else error
        raise RunnerError(
            f"the alert is not JSON: {place}{said}", "Give the payload as Alertmanager or PagerDuty sends it."
        ) from None
    if not isinstance(data, (dict, list)) or not data:
        raise RunnerError("there is no alert in it", "Give the payload as Alertmanager or PagerDuty sends it.")
    return data


def fitted(data: Json, secrets: Collection[str]) -> tuple[Json, str]:
    """The payload as it is recorded and shown, and what was left out of it, in words.

    Secrets of the environment are masked, control characters are made visible, and lists and texts are cut until all
    of it has at most `MOST` characters as JSON. Raises `RunnerError` where it cannot be made so small.
    """
    if _deeper(data, DEPTH):
        raise RunnerError("the alert is nested too deeply", f"At most {DEPTH} levels are taken.")
    data = normal(data)
    for items, characters in _BOUNDS:
        taken = _cut(data, secrets, items, characters)
        if len(json.dumps(taken, ensure_ascii=False)) <= MOST:
            return taken, _left_out(data, taken)
    raise RunnerError(f"the alert is larger than {MOST:,} characters, also when it is cut", "Give a part of it.")


def _cut(data: Json, secrets: Collection[str], items: int, characters: int) -> Json:
    if isinstance(data, Mapping):
        pairs = list(data.items())[:items]
        return {shown(key, secrets, _MOST_KEY): _cut(value, secrets, items, characters) for key, value in pairs}
    if isinstance(data, list):
        return [_cut(value, secrets, items, characters) for value in data[:items]]
    return shown(data, secrets, characters) if isinstance(data, str) else data


def _left_out(data: Json, taken: Json) -> str:
    before, after = (each.get("alerts") if isinstance(each, Mapping) else None for each in (data, taken))
    if isinstance(before, list) and isinstance(after, list) and len(before) > len(after):
        return f"of {len(before):,} alerts the first {len(after):,} are taken; the others, and long texts, are left out"
    whole = len(json.dumps(data, ensure_ascii=False))
    return f"of {whole:,} characters at most {MOST:,} are taken; long lists and texts are cut" if whole > MOST else ""


def _deeper(data: Json, levels: int) -> bool:
    """Whether there are more levels than these."""
    inner = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else None
    return inner is not None and (levels == 0 or any(_deeper(value, levels - 1) for value in inner))


def _finite(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _short(text: str) -> int | str:
    return int(text) if len(text) <= 300 else text
