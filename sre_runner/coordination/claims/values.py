"""The values that a text states: numbers with their units, times, dates, versions, and names of things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sre_runner.coordination.claims.clock import MONTH_DAY, TIME, clock, date_forms
from sre_runner.coordination.claims.names import kind_of
from sre_runner.coordination.claims.units import MULTIPLES, SPACED, SPELLINGS, UNIT_OF


@dataclass(frozen=True)
class Value:
    """A value of a text, between `start` and `end`.

    `kind` is `number`, `time`, `date`, `duration`, or what a name is of (`version`, `address`, `path`, `name`, …).
    `forms` are the ways to write it as one word; a time is `14:23`, `14:23:01` or `14:23:01.5`, a date as in `clock`.
    A number is read in one or two ways, each a `(number, unit)`: `2.1M` is also 2100000; units are keys of
    `units.SPELLINGS`, or "".
    """

    kind: str
    text: str
    start: int
    end: int
    forms: tuple[str, ...]
    readings: tuple[tuple[str, str], ...] = ()

    @property
    def unit(self) -> str:
        """The unit that is written behind a number, or ""."""
        return self.readings[0][1] if self.readings else ""


_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,9}(?![0-9]|,[0-9])|[0-9]{1,40}+)(?:\.[0-9]{1,20}+)?+"
_UNITS = "|".join(re.escape(each) for each in sorted(UNIT_OF, key=len, reverse=True) if each != "%")
_SPACED = "|".join(re.escape(each) for each in sorted(SPACED, key=len, reverse=True))
_END = r"(?![\w\\]|[.:/@+~\\-]{1,3}[\w\\])"
_TOKEN = re.compile(
    rf"(?P<date>[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}})(?:[T ](?P<at>{TIME})(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?{_END}"
    rf"|(?P<month>{MONTH_DAY})"
    rf"|(?P<time>{TIME})(?:Z|\+[0-9]{{2}}:?[0-9]{{2}}| ?(?P<half>[aApP]\.?[mM]\b))?{_END}"
    rf"|(?P<hour>[0-9]{{1,2}}) ?(?P<hours_half>[aApP][mM]){_END}"
    rf"|(?P<duration>(?:[0-9]{{1,6}}(?:ms|[wdhms])){{2,6}}){_END}"
    rf"|(?P<number>{_NUMBER})(?P<unit> ?%|(?:{_UNITS}){_END}|[ \u00a0-](?:{_SPACED}){_END}|{_END})"
    rf"|(?P<word>(?:/|\.{{1,2}}/|~/)?[\w$\\][\w.:/@+~$\\-]{{0,2000}})"
)
_JOINED = re.compile(rf"({_NUMBER}|{TIME})-({_NUMBER}|{TIME})")
_ADJECTIVE = re.compile(rf"({_NUMBER})(?:-[a-z]{{2,20}}){{1,3}}")
_ANSI = re.compile(r"\x1b\[[0-9;?]{0,32}[A-Za-z]")
_TRAILING = ".:/@+~\\-"
_WORD_BEFORE = re.compile(r"([A-Za-z]{1,20})[ :=\"'`“]{1,3}\Z")
_WORD_AFTER = re.compile(r"[\"'`”]?[ ]([A-Za-z]{1,20})(?![\w-])")
_QUOTES = {"`": "`", '"': '"', "'": "'", "“": "”", "\u2018": "\u2019", "«": "»"}


def values(text: str) -> Iterator[Value]:
    """The values of a text, in their order; linear in its length.

    Number words (`three pods`, `both`) are not among them, nor are severities (`P1`), percentiles (`p99`), or
    citations of calls and findings (`c4`, `k8s-expert/f1`). A number that is part of a name is not one of its own.
    """
    text = _ANSI.sub(lambda code: " " * len(code[0]), text)
    for match in _TOKEN.finditer(text):
        yield from _READ[match.lastgroup or ""](text, match) if match.lastgroup in _READ else _dated(text, match)


def number_forms(number: str) -> tuple[str, ...]:
    """The ways in which programs write a number: with or without separators and zeros at its end."""
    whole, _, decimals = number.replace(",", "").partition(".")
    decimals = decimals.rstrip("0")
    if decimals:
        return tuple(f"{whole}.{decimals}{zeros}" for zeros in ("", "0", "00", "000"))
    return (whole, f"{whole}.0", f"{whole}.00", *((f"{int(whole):_}",) if len(whole) > 3 else ()))


def number_value(text: str, number: str, unit: str, start: int, whole: str = "") -> Value:
    """A number that is written as `text` from `start` on, with its `unit` or "", in the word `whole`."""
    readings = tuple(_readings(number, unit))
    forms = dict.fromkeys([form for reading in readings for form in _written(*reading)] + ([whole] if whole else []))
    return Value("number", text, start, start + len(text), tuple(forms), readings)


def _written(number: str, unit: str) -> Iterator[str]:
    for form in number_forms(number):
        if not unit:
            yield form
        for spelling in SPELLINGS.get(unit, ()):
            yield f"{form}{spelling}"
            yield f"{form}-{spelling}"


def _readings(number: str, unit: str) -> Iterator[tuple[str, str]]:
    plain = number.replace(",", "")
    yield plain, unit
    if unit in MULTIPLES:
        yield f"{Decimal(plain).scaleb(MULTIPLES[unit]):f}", ""
    elif not unit and len(plain) > 3 and plain.endswith("00"):
        for multiple, power in MULTIPLES.items():
            if len(plain) > power:
                yield f"{Decimal(plain).scaleb(-power).normalize():f}", multiple


def _dated(text: str, match: re.Match[str]) -> Iterator[Value]:
    if match["date"]:
        yield _date(match, "date")
        if match["at"]:
            yield _time(match["at"], match.start("at"))
    elif match["time"]:
        end = match.end("half") if match["half"] else match.end("time")
        yield _time(text[match.start() : end], match.start(), match["half"] or "", match["time"])
    elif match["hour"]:
        end = match.end("hours_half")
        yield _time(text[match.start() : end], match.start(), match["hours_half"], f"{match['hour']}:00")


def _time(text: str, start: int, half: str = "", written: str = "") -> Value:
    hour, _, rest = (written or text).partition(":")
    return Value("time", text, start, start + len(text), (clock(hour, rest, half),))


def _date(match: re.Match[str], group: str) -> Value:
    return Value("date", match[group], *match.span(group), date_forms(match[group]))


def _month(_: str, match: re.Match[str]) -> Iterator[Value]:
    yield _date(match, "month")


def _duration(_: str, match: re.Match[str]) -> Iterator[Value]:
    yield Value("duration", match["duration"], *match.span("duration"), (match["duration"],))


def _number(_: str, match: re.Match[str]) -> Iterator[Value]:
    unit = UNIT_OF.get(match["unit"].strip(" \u00a0-"), "")
    yield number_value(match[0], match["number"], unit, match.start())


def _word(text: str, match: re.Match[str]) -> Iterator[Value]:
    word = match["word"].rstrip(_TRAILING)
    start, end = match.start("word"), match.start("word") + len(word)
    if joined := _JOINED.fullmatch(word) or _ADJECTIVE.fullmatch(word):
        for group in range(1, joined.lastindex + 1 if joined.lastindex else 1):
            first = start + joined.start(group)
            if ":" in joined[group]:
                yield _time(joined[group], first)
            else:
                yield number_value(joined[group], joined[group], "", first, word)
        return
    opening, closing = text[start - 1 : start], text[end : end + 1]
    quote = opening if opening and _QUOTES.get(opening) == closing else ""
    before = _WORD_BEFORE.search(text[max(start - 24, 0) : start])
    after = _WORD_AFTER.match(text, end)
    kind = kind_of(word, before[1].lower() if before else "", after[1].lower() if after else "", quote)
    if kind:
        yield Value(kind, word, start, end, _name_forms(kind, word))


def _name_forms(kind: str, word: str) -> tuple[str, ...]:
    if kind != "version":
        return (word,)
    plain = word.removeprefix("v").removeprefix("V")
    return tuple(dict.fromkeys((word, plain, f"v{plain}")))


_READ = {"month": _month, "duration": _duration, "number": _number, "unit": _number, "word": _word}
