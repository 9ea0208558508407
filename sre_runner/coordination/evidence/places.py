"""Where in an answer a quote stands, so that people can be shown it: the check of a quote, with places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sre_runner.coordination.evidence.answers import _ANSI
from sre_runner.coordination.evidence.json_text import _ESCAPE, _SPACE, MOST_NESTED, _character, collapsed
from sre_runner.text.output import LEFT_OUT

Span = tuple[int, int]
"""From the first character up to, but without, the one after the last."""


@dataclass(frozen=True)
class _Seen:
    """A text in another form; `begins` and `ends` say for each of its characters what it stands for in the original."""

    text: str
    begins: list[int]
    ends: list[int]

    def replaced(self, pattern: re.Pattern[str], by: str | None = "") -> _Seen:
        """With each match replaced; with None, by what it means as an escape of JSON."""
        parts, begins, ends, place = [], list[int](), list[int](), 0
        for match in pattern.finditer(self.text):
            new = _character(match) if by is None else by
            first, last = match.span()
            parts += [self.text[place:first], new]
            begins += [*self.begins[place:first], *[self.begins[first]] * len(new)]
            ends += [*self.ends[place:first], *[self.ends[last - 1]] * len(new)]
            place = last
        return _Seen("".join([*parts, self.text[place:]]), begins + self.begins[place:], ends + self.ends[place:])

    def find(self, wanted: str) -> Span | None:
        """Where this stands in the original, the first time."""
        at = self.text.find(wanted) if wanted else -1
        return None if at < 0 else (self.begins[at], self.ends[at + len(wanted) - 1])


def place(text: str, quote: str) -> Span | None:
    """Where a quote stands in the text that a call answered, or None where it does not.

    It is found wherever `Answer.doubt` finds it, verbatim if it is there verbatim. Where white space or the layout and
    escapes of JSON were forgiven, the span has them as they are in the text.
    """
    verbatim = text.find(quote) if quote.strip() else -1
    if verbatim >= 0:
        return verbatim, verbatim + len(quote)
    wanted = collapsed(_ANSI.sub("", quote))
    if not wanted:
        return None
    squeezed = _SPACE.sub("", wanted)
    found = (_in_part(part, wanted, squeezed) for part in _parts(text))
    return next((span for span in found if span), None)


def _in_part(seen: _Seen, wanted: str, squeezed: str) -> Span | None:
    """In any layout, and after as many levels of unescaping as the check undoes."""
    seen = seen.replaced(_ANSI)
    for _ in range(MOST_NESTED + 2):
        span = seen.replaced(_SPACE, " ").find(wanted) or seen.replaced(_SPACE).find(squeezed)
        if span:
            return span
        if not _ESCAPE.search(seen.text):
            break
        seen = seen.replaced(_ESCAPE, None)
    return None


def _parts(text: str) -> Iterator[_Seen]:
    """The text on both sides of where it was cut: a quote does not reach over the marker."""
    begin = 0
    for marker in [*LEFT_OUT.finditer(text), None]:
        end = marker.start() if marker else len(text)
        yield _Seen(text[begin:end], list(range(begin, end)), list(range(begin + 1, end + 1)))
        begin = marker.end() if marker else end
