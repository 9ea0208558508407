"""Whatever is done to the lines of a journal is named, with the line.

`MUTATIONS=5000` tries more.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sre_runner.cli import main
from sre_runner.commands.run import keep
from sre_runner.journal.changes import changes_of
from sre_runner.journal.file import JOURNAL
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

PLAYBOOK = Path(__file__).parents[2] / "playbooks" / "payment-gateway.yaml"
HOW_MANY = int(os.environ.get("MUTATIONS", "400"))
VALUES: list[Any] = [None, True, 0, -1, 3.5, 10**400, "", "x", "\x1b]0;title\x07", [], {}, [None], {"x": None}, "P1"]
COMMANDS = (["show"], ["show", "--json"], ["replay"], ["vote"], ["verify"], ["verify", "--json"], ["resume", "-q"])


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record, folder = run(RunOptions(PLAYBOOK, runs=tmp_path_factory.mktemp("runs"), offline=True))
    keep(record, folder, None)
    return folder


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def edited(line: bytes, random: Random) -> bytes:
    """A line with one value replaced or left out, at any depth, written as the journal writes it."""
    data = json.loads(line)
    path = random.choice(list(places(data)))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    if random.random() < 0.25:
        del inner[path[-1]]
    else:
        inner[path[-1]] = random.choice(VALUES)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def mutated(lines: list[bytes], random: Random) -> tuple[list[bytes], set[str]]:
    """The lines with one thing done to them, and which changes may be named for it."""
    at, other = random.sample(range(len(lines) - 1), 2)  # what is cut off at the end, copies show: below
    what = random.choice(["drop", "double", "swap", "move", "insert", "edit", "edit", "edit", "byte", "last"])
    changed = list(lines)
    if what == "drop":
        del changed[at]
        return changed, {f"line {at + 1} was dropped"}
    if what == "double":
        changed.insert(other, lines[at])
        return changed, {f"line {max(other, at + 1) + 1} is line {min(other, at) + 1} again"}
    if what in ("swap", "move"):
        if what == "swap":
            changed[at], changed[other] = lines[other], lines[at]
        else:
            changed.insert(other, changed.pop(at))
        # Of two neighbours either may be the one that was moved.
        return changed, {f"it was written as line {number + 1}" for number in (at - 1, at, at + 1)}
    if what == "insert":
        changed.insert(at, b'{"event":"noted","at":1,"text":"x"}\n')
        return changed, {f"line {at + 1} was added"}
    at = len(lines) - 1 if what == "last" else at
    if what == "byte":
        place = random.randrange(len(lines[at]) - 1)
        changed[at] = lines[at][:place] + bytes([lines[at][place] ^ 1]) + lines[at][place + 1 :]
    else:
        changed[at] = edited(lines[at], random)
    if b"\n" in changed[at][:-1] or changed[at] == lines[at]:
        return mutated(lines, random)
    return changed, {f"line {at + 1} was changed"}


def test_an_unchanged_journal_has_no_changes(recorded: Path) -> None:
    assert changes_of((recorded / JOURNAL).read_bytes().splitlines(keepends=True)) == ()


@pytest.mark.no_cover
def test_every_change_is_named_with_its_line(recorded: Path) -> None:
    lines = (recorded / JOURNAL).read_bytes().split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]]
    for seed in range(HOW_MANY):
        changed, expected = mutated(whole, Random(seed))
        named = [each.text for each in changes_of(changed)]
        assert any(text in told for told in named for text in expected), (seed, expected, named)
        assert len(named) <= 2, (seed, named)


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(max(HOW_MANY // 16, 25)))
def test_every_command_names_it(seed: int, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random = Random(seed)
    whole = [line + b"\n" for line in (recorded / JOURNAL).read_bytes().split(b"\n")[:-1]]
    changed = mutated(whole, random)[0] if seed % 8 else whole[: -random.randrange(1, 4)]
    for name in ("run.json", "conclusion.md"):
        (tmp_path / name).write_bytes((recorded / name).read_bytes())
    for command in random.sample(COMMANDS, 3):
        (tmp_path / JOURNAL).write_bytes(b"".join(changed))
        with pytest.raises(SystemExit) as ended:
            main([*command, str(tmp_path)])
        out, err = capsys.readouterr()
        assert ended.value.code == (1 if command[0] == "verify" else ended.value.code if ended.value.code == 3 else 1)
        said = out if command[0] == "verify" else err
        assert re.search(r"lines? \d+|no line has", said), (command, said)
        assert "changed" in said.lower()
        assert "internal error" not in err
        assert (tmp_path / JOURNAL).read_bytes() == b"".join(changed), "a changed journal is never gone on with"
