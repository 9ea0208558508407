"""Whether a value stands in the texts that a finding rests on, in whatever way it is written there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from sre_runner.casefile import Case
from sre_runner.coordination.claims.clock import dates_of, times_of
from sre_runner.coordination.claims.units import FAMILY, MULTIPLES, UNIT_OF, agrees, hint
from sre_runner.coordination.claims.values import Value, number_forms
from sre_runner.coordination.claims.words import plain, words

MEASURED = frozenset(("number", "time", "date", "duration"))
"""Kinds of values that something has to measure; the others are names."""

MOST_PLACES = 500
"""Places in one text at which a value is looked at; one that stands in more is taken as seen, with any unit."""

_KEY = re.compile(r"([A-Za-z_][\w.-]{0,60})[\"'\s:=(\[]{1,4}\Z")
_BEFORE = re.compile(r"(?<![\w-])(?<!\w\.)\Z")
_BEFORE_PATH = re.compile(r"(?<![\w.~-])\Z")
_BEFORE_NUMBER = re.compile(r"(?<![\w.-])(?<![0-9],)\Z")
_GOES_ON = re.compile(r"[\w-]|[.:@]\w")
_PATH_GOES_ON = re.compile(r"[\w-]|[.:@/]\w")
_NUMBER_GOES_ON = re.compile(r"\w|\.\w|,[0-9]{3}(?![0-9])")
_UNIT_AFTER = re.compile(r"[ \u00a0-]?(%|[A-Za-zµμ/]{1,12})(?!\w)")


class Index:
    """What one text holds: made once, shared by all findings that rest on it, and filled as it is asked.

    The text is as the model saw it. `names_only` is for the arguments of a call: they say what was looked at, and
    nothing of what was found there.
    """

    def __init__(self, text: str, *, names_only: bool = False) -> None:
        self._raw = text
        self._names_only = names_only
        self._known: dict[tuple[str, str], bool] = {}

    def holds(self, value: Value) -> bool:
        """Whether the value stands in the text as a whole, in any of its forms. Units are not converted."""
        if self._names_only and value.kind in MEASURED:
            return False
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
        ends = _PATH_GOES_ON if kind == "path" else _GOES_ON
        begins = _BEFORE_PATH if form[0] in "/~" else _BEFORE
        return any(
            place is None
            or (begins.search(text[max(place - 2, 0) : place]) and not ends.match(text, place + len(form)))
            for text in (self._plain, self._raw)
            for place in _places(text, form)
        )

    def _counts(self, number: str, unit: str) -> bool:
        """Whether a number stands where it can have the unit: the unit, a key or a noun beside it may say otherwise."""
        forms = [form for form in number_forms(number) if form in self._words]
        if not forms:
            return False
        grouped = [f"{int(form):,}" for form in forms if form.isdigit() and len(form) > 3]
        return any(
            place is None or _may_be(self._plain, place, place + len(form), unit)
            for form in (*forms, *grouped)
            for place in _places(self._plain, form)
        )

    @cached_property
    def _plain(self) -> str:
        return plain(self._raw)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(words(self._plain))

    @cached_property
    def _dates(self) -> frozenset[str]:
        return frozenset(dates_of(self._plain))

    @cached_property
    def _times(self) -> frozenset[str]:
        return frozenset(times_of(self._plain))


class Seen:
    """What a finding rests on: the answers that it cites, what their calls asked for, the case and its inputs.

    One text is enough for a value; which one it is, is not asked.
    """

    def __init__(self, texts: Iterable[Index]) -> None:
        self._texts = tuple(texts)

    def holds(self, value: Value) -> bool:
        """Whether one of the texts holds the value."""
        return any(text.holds(value) for text in self._texts)


def _places(text: str, form: str) -> Iterator[int | None]:
    """Where a form stands, whatever is around it; None at last where it stands in more places than are looked at."""
    place = text.find(form)
    for _ in range(MOST_PLACES):
        if place < 0:
            return
        yield place
        place = text.find(form, place + 1)
    yield None


def _may_be(text: str, start: int, end: int, unit: str) -> bool:
    """Whether the digits between two places are a whole number that can have the unit."""
    if not _BEFORE_NUMBER.search(text[max(start - 2, 0) : start]) or _NUMBER_GOES_ON.match(text, end):
        return False
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
    if not said and end - start == 1 and unit != "%":
        return False  # A digit alone, as of a list, is nowhere near enough for `2 GiB`.
    return agrees(unit, said) if unit in FAMILY else True


def case_index(case: Case, agents: Iterable[str] = ()) -> Index:
    """What every agent was told of the case: its task, inputs, alert and times; and the names of the `agents`."""
    told = [*agents, case.task, dict(case.inputs), case.alert, case.started_at, case.incident_started_at]
    return Index(json.dumps(told, ensure_ascii=False))
