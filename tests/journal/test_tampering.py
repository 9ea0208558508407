"""A journal that somebody changed: every command says what is wrong with it, and none ends in a fault of ours.

`TAMPERINGS=2000` tries more of them.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sealing import sealed

from sre_runner.cli import main
from sre_runner.config.sources import digest_of_source
from sre_runner.errors import RunnerError
from sre_runner.journal.file import JOURNAL
from sre_runner.journal.record import record_of
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
HOW_MANY = int(os.environ.get("TAMPERINGS", "60"))
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 3.5, 10**400, 1e308, float("nan"), "", "x", "\x1b]0;title\x07", "\ud800"),
    *([], {}, [None], {"x": None}, [[1, 2]], {"a": {"b": [1]}}, "P1", "completed", "tool", [{}], [["a", "b"]]),
]
COMMANDS = (
    ["show", "{run}"],
    ["show", "{run}", "--calls"],
    ["show", "{run}", "--json"],
    ["show", "{run}", "--call", "1", "--whole"],
    ["report", "{run}"],
    ["report", "{run}", "--format", "slack"],
    ["report", "{run}", "--postmortem"],
    ["replay", "{run}"],
    ["vote", "{run}"],
    ["verify", "{run}"],
    ["resume", "{run}", "--quiet"],
    ["runs", "--runs", "{runs}"],
    ["run", "{playbook}", "--offline", "--quiet", "--reuse", "{run}", "--runs", "{other}"],
    ["diff", "{config}", "{config}", "--replay", "{run}"],
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[list[dict[str, Any]]]:
    runs = tmp_path_factory.mktemp("runs")
    found = []
    for name, more in (
        ("payment-gateway", {}),
        ("severity-debate", {}),
        ("triage-to-verification", {"allow_every_write": True}),
    ):
        options = RunOptions(PLAYBOOKS / f"{name}.yaml", runs=runs, offline=True, **dict[str, Any](more))
        lines = (run(options)[1] / JOURNAL).read_text().splitlines()
        found.append([json.loads(line) for line in lines])
    return found


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything that is in a line."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def tampered(lines: list[dict[str, Any]], random: Random) -> list[str]:
    """Lines of which one was dropped, doubled, moved, or changed at one place; half the time the digest fits.

    Half of them are sealed anew, as whoever changes a journal can do.
    """
    changed = copy.deepcopy(lines)
    what = random.choice(["drop", "double", "swap", *["edit"] * 7])
    number = random.randrange(len(changed))
    if what == "drop":
        del changed[number]
    elif what == "double":
        changed.insert(number, changed[number])
    elif what == "swap":
        other = random.randrange(len(changed))
        changed[number], changed[other] = changed[other], changed[number]
    else:
        # The header is the longest line by far, and is left to itself more often than its length asks for.
        number = 0 if random.random() < 0.25 else number
        path = random.choice(list(places(changed[number])))
        inner: Any = changed[number]
        for key in path[:-1]:
            inner = inner[key]
        if random.random() < 0.2:
            del inner[path[-1]]
        else:
            inner[path[-1]] = random.choice(VALUES)
        header = changed[0]
        if number == 0 and random.random() < 0.5 and isinstance(header.get("configuration"), dict):
            header["digest"] = digest_of_source(header["configuration"])
    return sealed(changed).decode().splitlines() if random.random() < 0.5 else [json.dumps(each) for each in changed]


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(HOW_MANY))
def test_no_command_ends_in_an_internal_error(
    seed: int, recorded: list[list[dict[str, Any]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = Random(seed)
    folder = tmp_path / "runs" / "tampered"
    folder.mkdir(parents=True)
    lines = tampered(random.choice(recorded), random)
    for command in random.sample(COMMANDS, 4):
        (folder / JOURNAL).write_text("\n".join(lines) + "\n")
        names = {"run": folder, "runs": tmp_path / "runs", "other": tmp_path / "other"}
        arguments = [
            word.format(**names, playbook=PLAYBOOKS / "payment-gateway.yaml", config=PLAYBOOKS.parent)
            for word in command
        ]
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        assert "internal error" not in err, (command, err)
        assert "Traceback" not in err
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", out + err), command
        if ended.value.code == 3 and err.startswith("error: "):
            assert JOURNAL in err or "configuration" in err or "tampered" in err, (command, err)


TITLE = "\x1b]0;title\x07\u202e\u2066\U0001d173\u180b\u17b4\x9b31m"
"""It would set a terminal's title, turn the direction of the text round and colour it; the rest nobody sees."""
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066\u180b\u17b4\U0001d173]")
SHOWN = (
    *(["show", "{run}"], ["show", "{run}", "--calls"], ["show", "{run}", "--json"], ["show", "{run}", "--timeline"]),
    *(["show", "{run}", "--call", "1"], ["show", "{run}", "--call", "3", "--whole"]),
    *(["runs", "--runs", "{runs}"], ["vote", "{run}"], ["replay", "{run}"], ["resume", "{run}", "--quiet"]),
)


