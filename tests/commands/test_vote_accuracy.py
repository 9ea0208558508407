"""`sre-run vote --truth`: how often each rule was right over many runs, and what is wrong with a truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sealing import sealed

from sre_runner.cli import main
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
JOURNAL = "journal.jsonl"
Labelled = Callable[..., str]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Rehearsals: of a team that votes P1 of P1, P1 and P4, of two sides and a judge, of one agent."""
    room = tmp_path_factory.mktemp("runs")
    names = ("payment-gateway", "severity-debate", "payment-gateway-single")
    return {name: run(RunOptions(PLAYBOOKS / f"{name}.yaml", runs=room, offline=True))[1] for name in names}


@pytest.fixture
def labelled(rehearsed: dict[str, Path], tmp_path: Path) -> Labelled:
    """Makes a run of that name: the rehearsal of a playbook, with these labels."""

    def make(name: str, playbook: str = "payment-gateway", lines: int | None = None, **labels: str) -> str:
        header, *rest = (rehearsed[playbook] / JOURNAL).read_text().splitlines(keepends=True)
        folder = tmp_path / name
        folder.mkdir()
        first = json.dumps({**json.loads(header), "labels": labels})
        (folder / JOURNAL).write_bytes(sealed([first, *rest][:lines]))
        return str(folder)

    return make


