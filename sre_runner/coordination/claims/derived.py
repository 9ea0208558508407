"""Values that a finding says it derived from others: recomputed where plain arithmetic can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod

from sre_runner.casefile import Derived
from sre_runner.coordination.claims.seen import Seen
from sre_runner.coordination.claims.units import MULTIPLES, SECONDS
from sre_runner.coordination.claims.values import Value, values

MOST_INPUTS = 50
"""Values that one derived value may rest on."""

_PART = re.compile(r"([0-9]{1,6})(ms|[wdhms])")
_PARTS = {"ms": "ms", "w": "w", "d": "d", "h": "h", "m": "min", "s": "s"}


def derived_texts(derived: Sequence[Derived], seen: Seen) -> set[str]:
    """The texts of the values that are derived from values that were seen, and that come out as it is said.

    A number must be the sum, difference, product, ratio, percentage or rounded value of its inputs where these are
    plain numbers of one unit; a time span must be what lies between two times. Of other inputs, it is enough that
    they were seen.
    """
    return {value.text for each in derived for value in values(each.value) if _stands(value, each.of, seen)}


def _stands(value: Value, of: Sequence[str], seen: Seen) -> bool:
    inputs = [found for text in of[:MOST_INPUTS] for found in values(text)]
    if not inputs or len(of) > MOST_INPUTS or not all(seen.holds(each) for each in inputs):
        return False
    times = [each for each in inputs if each.kind == "time"]
    days = {each.forms[0] for each in inputs if each.kind == "date"}
    seconds = _seconds(value)
    if seconds is not None and len(times) == 2 and len(days) < 2 and all(e.kind in ("time", "date") for e in inputs):
        return _close(seconds, _between(*times), _step(value))
    if value.kind != "number" or any(each.kind != "number" for each in inputs):
        return True
    if {each.unit for each in inputs if each.unit} - {value.unit, "%", *MULTIPLES} and value.unit != "%":
        return True
    amount = _amount(value)
    return any(_close(amount, result, _step(value)) for result in _results([_amount(each) for each in inputs]))


def _results(inputs: Sequence[float]) -> Iterator[float]:
    """What plain arithmetic makes of the inputs: in their order, and with ratios also as percentages."""
    yield sum(inputs)
    yield prod(inputs)
    yield max(inputs) - min(inputs)
    yield sum(inputs) / len(inputs)
    for first, second in {*pairwise(inputs), *((b, a) for a, b in pairwise(inputs))} if len(inputs) == 2 else ():
        if second:
            yield from (first / second, 100 * first / second, 100 * (first - second) / second)
    if len(inputs) > 2:
        yield inputs[0] - sum(inputs[1:])


def _close(claimed: float, result: float, step: float) -> bool:
    """Whether a claimed value is the result, rounded or cut to the digits that it is written with."""
    return abs(claimed - abs(result)) < step * 1.000001 / 2 or 0 <= abs(result) - claimed < step


def _amount(value: Value) -> float:
    number, unit = value.readings[0]
    return float(number) * 10.0 ** MULTIPLES.get(unit, 0)


def _step(value: Value) -> float:
    """The least difference that the way in which a value is written can show."""
    if value.kind == "duration":
        return _lengths(value)[-1]
    number, unit = value.readings[0]
    decimals = len(number.partition(".")[2])
    return 10.0**-decimals * 10.0 ** MULTIPLES.get(unit, 0) * SECONDS.get(unit, 1.0)


def _seconds(value: Value) -> float | None:
    """How long a time span is; None for other values."""
    if value.kind == "duration":
        return sum(int(number) * SECONDS[_PARTS[unit]] for number, unit in _PART.findall(value.text))
    if value.kind == "number" and value.unit in SECONDS:
        return float(value.readings[0][0]) * SECONDS[value.unit]
    return None


def _lengths(value: Value) -> list[float]:
    return [SECONDS[_PARTS[unit]] for _, unit in _PART.findall(value.text)]


def _between(first: Value, second: Value) -> float:
    """Seconds from one time to the other, over midnight where the second is the earlier one."""
    return (_second_of_day(second) - _second_of_day(first)) % 86400.0


def _second_of_day(time: Value) -> float:
    hours, minutes, *seconds = time.forms[0].split(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0 + (float(seconds[0]) if seconds else 0.0)
