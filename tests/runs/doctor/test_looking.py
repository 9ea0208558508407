"""Looks are taken at once, within their time, and come to lines that are safe to show."""

from __future__ import annotations

import asyncio
import time

from sre_runner.errors import RunnerError
from sre_runner.runs.doctor.looking import MOST_TEXT, Line, look_at_all
from sre_runner.tools.backends.look import Look, Seen


def look(subject: str, *seen: Seen | Exception, seconds: float = 0.0, key: str = "") -> Look:
    async def see() -> list[Seen]:
        await asyncio.sleep(seconds)
        for one in seen:
            if isinstance(one, Exception):
                raise one
        return [one for one in seen if isinstance(one, Seen)]

    return Look(subject, see, key)


def lines(looks: dict[Look, list[str]], seconds: float = 5.0) -> list[Line]:
    return asyncio.run(look_at_all(looks, ["s3cr3t-s3cr3t"], seconds))


def test_all_are_taken_at_once() -> None:
    began = time.monotonic()
    found = lines({look(f"a {number}", Seen("ok", ""), seconds=0.3): [] for number in range(20)})
    assert len(found) == 20
    assert time.monotonic() - began < 2


def test_one_that_takes_too_long_fails_and_the_others_are_seen() -> None:
    found = lines({look("slow", seconds=60): ["t"], look("quick", Seen("ok", "here")): []}, seconds=0.1)
    assert found == [Line("fail", "slow", "no answer within 0.1 s", "", ("t",)), Line("ok", "quick", "here")]


def test_what_is_raised_is_a_failure() -> None:
    raised = {
        look("a", RunnerError("broken", "mend it")): [],
        look("b", OSError(2, "No such file")): [],
        look("c", TimeoutError("it hung")): [],
        look("d", OSError("odd")): [],
    }
    told = [(line.level, line.text, line.hint) for line in lines(raised)]
    assert told == [
        ("fail", "broken", "mend it"),
        ("fail", "No such file", ""),
        ("fail", "it hung", ""),
        ("fail", "odd", ""),
    ]


def test_what_looks_the_same_is_one_look_and_what_is_seen_the_same_one_line() -> None:
    first, again, other = look("a", Seen("ok", "x")), look("a", Seen("ok", "y")), look("a", Seen("ok", "x"), key="2")
    assert first == again != other
    assert lines({first: ["t1", "t2"], other: ["t2", "t3"]}) == [Line("ok", "a", "x", "", ("t1", "t2", "t3"))]


def test_kinds_stand_together_in_the_order_in_which_they_come() -> None:
    subjects = ["server a", "program x", "server b", "tool t", "program y"]
    found = lines({look(subject, Seen("ok", "")): [] for subject in subjects})
    assert [line.subject for line in found] == ["server a", "server b", "program x", "program y", "tool t"]


def test_secrets_are_masked_and_texts_cut() -> None:
    hostile = Seen("warn", "s3cr3t-s3cr3t \x1b[2J" + "x" * 100_000, "use s3cr3t-s3cr3t")
    (line,) = lines({look("a", hostile): []})
    assert "s3cr3t" not in line.text + line.hint
    assert "\x1b" not in line.text
    assert len(line.text) <= MOST_TEXT
    assert lines({look("nothing"): []}) == []