def vote(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["vote", *arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def truths(tmp_path: Path, text: str) -> str:
    file = tmp_path / "severities.yaml"
    file.write_text(text)
    return str(file)


def row(out: str, name: str) -> list[str]:
    """The cells of the row that begins with this one."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines() if line.startswith("|")]
    (found,) = [cells[1:] for cells in rows if cells[0] == name]
    return found


def test_rules_are_counted_over_runs_named_by_file_and_by_label(
    labelled: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [labelled("one"), labelled("two", incident="INC-7"), labelled("three", true_severity="P1"), labelled("four")]
    file = truths(tmp_path, "one: P1\nincident=INC-7: P2\nsomething-else: P3\n")
    code, out, err = vote(capsys, *runs, "--truth", file)
    assert (code, err) == (0, "")
    assert row(out, "majority") == ["2", "0", "1", "0", "3", "3"]
    assert row(out, "unanimous") == ["2", "0", "1", "0", "3", "0"]
    assert row(out, "as concluded") == ["2", "0", "1", "0", "3", "3"]
    assert row(out, "two")[:2] == ["P2", "**P1**"]
    assert "Not counted, as no true severity is known: 1 run, four." in out


def test_a_playbook_counts_where_nothing_says_more_of_a_run(
    labelled: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [labelled("one"), labelled("two"), labelled("three", incident="INC-7"), labelled("four", true_severity="P4")]
    file = truths(tmp_path, "payment-gateway: P1\ntwo: P2\nincident=INC-7: P3\n")
    code, out, err = vote(capsys, *runs, "--truth", file)
    assert (code, err) == (0, "")
    assert [row(out, name)[0] for name in ("one", "two", "three", "four")] == ["P1", "P2", "P3", "P4"]


def test_a_judge_and_a_single_agent_stand_beside_the_rules(
    labelled: Labelled, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [
        labelled("team", severity="P1"),
        labelled("debate", "severity-debate", severity="P2"),
        labelled("alone", "payment-gateway-single", severity="P1"),
    ]
    code, out, _ = vote(capsys, *runs, "--truth", "label:severity", "--json")
    assert code == 0
    data = json.loads(out)
    by = {each.pop("by"): each for each in data["accuracy"]}
    assert list(by)[-3:] == ["judge", "model", "as concluded"]
    assert by["median"]["runs"] == 2
    numbers = ("right", "under_triaged", "over_triaged", "no_verdict", "runs", "decided")
    assert by["judge"] == dict(zip(numbers, (0, 0, 1, 0, 1, 1), strict=True))
    assert by["model"]["runs"] == 3
    assert by["model"]["decided"] == 1
    assert by["as concluded"] == dict(zip(numbers, (2, 0, 1, 0, 3, 3), strict=True))
    assert [each["decided"] for each in data["runs"]] == ["majority", "judge", "model"]
    assert data["without_truth"] == data["without_conclusion"] == []
    assert data["rehearsals"] == [Path(each).name for each in runs]


def test_what_the_file_says_goes_before_a_label_of_the_run(
    labelled: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = labelled("one", true_severity="P1")
    code, out, _ = vote(capsys, run, "--truth", truths(tmp_path, '{"one": "P4"}'))
    assert code == 0
    assert row(out, "one")[0] == "P4"
    assert row(vote(capsys, run, "--truth", "label:true_severity")[1], "one")[0] == "P1"


def test_a_run_without_a_conclusion_is_told_and_not_counted(
    labelled: Labelled, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [labelled("killed", lines=9, severity="P1"), labelled("whole", severity="P1")]
    code, out, _ = vote(capsys, *runs, *runs, "--truth", "label:severity")
    assert code == 0
    assert row(out, "majority")[4] == "1", "a run that is named twice is one run"
    assert "Not counted, as no conclusion is known: 1 run, killed." in out


def test_a_run_in_which_the_engine_concluded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without room for any model call nobody reports, so that there is no severity at all."""
    options = RunOptions(
        PLAYBOOKS / "payment-gateway.yaml",
        runs=tmp_path,
        offline=True,
        labels={"severity": "P2"},
        settings=[("budget", "{seconds: 0.001}")],
    )
    code, out, _ = vote(capsys, str(run(options)[1]), "--truth", "label:severity")
    assert code == 0
    assert row(out, "majority") == row(out, "median") == ["0", "0", "0", "1", "1", "0"]
    assert row(out, "engine") == row(out, "as concluded") == ["0", "0", "0", "1", "1", "1"]


def test_nothing_known_is_an_error_that_says_what_to_write(
    labelled: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = vote(capsys, labelled("one"), "--truth", truths(tmp_path, "other: P1\n"))
    assert (code, out) == (2, "")
    assert "of none of these runs both a conclusion and the true severity are known" in err
    assert "`label=value: P2`" in err


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("one: P9\n", "1:6", "`one` must be one of `P1`, `P2`, `P3`, `P4`, not `P9`"),
        ("one: P1\nelse: [P1]\n", "2:7", "`else` must be"),
        ("- P1\n", "1:1", "the file must hold a mapping"),
        ("one: P1\none: P2\n", "2:1", "one"),
        ("one: P1\nincident=INC-7: P2\n", "2:1", "`incident=INC-7` and `one` are the same run, `one`, with another"),
    ],
    ids=["no severity", "a list", "no mapping", "twice", "contradiction"],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(
    labelled: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, place: str, says: str
) -> None:
    file = truths(tmp_path, text)
    code, out, err = vote(capsys, labelled("one", incident="INC-7"), "--truth", file)
    assert (code, out) == (2, "")
    assert f"{file}:{place}: " in err
    assert says in err


def test_a_label_that_is_no_severity_is_told_with_its_run(
    labelled: Labelled, capsys: pytest.CaptureFixture[str]
) -> None:
    run = labelled("one", severity="sev\x1b[31m1")
    code, out, err = vote(capsys, run, "--truth", "label:severity")
    assert (code, out) == (2, "")
    assert f"{run}/{JOURNAL}:1:1: the label `severity` is" in err
    assert "\x1b" not in err


def test_a_file_that_is_not_there(labelled: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = vote(capsys, labelled("one"), "--truth", str(tmp_path / "none.yaml"))
    assert code == 2
    assert "there is no such file" in err


def test_a_name_cannot_break_out_of_the_table(labelled: Labelled, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = vote(capsys, labelled("a | b `c`\n# d", true_severity="P1"), "--truth", "label:true_severity")
    assert code == 0
    assert r"| a \| b \`c\` # d | P1 |" in out
