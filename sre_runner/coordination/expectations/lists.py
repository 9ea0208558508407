"""Lists of texts and names of which each item is expected by itself: when one list asks for less than another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.key import ExpectDraft, Shift
from sre_runner.errors import Problem
from sre_runner.text.naming import said

Item = tuple[str, str | None]
"""A text or name as it is compared, and the field that it is looked for in."""
TEXTS: Mapping[str, Json] = {"type": "array", "items": {"type": "string", "minLength": 1}, "default": []}
"""The JSON Schema of a list of texts or names."""


def wanted(key: str, old: Json, new: Json) -> Iterator[Shift]:
    """The shifts of a list of what must be there: a text in one field is one in the whole."""
    return _shifts(key, old, new, lambda field, fields: field in fields or (field is None and bool(fields)))


def unwanted(key: str, old: Json, new: Json) -> Iterator[Shift]:
    """The shifts of a list of what must not be there: what the whole must not have, no field may have."""
    return _shifts(key, old, new, lambda field, fields: field in fields or None in fields)


def _shifts(key: str, old: Json, new: Json, covered: Callable[[str | None, set[str | None]], bool]) -> Iterator[Shift]:
    before, after = ([item(each) for each in given or ()] for given in (old, new))

    def missing(given: Json, others: Sequence[Item]) -> list[Json]:
        return [each for each in given or () if not covered(item(each)[1], _fields(item(each)[0], others))]

    lost, won = missing(old, after), missing(new, before)
    if lost and after:
        yield Shift("weakened", f"`{key}` no longer has {_items(lost)}.", old, new, gone=None)
    elif lost:
        yield Shift("removed", f"`{key}` no longer has {_items(lost)} and is empty now.", old, new, gone=None)
    if won:
        yield Shift("strengthened", f"`{key}` now has {_items(won)}.", old, new)


def item(given: Json) -> Item:
    """An item of a list as it is compared."""
    text, field = (given["text"], given["in"]) if isinstance(given, Mapping) else (given, None)
    return " ".join(str(text).split()).casefold(), field


def opposed(draft: ExpectDraft, unwanted: str, wanted: str) -> Iterator[Problem]:
    """Complaints about items of one list that another one has as well."""
    there = [item(each) for each in draft.sound(wanted) or ()]
    for number, each in enumerate(draft.sound(unwanted) or ()):
        text, field = item(each)
        if any(text == other and field in (None, where) for other, where in there):
            message = f"{said(each['text'] if isinstance(each, dict) else each)} stands in `{wanted}` as well"
            yield draft.wrong((unwanted, number), message, "Both cannot hold: leave one out.")


def _fields(text: str, others: Sequence[Item]) -> set[str | None]:
    return {field for other, field in others if other == text}


def _items(items: Sequence[Json]) -> str:
    told = [
        f"{said(each['text'])} in {said(each['in'])}" if isinstance(each, Mapping) else said(each)
        for each in items[:10]
    ]
    return ", ".join(told) + (", …" if len(items) > 10 else "")
