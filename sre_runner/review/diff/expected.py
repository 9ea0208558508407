"""What a playbook expects of its runs, before and after: weakened, removed, changed or strengthened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sre_runner.casefile import Json
from sre_runner.review.diff.changes import Change
from sre_runner.review.diff.pairs import Pair
from sre_runner.text.naming import listed, said

LEAST = ("min_findings", "min_findings_verified")
MOST = ("max_cost", "max_tokens", "max_seconds")
LISTS = ("mentions", "must_not_mention", "red_herrings", "tools_called", "tools_not_called")
DEFAULT = "default"
"""The case that a playbook makes by itself."""

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


def _expected(pair: Pair, old: Mapping[str, Json], new: Mapping[str, Json], where: Where) -> Iterator[Change]:
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
        if old.get(key) != new.get(key):
            yield from _RULES.get(key, _other)(pair, key, old.get(key), new.get(key), where)


def _lists(pair: Pair, key: str, old: Json, new: Json, where: Where) -> Iterator[Change]:
    before, after = ([_item(each) for each in given or ()] for given in (old, new))
    lost = [each for each in old or () if not _covered(key, _item(each), after)]
    won = [each for each in new or () if not _covered(key, _item(each), before)]
    who = f"{_who(pair, where)}: `{key}`"
    if lost:
        kind, only = ("expectation-weakened", "") if after else ("expectation-removed", " and is empty now")
        sentence = f"{who} no longer has {_items(lost)}{only}."
        yield pair.change(kind, sentence, old, new, at=(*where, key), gone=key not in _written(pair, where))
    if won:
        sentence = f"{who} now has {_items(won)}."
        yield pair.change("expectation-strengthened", sentence, old, new, at=(*where, key))


def _limits(pair: Pair, key: str, old: Json, new: Json, where: Where) -> Iterator[Change]:
    who = f"{_who(pair, where)}: `{key}`"
    if new is None:
        sentence = f"{who} is gone; it was {said(old)}."
        yield pair.change("expectation-removed", sentence, old, at=(*where, key), gone=True)
        return
    weaker = old is not None and (new < old if key in LEAST else new > old)
    was = f", no longer {said(old)}" if old is not None else ""
    kind = "expectation-weakened" if weaker else "expectation-strengthened"
    yield pair.change(kind, f"{who} is {said(new)}{was}.", old, new, at=(*where, key))


def _verdicts(pair: Pair, key: str, old: Json, new: Json, where: Where) -> Iterator[Change]:
    before, after = old or {}, new or {}
    for vote in dict.fromkeys([*before, *after]):
        was, now, at = before.get(vote), after.get(vote), (*where, key, vote)
        who = f"{_who(pair, where)}: the verdict of {said(vote)}"
        if now is None:
            yield pair.change(
                "expectation-removed", f"{who} is no longer expected to be {_any_of(was)}.", was, at=at, gone=True
            )
        elif was is None:
            sentence = f"{who} is expected to be {_any_of(now)}."
            yield pair.change("expectation-strengthened", sentence, None, now, at=at)
        elif was != now:
            before_any, after_any = {*(_values(was) or ())}, {*(_values(now) or ())}
            weaker, stronger = after_any > before_any, after_any < before_any
            kind = "weakened" if weaker else "strengthened" if stronger else "changed"
            sentence = f"{who} is expected to be {_any_of(now)}, no longer {_any_of(was)}."
            yield pair.change(f"expectation-{kind}", sentence, was, now, at=at)


def _any_of(given: Json) -> str:
    return " or ".join(map(said, _values(given) or ()))


def _report(pair: Pair, key: str, old: Json, new: Json, where: Where) -> Iterator[Change]:
    """Fields of a specialist's report, each with the values of which any will do."""
    before, after = old or {}, new or {}
    for field in dict.fromkeys([*before, *after]):
        was, now = (_values(given.get(field)) for given in (before, after))
        at = (*where, key, field)
        who = f"{_who(pair, where)}: {said(field)}"
        if now is None:
            yield pair.change("expectation-removed", f"{who} may be anything.", was, at=at, gone=True)
        elif was is None or (now != was and all(value in was for value in now)):
            sentence = f"{who} is expected to be {listed(now)}."
            yield pair.change("expectation-strengthened", sentence, was, now, at=at)
        elif any(value not in was for value in now):
            weaker = all(value in now for value in was)
            kind = "expectation-weakened" if weaker else "expectation-changed"
            sentence = f"{who} may be {listed(now)}, no longer only {listed(was)}."
            yield pair.change(kind, sentence, was, now, at=at)


def _specialists(pair: Pair, key: str, old: Json, new: Json, where: Where) -> Iterator[Change]:
    before, after = old or {}, new or {}
    for name in dict.fromkeys([*before, *after]):
        yield from _expected(pair, before.get(name, {}), after.get(name, {}), (*where, key, name))


def _other(pair: Pair, key: str, old: Json, new: Json, where: Where) -> Iterator[Change]:
    sentence = f"{_who(pair, where)}: `{key}` is {_shown(new)}, no longer {_shown(old)}."
    gone = new is None or key not in _written(pair, where)
    yield pair.change("expectation-changed", sentence, old, new, at=(*where, key), gone=gone)


def _who(pair: Pair, where: Where) -> str:
    """Whose expectations they are, with the specialist where it is one's."""
    return f"{_case(pair, where)},{_of(where)}" if _of(where) else _case(pair, where)


def _case(pair: Pair, where: Where) -> str:
    return f"The case {said(where[1])} of {pair.subject.name}" if where[0] == "tests" else pair.subject.name


def _of(where: Where) -> str:
    return f" of {said(where[-1])}" if where[-2:-1] == ("specialists",) else ""


def _written(pair: Pair, where: Where) -> Sequence[str]:
    return pair.new.file.names(*where)


def _item(given: Json) -> tuple[str, str | None]:
    """A text or name as it is compared, and the field that it is looked for in."""
    text, field = (given["text"], given["in"]) if isinstance(given, Mapping) else (given, None)
    return " ".join(str(text).split()).casefold(), field


def _covered(key: str, item: tuple[str, str | None], others: Sequence[tuple[str, str | None]]) -> bool:
    """Whether what an item asks for is asked for by others: a text in one field is one in the whole, but not missing
    in the whole."""
    text, field = item
    fields = {where for other, where in others if other == text}
    if key == "mentions":
        return field in fields or (field is None and bool(fields))
    return field in fields or None in fields


def _items(items: Sequence[Json]) -> str:
    told = [
        f"{said(each['text'])} in {said(each['in'])}" if isinstance(each, Mapping) else said(each)
        for each in items[:10]
    ]
    return ", ".join(told) + (", …" if len(items) > 10 else "")


def _values(given: Json) -> list[Json] | None:
    return given if isinstance(given, list) or given is None else [given]


def _shown(value: Json) -> str:
    return "not stated" if value is None else said(value)


_RULES: Mapping[str, Callable[[Pair, str, Json, Json, Where], Iterator[Change]]] = {
    "verdicts": _verdicts,
    "report": _report,
    "specialists": _specialists,
    **dict.fromkeys(LISTS, _lists),
    **dict.fromkeys((*LEAST, *MOST), _limits),
}
"""What is said of each kind of expectation; of `status`, and of what no rule here speaks of, that it is another."""