def texts(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    return (path for path in places(data, path) if isinstance(at(data, path), str))


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def with_title(lines: list[dict[str, Any]], kinds: set[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The lines with `TITLE` at the end of every text of one of the kinds."""
    changed = copy.deepcopy(lines)
    for line in changed:
        for path in list(texts(line)):
            if kind(line, path) in kinds:
                at(line, path[:-1])[path[-1]] += TITLE
    changed[0]["digest"] = digest_of_source(changed[0]["configuration"])
    return changed


def kind(line: dict[str, Any], path: tuple[Any, ...]) -> tuple[Any, ...]:
    return (line.get("event"), *("*" if isinstance(key, int) else key for key in path))


def readable(lines: list[dict[str, Any]], folder: Path) -> bool:
    (folder / JOURNAL).write_bytes(sealed(lines))
    try:
        record_of(folder)
    except RunnerError:
        return False
    return True


@pytest.mark.no_cover
@pytest.mark.parametrize("number", range(3))
def test_no_field_of_a_journal_steers_a_terminal(
    number: int, recorded: list[list[dict[str, Any]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "runs" / "tampered"
    folder.mkdir(parents=True)
    kinds = list(dict.fromkeys(kind(line, path) for line in recorded[number] for path in texts(line)))
    taken: set[tuple[Any, ...]] = set()

    def take(some: list[tuple[Any, ...]]) -> None:
        """Those that leave the journal readable; what does not is no danger."""
        if readable(with_title(recorded[number], {*taken, *some}), folder):
            taken.update(some)
        elif len(some) > 1:
            take(some[: len(some) // 2])
            take(some[len(some) // 2 :])

    take(kinds)
    assert len(taken) > 40
    lines = with_title(recorded[number], taken)
    for command in SHOWN:
        assert readable(lines, folder)
        with pytest.raises(SystemExit):
            main([word.format(run=folder, runs=tmp_path / "runs") for word in command])
        out, err = capsys.readouterr()
        assert "internal error" not in err, (command, err)
        assert not UNSEEN.search(out + err), (command, sorted(taken))


def test_a_configuration_that_was_changed_is_not_the_one_that_its_digest_names(
    recorded: list[list[dict[str, Any]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = copy.deepcopy(recorded[0])
    changed[0]["configuration"]["playbook"]["coordinator"]["votes"]["severity"]["rule"] = "most_severe"
    (tmp_path / JOURNAL).write_bytes(sealed(changed))
    for command, code in (("show", 1), ("replay", 1), ("vote", 1), ("verify", 1), ("resume", 3)):
        with pytest.raises(SystemExit) as ended:
            main([command, str(tmp_path)])
        assert ended.value.code == code
        out, err = capsys.readouterr()
        assert "line 1: the configuration is not the one that its digest names" in (out if command == "verify" else err)
