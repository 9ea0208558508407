"""What is said of a journal that was changed in several ways, sealed anew, or signed."""

from __future__ import annotations

import hashlib
import json

import pytest
from sealing import sealed

from sre_runner.journal.changes import Change, changes_of, changes_text

KEY = b"0123456789abcdef"
LINES = sealed([{"event": "noted", "at": number, "text": "x"} for number in range(1, 10)]).splitlines(keepends=True)
SIGNED = sealed(LINES, KEY).splitlines(keepends=True)
UNSEALED = b'{"event":"noted","at":1,"text":"y"}\n'


def named(lines: list[bytes], key: bytes = b"") -> list[str]:
    return [each.text for each in changes_of(lines, key)]


def resealed(line: bytes) -> bytes:
    """A line whose seal is that of what it says now."""
    body = line[: line.index(b',"seal"')]
    return body + f',"seal":"{hashlib.sha256(body).hexdigest()}"}}\n'.encode()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (LINES, []),
        (LINES[:5], []),
        ([], []),
        ([UNSEALED] * 3, []),
        (LINES[1:], ["line 1 was dropped"]),
        ([*LINES[:2], *LINES[5:]], ["lines 3 to 5 were dropped"]),
        ([*LINES[:2], *LINES[3:5], *LINES[6:]], ["line 3 was dropped", "line 6 was dropped"]),
        ([*LINES[:2], UNSEALED, *LINES[3:]], ["line 3 was changed"]),
        ([*LINES[:2], UNSEALED, *LINES[2:]], ["line 3 was added"]),
        ([*LINES[:2], UNSEALED, UNSEALED, *LINES[3:]], ["line 3 was changed", "line 4 was added"]),
        ([*LINES, UNSEALED], ["line 10 was changed or added"]),
        ([LINES[0], *LINES], ["line 2 is line 1 again"]),
        ([*LINES[:3], LINES[7], *LINES[3:7], LINES[8]], ["line 4 was moved: it was written as line 8"]),
        ([*LINES[:7], UNSEALED, LINES[8], LINES[2]], ["line 8 was changed", "line 10 is line 3 again"]),
        (LINES[::-1][:2], ["line 1 was moved: it was written as line 9", "lines 1 to 7 were dropped"]),
    ],
    ids=range(15),
)
def test_changes_are_told_apart(lines: list[bytes], expected: list[str]) -> None:
    assert named(lines) == expected


def test_a_line_that_was_sealed_anew_is_shown_by_the_next() -> None:
    other = [json.loads(line) for line in LINES]
    other[3]["text"] = "another"
    replaced = sealed(other).splitlines(keepends=True)[3]
    assert named([*LINES[:3], replaced, *LINES[4:]]) == ["line 4 was replaced: line 5 was written after another"]
    first = sealed([{"event": "noted", "at": 1, "text": "y"}]).splitlines(keepends=True)
    assert named([*first, *LINES[1:]]) == ["line 1 was replaced: line 2 was written after another"]


def test_a_first_line_that_says_it_followed_another() -> None:
    line = LINES[1].replace(b'"line":2', b'"line":1')
    assert named([resealed(line)]) == ["line 1 was not the first when it was written"]


def test_a_number_as_large_as_can_be_costs_no_more() -> None:
    huge = sealed([{"event": "noted"}])[:-1].replace(b'"line":1,', b'"line":999999999,')
    assert named([*LINES, resealed(huge)]) == ["lines 10 to 999999998 were dropped"]


def test_a_journal_sealed_anew_as_a_whole_is_shown_by_signatures_alone() -> None:
    assert named(sealed([UNSEALED, *LINES]).splitlines(keepends=True)) == []
    assert named(SIGNED, KEY) == named(SIGNED) == []
    forged = sealed([UNSEALED, *LINES[1:]], b"a key of somebody else").splitlines(keepends=True)
    assert named(forged) == []
    assert named(forged, KEY) == [f"the signature of line {number} is not of this key" for number in range(1, 10)]
    assert named([*SIGNED[:8], LINES[8]], KEY) == ["line 9 has no signature, and others have"]


def test_the_first_changes_are_said_and_how_many_more() -> None:
    assert changes_text([Change(1, "added", "a"), Change(2, "added", "b")]) == "a; b"
    assert changes_text([Change(1, "added", str(number)) for number in range(7)]) == "0; 1; 2; 3; 4; and 2 more"
