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
CUT = "the quote ends in the middle of a value"

_SPACE = re.compile(r"\s+")
_ANSI = re.compile(r"(?:\x1b|\\x1b|\\u001b)\[[0-9;?]{0,32}[A-Za-z]")
_MEMBER = re.compile(r"[{,\s]*\\?\"[^\"\\]{1,200}\\?\"\s?:\s?(?:\\?\"[^\"]|-?[0-9]|true|false|null|[\[{].)")
_PAIR = re.compile(r"[A-Za-z_][\w. /-]{1,60}(?::|=)\s?[^\s:=]")
_TOKENS = re.compile(r"\w+|[^\w\s]")
_END = 80


@dataclass(frozen=True)
class Weight:
    """What the record says of a quote: its `length` in characters and how `often` it stands in the answer, white space
    collapsed; `reason` is why it shows nothing, or ""."""

    length: int
    often: int
    reason: str = ""


def tells(quote: str, answer: str) -> str:
    """Why a quote shows nothing; "" where it tells. That it stands in the answer is not checked here.

    A quote tells if it is a whole line, a key with its whole value, or at least 16 characters with a second word or a
    digit that stand in the answer at most 20 times, because anything less (`error`, `47`, `"P1"`) stands in answers
    that say the opposite.
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
    if _MEMBER.match(wanted) or _PAIR.match(wanted):
        return "" if _ends_whole(wanted, answer) else CUT
    if len(wanted) < LONG or not (" " in wanted or any(each.isdigit() for each in wanted)):
        return TOO_SHORT
    return "" if often <= MOST_OFTEN else TOO_COMMON


def _is_line(wanted: str, answer: str) -> bool:
    """Whether the quote is one line of the answer; a shorter word only where it is all that the answer says."""
    lines = [line for each in answer.splitlines() if (line := _collapsed(each))]
    return wanted in lines and (len(wanted) >= SHORT_LINE or len(lines) == 1)


def _ends_whole(wanted: str, answer: str) -> bool:
    """Whether the value at the end of a quote ends there in the answer, too: `"restarts": 4` is no part of 47.

    White space may differ. What does not stand in the text like that may stand in JSON inside of a string.
    """
    if not wanted[-1].isalnum():
        return True
    end = r"\s*".join(map(re.escape, _TOKENS.findall(wanted[-_END:])))
    return bool(re.search(rf"{end}(?!\w|\.[0-9])", answer)) or not re.search(end, answer)


def _collapsed(text: str) -> str:
    return _SPACE.sub(" ", _ANSI.sub("", text)).strip()
