"""Whether a value stands in the texts that a finding rests on, in whatever way it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import islice

from sre_runner.coordination.claims.clock import dates_of, times_of
from sre_runner.coordination.claims.units import FAMILY, MULTIPLES, UNIT_OF, agrees, hint
from sre_runner.coordination.claims.values import Value, number_forms
from sre_runner.coordination.claims.words import plain, words

MOST_PLACES = 500
"""Places of one number that are read for its unit; a number that stands in more has any unit."""

_KEY = re.compile(r"([A-Za-z_][\w.-]{0,60})[\"'\s:=(\[]{1,4}\Z")
_UNIT_AFTER = re.compile(r"[ \u00a0-]?(%|[A-Za-zµμ/]{1,12})(?!\w)")


class Seen:
    """The answers that a finding cites, the case and its inputs, indexed once.

    Texts are as a model saw them. A value that stands in several of them need not stand in one particular one.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._raw = list(texts)
        self._known: dict[tuple[str, str], bool] = {}

    def holds(self, value: Value) -> bool:
        """Whether the value stands in the texts as a whole, in any of its forms. Units are not converted."""
        name = (value.kind, value.text)
        if name not in self._known:
            self._known[name] = self._holds(value)
        return self._known[name]

    def _holds(self, value: Value) -> bool:
        if any(form in self._words for form in value.forms):
            return True
        if value.kind == "number":
            found = any(self._counts(number, unit) for number, unit in value.readings if unit)
        elif value.kind in ("time", "date"):
            index = self._times if value.kind == "time" else self._dates
            found = any(form in index for form in value.forms)
        else:
            found = any(self._stands(form, value.kind) for form in value.forms)
        return found or self._stands(value.text, value.kind)

    def _stands(self, form: str, kind: str) -> bool:
        """Whether a form of several words, such as a path or an image, stands somewhere and nothing goes on with it."""
        parts = list(words(plain(form)))
        if not parts or not all(part in self._words for part in parts):
            return False
        ends = r"[.:@/]" if kind == "path" else r"[.:@]"
        before = r"(?<![\w.~-])" if form[0] in "/~" else r"(?<![\w-])(?<!\w\.)"
        shape = re.compile(rf"{before}{re.escape(form)}(?![\w-]|{ends}\w)")
        return any(form in text and shape.search(text) for text in (*self._plain, *self._raw))

    def _counts(self, number: str, unit: str) -> bool:
        """Whether a number stands where it can have the unit: the unit, a key or a noun beside it may say otherwise."""
        forms = [form for form in number_forms(number) if form in self._words]
        if not forms:
            return False
        grouped = [rf"(?<![0-9],){int(form):,}(?!,[0-9])" for form in forms if form.isdigit()]
        spelled = "|".join([*map(re.escape, forms), *grouped])
        shape = re.compile(rf"(?<![\w.-])(?:{spelled})(?!\w|\.\w)")
        for text in self._plain:
            places = list(islice(shape.finditer(text), MOST_PLACES + 1))
            if len(places) > MOST_PLACES or any(_may_be(text, *place.span(), unit) for place in places):
                return True
        return False

    @cached_property
    def _plain(self) -> list[str]:
        return [plain(text) for text in self._raw]

    @cached_property
    def _words(self) -> frozenset[str]:
        found: set[str] = set()
        for text in self._plain:
            found.update(words(text))
        return frozenset(found)

    @cached_property
    def _dates(self) -> frozenset[str]:
        return frozenset(date for text in self._plain for date in dates_of(text))

    @cached_property
    def _times(self) -> frozenset[str]:
        return frozenset(time for text in self._plain for time in times_of(text))


def _may_be(text: str, start: int, end: int, unit: str) -> bool:
    after = _UNIT_AFTER.match(text, end)
    written = UNIT_OF.get(after[1]) if after else None
    if written:
        return written == unit or {written, unit} == {"min", "m"}
    if unit in MULTIPLES:
        return False
    key = _KEY.search(text, max(start - 66, 0), start)
    said = hint(key[1]) if key else ""
    if not said and after and hint(after[1]) == "count":
        said = "count"
    return agrees(unit, said) if unit in FAMILY else True
