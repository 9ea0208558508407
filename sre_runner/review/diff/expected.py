"""What a playbook expects of its runs, before and after: weakened, removed, changed or strengthened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.key import ExpectKeys, Shift
from sre_runner.coordination.expectations.table import EXPECT
from sre_runner.review.diff.changes import Change
from sre_runner.review.diff.pairs import Pair
from sre_runner.text.naming import said

Where = tuple[str, ...]
"""The path to expectations in a playbook."""


def expectation_changes(pair: Pair) -> Iterator[Change]:
    """What changed in the expectations of the playbook itself."""
    yield from _expected(pair, pair.before["expect"], pair.after["expect"], ("expect",))


def case_changes(pair: Pair) -> Iterator[Change]:
    """What changed in the further cases of a playbook."""
    old, new, name = pair.before["tests"], pair.after["tests"], pair.subject.name
    for case in dict.fromkeys([*old, *new]):
        at = ("tests", case)
        if case not in old:
            yield pair.change("test-added", f"{name} has the new case {said(case)}.", None, new[case], at=at)
        elif case not in new:
            sentence = f"{name} no longer has the case {said(case)}."
            yield pair.change("test-removed", sentence, old[case], at=at, gone=True)
        else:
            for key in ("inputs", "task"):
                before, after = old[case].get(key), new[case].get(key)
                if before != after:
                    sentence = f"The case {said(case)} of {name} has another {key.removesuffix('s')}."
                    place = (*at, key)
                    yield pair.change("test-changed", sentence, before, after, at=place, gone=key not in new[case])
            yield from _expected(pair, old[case]["expect"], new[case]["expect"], (*at, "expect"))


def _expected(
    pair: Pair, old: Mapping[str, Json], new: Mapping[str, Json], where: Where, keys: ExpectKeys = EXPECT
) -> Iterator[Change]:
    """The changes of what is expected at one place; all of it may be gone."""
    if old and not new:
        sentence = f"{_case(pair, where)} expects nothing{_of(where)} any more."
        yield pair.change("expectation-removed", sentence, dict(old), at=where, gone=True)
        return
    if new and not old:
        sentence = f"{_case(pair, where)} expects something{_of(where)}, and expected nothing before."
        yield pair.change("expectation-strengthened", sentence, None, dict(new), at=where)
        return
    for key in dict.fromkeys([*old, *new]):
        was, now, inner = old.get(key), new.get(key), keys[key].each
        if inner is not None:
            for name in dict.fromkeys([*(was or ()), *(now or ())]):
                one, other = ((given or {}).get(name, {}) for given in (was, now))
                yield from _expected(pair, one, other, (*where, key, name), inner)
        elif was != now:
            yield from (_change(pair, shift, (*where, key)) for shift in keys[key].shifts(key, was, now))


def _change(pair: Pair, shift: Shift, at: Where) -> Change:
    """A shift of a key as a change, with its place."""
    *where, key = at
    gone = key not in pair.new.file.names(*where) if shift.gone is None else shift.gone
    sentence = f"{_who(pair, tuple(where))}: {shift.words}"
    place = (*at, *shift.at)
    return pair.change(f"expectation-{shift.now}", sentence, shift.before, shift.after, at=place, gone=gone)


def _who(pair: Pair, where: Where) -> str:
    """Whose expectations they are, with the specialist where it is one's."""
    return f"{_case(pair, where)},{_of(where)}" if _of(where) else _case(pair, where)


def _case(pair: Pair, where: Where) -> str:
    return f"The case {said(where[1])} of {pair.subject.name}" if where[0] == "tests" else pair.subject.name


def _of(where: Where) -> str:
    return f" of {said(where[-1])}" if where[-2:-1] == ("specialists",) else ""
