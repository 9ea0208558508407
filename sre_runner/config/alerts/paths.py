"""Paths into an alert, such as `commonLabels.service` or `alerts[0].labels["app.kubernetes.io/name"]`.

A path is names with dots between them, `[n]` for an item of a list (from 0), and `["text"]` for a name that has other
characters than letters, digits, `_` and `-`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from sre_runner.casefile import Json
from sre_runner.text.naming import listed, nearest, said

Steps = tuple[str | int, ...]

GRAMMAR = 'A path is names with dots, [n] and ["text"], such as commonLabels.service or alerts[0].labels["a.b/c"].'

_STEP = re.compile(
    r"(?P<dot>\.)?(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r'|\[(?:(?P<number>[0-9]{1,6})|(?P<text>"(?:[^"\\]|\\.)+"))\]'
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_MOST_PATHS = 2_000
"""Places of a payload that are looked through for the one that was meant."""


class BadPathError(Exception):
    """A text that is not a path; `column` counts from 1."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column, self.message, self.hint = column, message, GRAMMAR


class NothingThereError(Exception):
    """A path that leads to no text of a payload; `hint` says what is there."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def parsed(path: str) -> Steps:
    """The steps of a path; raise `BadPathError` where it is not one."""
    steps: list[str | int] = []
    place = 0
    while place < len(path) or not path:
        match = _STEP.match(path, place)
        if not match or (match["name"] and bool(match["dot"]) != bool(steps)):
            raise BadPathError(place + 1, _what_is_wrong(path, place))
        if match["name"]:
            steps.append(match["name"])
        elif match["number"]:
            steps.append(int(match["number"]))
        else:
            steps.append(_unquoted(match["text"], place))
        place = match.end()
    return tuple(steps)


def _unquoted(text: str, place: int) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        raise BadPathError(place + 2, f"{text} is not a text as JSON writes it") from None


def _what_is_wrong(path: str, place: int) -> str:
    rest = path[place:]
    if not path:
        return "the path is empty"
    if path.startswith("$"):
        return "a path does not begin with $"
    if rest in (".", "["):
        return f"the path ends with {rest}"
    if rest.startswith("["):
        return "after [ comes a number or a text in double quotes, and then ]"
    return f"{said(rest[:20])} cannot stand here in a path"


def text_at(payload: Json, path: str) -> str:
    """The text to which a path leads; numbers, true and false as JSON writes them.

    A path that begins with `[n]` is of the `alerts`. Raises `NothingThereError` where there is nothing, null, an empty
    text, a list or a mapping.
    """
    steps = parsed(path)
    if isinstance(steps[0], int) and isinstance(payload, Mapping) and isinstance(payload.get("alerts"), list):
        steps = ("alerts", *steps)
    found = payload
    for number, step in enumerate(steps):
        if not _has(found, step):
            where = f", as {said(written(steps[:number]))} has no {_step(step)}" if number else ""
            raise NothingThereError(f"this alert has no {said(path)}{where}", _hint(payload, found, steps))
        found = found[step]
    if isinstance(found, (Mapping, list)):
        kind = "a list" if isinstance(found, list) else "a mapping"
        raise NothingThereError(f"{said(path)} is {kind} in this alert, not a text", _hint(payload, found, steps))
    if found is None or found == "":
        what = "null" if found is None else "an empty text"
        raise NothingThereError(f"{said(path)} is {what} in this alert", "State a `default` for alerts without it.")
    return found if isinstance(found, str) else json.dumps(found)


def written(steps: Sequence[str | int]) -> str:
    """Steps as a path."""
    text = ""
    for step in steps:
        plain = isinstance(step, str) and _NAME.fullmatch(step)
        text += f"[{json.dumps(step, ensure_ascii=False)}]" if not plain else f".{step}" if text else str(step)
    return text


def _step(step: str | int) -> str:
    return said(step) if isinstance(step, str) else f"item {step}"


def _has(found: Json, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(found, Mapping) and step in found
    return isinstance(found, list) and step < len(found)


def _hint(payload: Json, found: Json, steps: Steps) -> str:
    """What is there instead, and the path that was probably meant."""
    meant = _meant(payload, steps)
    also = f" Did you mean {said(meant)}?" if meant else ""
    if isinstance(found, Mapping):
        return f"It has {listed(found, 12) if found else 'no keys'}.{also}"
    if isinstance(found, list):
        return f"It is a list of {len(found)}, counted from 0.{also}"
    return f"It is {'null' if found is None else 'a single value'}.{also}"


def _meant(payload: Json, steps: Steps) -> str | None:
    places = list(islice(_texts(payload), _MOST_PATHS))
    known = {written(place): place for place in places}
    near = nearest(written(steps), known)
    if near:
        return near
    wanted = str(steps[-1]).casefold()
    same = (path for path, place in known.items() if str(place[-1]).casefold() == wanted)
    return next(same, None)


def _texts(data: Json, place: Steps = ()) -> Iterator[Steps]:
    """The places of everything that a path may lead to; of lists, the first items only."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _texts(value, (*place, key))
    elif isinstance(data, list):
        for number, value in enumerate(data[:2]):
            yield from _texts(value, (*place, number))
    elif place and data is not None and data != "":
        yield place
