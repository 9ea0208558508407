"""Times and dates: how they are written, and those of a text, each in one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator

TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)"
)
MONTH_DAY = (
    rf"(?:{_MONTH}\.? {{1,2}}[0-9]{{1,2}}(?:st|nd|rd|th)?(?:,? [0-9]{{4}}(?![\w:]))?|"
    rf"[0-9]{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?:,? [0-9]{{4}}(?![\w:]))?)(?![\w:])"
)
"""A date with the month's name, such as `June 12`, `12 Jun 2026` and the `Jun 12` of syslog."""

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_HOUR_MINUTE = re.compile(
    r":(?:(?<=(?<![0-9:])([0-9]):)|(?<=(?<![0-9:])([0-9]{2}):))([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(?![0-9])(?: ?([aApP])\.?[mM]\b)?"
)
_HOUR = re.compile(r"(?<![\w:.])([0-9]{1,2}) ?([aApP])[mM]\b")
_YEAR = re.compile(r"[-/](?:(?<=(?<![0-9])([0-9]{4})-)|(?<=(?<![0-9])([0-9]{4})/))([0-9]{2})[-/]([0-9]{2})(?![0-9])")
_NAMED = re.compile(rf"(?<!\w){MONTH_DAY}")
_MONTH_NAME = re.compile(r"[A-Z][a-z]{2}")


def clock(hour: str, rest: str, half: str = "") -> str:
    """A time as `14:23`, `14:23:01` or `14:23:01.5`, of its hour, what follows the colon, and `a` or `p` (am, pm)."""
    number = int(hour)
    if half:
        number = number % 12 + (12 if half[0] in "pP" else 0)
    return f"{number:02}:{rest.replace(',', '.')}"


def date_forms(written: str) -> tuple[str, ...]:
    """A date as it is looked up: `2026-11-22` or, where the text names no year, `--11-22`; without a year `*-11-22`."""
    if written[:4].isdigit() and written[4:5] in ("-", "/"):
        return (written.replace("/", "-"), f"-{written[4:].replace('/', '-')}")
    year, month_day = _named(written)
    return (f"{year}{month_day}", f"-{month_day}") if year else (f"*{month_day}",)


def times_of(text: str) -> Iterator[str]:
    """The times of a text, each also in less detail: `14:23:01` is `14:23`, too."""
    for one, two, minutes, seconds, fraction, half in set(_HOUR_MINUTE.findall(text)):
        hour = one or two
        yield clock(hour, minutes, half)
        if seconds:
            yield clock(hour, f"{minutes}:{seconds}", half)
        if fraction:
            yield clock(hour, f"{minutes}:{seconds}.{fraction}", half)
    if "m" in text or "M" in text:
        for hour, half in set(_HOUR.findall(text)):
            yield clock(hour, "00", half)


def dates_of(text: str) -> Iterator[str]:
    """The dates of a text, in the forms of `date_forms`."""
    for one, two, month, day in set(_YEAR.findall(text)):
        yield f"{one or two}-{month}-{day}"
        yield f"*-{month}-{day}"
    for written in set(_NAMED.findall(text)):
        year, month_day = _named(written)
        yield f"{year or '-'}{month_day}"
        yield f"*{month_day}"


def _named(written: str) -> tuple[str, str]:
    """The year, or "", and `-11-22`."""
    name = _MONTH_NAME.search(written)
    day, *year = re.findall("[0-9]+", written)
    return (year[0] if year else ""), f"-{_MONTHS[name[0].lower()] if name else 0:02}-{int(day):02}"
