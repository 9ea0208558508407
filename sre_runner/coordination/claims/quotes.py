"""Whether a quote says anything: one that could stand in any answer shows nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONG = 16
"""Characters from which on a part of a line is long enough, if it has two words or a digit."""
SHORT_LINE = 6
"""Characters of the least line that counts as a whole one in an answer of several lines."""
MOST_OFTEN = 20
"""Places of one answer in which a quote may stand that is no whole line and no whole member."""

TOO_SHORT = "the quote is too short to tell"
TOO_COMMON = "the quote stands in too many places of the answer to tell"
CUT = "the quote begins or ends in the middle of a value"

_SPACE = re.compile(r"\s+")
_ANSI = re.compile(r"(?:\x1b|\\x1b|\\u001b)\[[0-9;?]{0,32}[A-Za-z]")
_TEXT = r"\\?\"[^\"\\]{1,200}\\?\""
_MEMBER = re.compile(rf"[{{,\s]*{_TEXT}\s?:\s?(?:{_TEXT}|-?[0-9]|true|false|null|[\[{{].)")
_OPEN = re.compile(rf"[{{,\s]*{_TEXT}\s?:\s?\\?\"[^\"\\\s]*")
_PAIR = re.compile(r"[A-Za-z_][\w. /-]{1,60}(?::|=)\s?[^\s:=]")
_TOKENS = re.compile(r"\w+|[^\w\s]")
_EDGE = 80
"""Characters at both ends of a quote that are looked for in the answer to see whether they go on there."""
_PAIR_ENDS = r"(?=[,;|)\]}\"'\\]|[ \t]*(?:[\r\n]|\Z)|[ \t]{2}|[ \t]+[\w.-]{1,60}[=:])"


@dataclass(frozen=True)
class Weight:
    """What the record says of a quote: its `length` in characters and how `often` it stands in the answer, white space
    collapsed (0 where it stands there only in another layout of JSON); `reason` is why it shows nothing, or ""."""

    length: int
    often: int
    reason: str = ""


def tells(quote: str, answer: str) -> str:
    """Why a quote shows nothing; "" where it tells. That it stands in the answer is not checked here.

    A quote tells if it is a whole line, a key with its whole value, or at least 16 characters with a second word or a
    digit that stand in the answer at most 20 times and cut no number, because anything less (`error`, `47`, `"P1"`)
    stands in answers that say the opposite.
    """
    return weighed(quote, answer).reason


def weighed(quote: str, answer: str) -> Weight:
    """The quote's length, how often it stands in the answer, and whether it tells; linear in both."""
    wanted, text = _collapsed(quote), _collapsed(answer)
    often = text.count(wanted) if wanted else 0
    return Weight(len(wanted), often, _reason(wanted, often, answer))


def _reason(wanted: str, often: int, answer: str) -> str:
    if not any(each.isalnum() for each in wanted):
        return TOO_SHORT
    if _is_line(wanted, answer):
        return ""
    if _is_cut(wanted, answer):
        return CUT
    if _MEMBER.match(wanted) or (_PAIR.match(wanted) and _stands_so(_spaced(wanted[-_EDGE:]) + _PAIR_ENDS, answer)):
        return ""
    if len(wanted) < LONG or not (" " in wanted or any(each.isdigit() for each in wanted)):
        return TOO_SHORT
    return "" if often <= MOST_OFTEN else TOO_COMMON


def _is_line(wanted: str, answer: str) -> bool:
    """Whether the quote is one line of the answer; a shorter word only where it is all that the answer says."""
    lines = [line for each in answer.splitlines() if (line := _collapsed(each))]
    return wanted in lines and (len(wanted) >= SHORT_LINE or len(lines) == 1)


def _is_cut(wanted: str, answer: str) -> bool:
    """Whether a quote begins or ends inside of a number, or a member or pair ends inside of its value: `"restarts": 4`
    where the answer has 47, and `7 restarts`.

    White space may differ. What does not stand in the text like that may stand in JSON inside of a string.
    """
    if _OPEN.fullmatch(wanted):
        return True
    shapes = []
    if wanted[0].isdigit():
        shapes.append((r"(?<![\w.,])", _spaced(wanted[:_EDGE]), ""))
    if wanted[-1].isdigit() or (wanted[-1].isalnum() and (_MEMBER.match(wanted) or _PAIR.match(wanted))):
        shapes.append(("", _spaced(wanted[-_EDGE:]), r"(?!\w|[.,][0-9])"))
    return any(
        not _stands_so(f"{before}{shape}{after}", answer) and _stands_so(shape, answer)
        for before, shape, after in shapes
    )


def _stands_so(shape: str, answer: str) -> bool:
    return re.search(shape, answer) is not None


def _spaced(part: str) -> str:
    return r"\s*".join(map(re.escape, _TOKENS.findall(part)))


def _collapsed(text: str) -> str:
    return _SPACE.sub(" ", _ANSI.sub("", text)).strip()
