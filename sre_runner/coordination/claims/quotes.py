"""Whether a quote says anything: one that could stand in any answer shows nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

LONG = 16
"""Characters from which on a part of a line is long enough, if it has two words or a digit."""
SHORT_LINE = 6
"""Characters of the least line that counts as a whole one in an answer of several lines."""
MOST_OFTEN = 20
"""Places of one answer in which a quote may stand that is no whole line and no whole member."""

MOST_PLACES = 500
"""Places of one quote that are looked at to see whether its numbers are whole."""

TOO_SHORT = "the quote is too short to tell"
TOO_COMMON = "the quote stands in too many places of the answer to tell"
CUT = "the quote begins or ends in the middle of a value"

_ANSI = re.compile(r"(?:\x1b|\\x1b|\\u001b)\[[0-9;?]{0,32}[A-Za-z]")
_TEXT = r"\\?\"[^\"\\]{1,200}\\?\""
_MEMBER = re.compile(rf"[{{,\s]*{_TEXT}\s?:\s?(?:{_TEXT}|-?[0-9]|true|false|null|[\[{{].)")
_OPEN = re.compile(rf"[{{,\s]*{_TEXT}\s?:\s?\\?\"[^\"\\\s]*")
_PAIR = re.compile(r"[A-Za-z_][\w. /-]{1,60}(?::|=)\s?[^\s:=]")
_TOKENS = re.compile(r"\w+|[^\w\s]")
_EDGE = 80
"""Characters at the end of a pair that are looked for in the answer to see whether it ends there."""
_WHOLE_BEFORE = re.compile(r"(?<![\w.,])\Z")
_GOES_ON = re.compile(r"\w|[.,][0-9]")
_ANY, _NEVER = re.compile(""), re.compile(r"(?!)")
_PAIR_ENDS = r"(?=[,;|)\]}\"'\\]|[ \t]*(?:[\r\n]|\Z)|[ \t]{2}|[ \t]+[\w.-]{1,60}[=:])"


@dataclass(frozen=True)
class Weight:
    """What the record says of a quote: its `length` in characters and how `often` it stands in the answer, white space
    collapsed (0 where it stands there only in another layout of JSON); `reason` is why it shows nothing, or ""."""

    length: int
    often: int
    reason: str = ""


class Weighing:
    """An answer against which quotes are weighed; it is read once."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        lines = (" ".join(line.split()) for line in _ANSI.sub("", answer).splitlines())
        told = [line for line in lines if line]
        self._lines = frozenset(told)
        self._text = " ".join(told)

    def weigh(self, quote: str) -> Weight:
        """The quote's length, how often it stands in the answer, and why it shows nothing; linear in both.

        A quote tells if it is a whole line, a key with its whole value, or at least 16 characters with a second word
        or a digit that stand in the answer at most 20 times and cut no number, because anything less (`error`, `47`,
        `"P1"`) stands in answers that say the opposite. That it stands in the answer is not checked here.
        """
        wanted = " ".join(_ANSI.sub("", quote).split())
        often = self._text.count(wanted) if wanted else 0
        return Weight(len(wanted), often, self._reason(wanted, often))

    def _reason(self, wanted: str, often: int) -> str:
        if not any(each.isalnum() for each in wanted):
            return TOO_SHORT
        if self._is_line(wanted):
            return ""
        if _OPEN.fullmatch(wanted) or self._is_cut(wanted):
            return CUT
        enough = len(wanted) >= LONG and (" " in wanted or any(each.isdigit() for each in wanted))
        if (enough and often <= MOST_OFTEN) or _MEMBER.match(wanted) or self._is_pair(wanted):
            return ""
        return TOO_COMMON if enough else TOO_SHORT

    def _is_line(self, wanted: str) -> bool:
        """Whether the quote is one line of the answer; a shorter word only where it is all that the answer says."""
        return wanted in self._lines and (len(wanted) >= SHORT_LINE or len(self._lines) == 1)

    def _is_pair(self, wanted: str) -> bool:
        """Whether the quote is a key with its whole value, as in `level=error` and `State: Running`."""
        if not _PAIR.match(wanted):
            return False
        shape = r"\s*".join(map(re.escape, _TOKENS.findall(wanted[-_EDGE:])))
        return re.search(shape + _PAIR_ENDS, self._answer) is not None

    def _is_cut(self, wanted: str) -> bool:
        """Whether the quote begins or ends inside of a number, or a member or a pair ends inside of its value:
        `"restarts": 4` where the answer has 47, and `7 restarts`. In another layout it is looked for without blanks.
        """
        begins = _WHOLE_BEFORE if wanted[0].isdigit() else _ANY
        last = wanted[-1]
        ends = last.isdigit() or (last.isalnum() and (_MEMBER.match(wanted) or _PAIR.match(wanted)))
        if begins is _ANY and not ends:
            return False
        goes_on = _GOES_ON if ends else _NEVER
        text, part = (self._text, wanted) if wanted in self._text else (self._squeezed, "".join(wanted.split()))
        found = False
        for place in islice(_places(text, part), MOST_PLACES):
            found = True
            if begins.search(text[max(place - 1, 0) : place]) and not goes_on.match(text, place + len(part)):
                return False
        return found

    @cached_property
    def _squeezed(self) -> str:
        return "".join(self._text.split())


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)
