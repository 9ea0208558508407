"""`sre-run batch` from the command line, under the real SDK: results, faults, limits, killed and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, Request, Step, error
from many import CALLS, PLAYBOOK, answer, configuration, list_of, results

from sre_runner.cli import main


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, dict[int, dict[str, Any]], str]]:
    """Runs the command here; exit code, results by row, stderr."""

    def carry_out(*words: object, server: Loopback | None = None) -> tuple[int, dict[int, dict[str, Any]], str]:
        for name, value in (server.environ if server else {}).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(["batch", *map(str, words), "--runs", str(tmp_path / "runs")])
        printed = capsys.readouterr()
        return int(str(ended.value.code)), results(printed.out), printed.err

    return carry_out


def folder_of(runs: Path) -> Path:
    (folder,) = runs.glob("batch-*")
    return folder


def of_service(request: Request) -> str:
    """The service that a request is about."""
    text = json.dumps(request.body["messages"])
    return next(name for name in ("bad", "good-1", "good-2", "good-3") if f"Look at {name} " in text)


def test_every_row_is_a_run_of_its_own_and_a_line_of_json(run: Any, tmp_path: Path) -> None:
    playbook = configuration(tmp_path)
    names = ["cart", "search", "mail"]
    with Loopback({"": answer}) as server:
        code, found, said = run(playbook, list_of(tmp_path, names), server=server)
    assert code == 0
    assert [found[row]["inputs"]["service"] for row in (1, 2, 3)] == names
    assert {line["status"] for line in found.values()} == {"complete"}
    assert {line["model_calls"] for line in found.values()} == {CALLS}
    assert len(server.requests) == 3 * CALLS
    assert "3 rows: 3 complete" in said
    for line in found.values():
        folder = tmp_path / "runs" / line["run"]
        assert {"journal.jsonl", "conclusion.md", "run.json"} <= {path.name for path in folder.iterdir()}
    summary = json.loads((folder_of(tmp_path / "runs") / "summary.json").read_text())
    assert summary["tokens"] == sum(line["tokens"] for line in found.values())
    assert summary["severities"] == {"P4": 3}
    assert summary["usd"] == pytest.approx(sum(line["usd"] for line in found.values()))


def test_one_row_that_fails_leaves_the_others_alone(run: Any, tmp_path: Path) -> None:
    playbook = configuration(tmp_path)

    def step(request: Request) -> Step:
        return error(400, "not this one") if of_service(request) == "bad" else answer(request)

    with Loopback({"": step}) as server:
        code, found, said = run(playbook, list_of(tmp_path, ["good-1", "bad", "good-2"]), server=server)
    assert code == 3
    assert [found[row]["status"] for row in (1, 2, 3)] == ["complete", "failed", "complete"]
    assert "not this one" in found[2]["problem"]
    assert "services.csv:3: failed: " in said
    assert "sre-run batch --resume" in said


def test_what_is_wrong_with_a_row_is_told_with_its_place(run: Any, tmp_path: Path) -> None:
    playbook = configuration(tmp_path)
    path = tmp_path / "list.jsonl"
    path.write_text('{"service": "a"}\n\n{"servce": "b"}\n{oops\n{"service": ["c"]}\n')
    code, found, _ = run(playbook, path, "--offline")
    assert code == 3
    assert [found[row]["status"] for row in (1, 2, 3, 4)] == ["complete", "refused", "refused", "refused"]
    assert found[2]["place"] == "list.jsonl:3"
    assert "`servce`" in found[2]["problem"]
    assert "Did you mean `service`?" in found[2]["hint"]
    assert "not JSON" in found[3]["problem"]


def test_columns_that_are_no_inputs_are_refused_before_anything_begins(run: Any, tmp_path: Path) -> None:
    playbook = configuration(tmp_path)
    path = tmp_path / "list.csv"
    path.write_text("servce\na\n")
    code, found, said = run(playbook, path, "--offline")
    assert (code, found) == (2, {})
    assert "list.csv:1: the playbook has no input `servce`" in said
    assert not (tmp_path / "runs").exists()


def test_a_refusal_for_too_many_requests_holds_all_runs_back_and_fails_none(run: Any, tmp_path: Path) -> None:
    playbook = configuration(tmp_path)
    seen: list[float] = []

    def step(request: Request) -> Step:
        seen.append(time.monotonic())
        return error(429, "slow down", retry_after=0.4) if len(seen) == 2 else answer(request)

    names = [f"s{number}" for number in range(6)]
    with Loopback({"": step}) as server:
        code, found, _ = run(playbook, list_of(tmp_path, names), "--jobs", 1, server=server)
    assert code == 0
    assert len(found) == 6
    assert len(seen) == 6 * CALLS + 1
    assert seen[2] - seen[1] >= 0.4


def test_a_list_of_which_the_budget_has_room_for_a_part_is_gone_on_with(run: Any, tmp_path: Path) -> None:
    playbook = configuration(tmp_path)
    names = [f"s{number}" for number in range(6)]
    with Loopback({"": answer}) as server:
        code, found, said = run(
            playbook, list_of(tmp_path, names), "--budget", "model_calls=9", "--jobs", 6, server=server
        )
        assert code == 3
        assert 0 < len(found) < 6
        assert len(server.requests) <= 9
        assert "the budget has no room for another investigation" in said
        folder = folder_of(tmp_path / "runs")
        code, more, said = run("--resume", folder, "--budget", "model_calls=100", server=server)
    assert code == 0
    assert sorted([*found, *more]) == [1, 2, 3, 4, 5, 6]
    assert len(server.requests) == 6 * CALLS
    assert "6 rows: 6 complete" in said


def test_a_service_that_refuses_the_credentials_is_not_asked_for_the_whole_list(run: Any, tmp_path: Path) -> None:
    playbook = configuration(tmp_path)
    names = [f"s{number}" for number in range(40)]
    with Loopback({"": lambda _: error(401, "no")}) as server:
        code, found, said = run(playbook, list_of(tmp_path, names), "--jobs", 2, server=server)
    assert code == 4
    assert 3 <= len(found) <= 6
    assert "the model service failed the last" in said


def test_a_rehearsal_that_nobody_asked_for_exits_with_4(run: Any, tmp_path: Path) -> None:
    code, found, _ = run(configuration(tmp_path), list_of(tmp_path, ["a"]))
    assert code == 4
    assert found[1]["status"] == "complete"


def test_a_budget_in_dollars_needs_prices(run: Any, tmp_path: Path) -> None:
    playbook = configuration(tmp_path, PLAYBOOK.replace("claude-sonnet-5-5", "own-model"))
    with Loopback({}) as server:
        code, _, said = run(playbook, list_of(tmp_path, ["a"]), "--budget", "usd=1", server=server)
    assert code == 2
    assert "--budget usd= needs the price of own-model" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--budget", "seconds=3"], "is no limit"),
        (["--budget", "usd=-1"], "is no limit"),
        ([], "Give a playbook and a list"),
        (["--resume", ".", "--offline"], "goes on with what the batch was begun with"),
        (["--resume", "."], "is no batch"),
    ],
)
def test_usage(run: Any, words: list[str], said: str) -> None:
    code, _, told = run(*words)
    assert code == 2
    assert said in told


def started(words: Sequence[object], server: Loopback, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sre_runner", "batch", *map(str, words)],
        env={**os.environ, **server.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def until(holds: Callable[[], object]) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_a_batch_that_was_killed_pays_for_no_answer_twice(tmp_path: Path) -> None:
    playbook, runs = configuration(tmp_path), tmp_path / "runs"
    names = [f"s{number}" for number in range(8)]
    held = [True]

    def step(request: Request) -> Step:
        late = b"submit_conclusion" in request.raw and held[0] and len(server.requests) > 6
        return answer(request).after(30) if late else answer(request)

    with Loopback({"": step}) as server:
        process = started([playbook, list_of(tmp_path, names), "--jobs", 3, "--runs", runs], server)
        until(lambda: sum(b"submit_conclusion" in each.raw for each in server.requests[6:]) >= 3)
        process.send_signal(signal.SIGKILL)
        first = results(process.communicate()[0])
        held[0] = False
        before = len(server.requests)
        process = started(["--resume", folder_of(runs), "--runs", runs], server)
        printed, said = process.communicate(timeout=60)
        server.closing.set()
    assert process.returncode == 0, said
    second = results(printed)
    assert sorted([*first, *second]) == [1, 2, 3, 4, 5, 6, 7, 8]
    # Three runs had their report; only their conclusions were asked again.
    assert len(server.requests) - before == len(second) * CALLS - 3
    assert "8 rows: 8 complete" in said
    assert len([path for path in runs.iterdir() if (path / "journal.jsonl").exists()]) == 8


def test_ctrl_c_begins_no_more_rows_though_the_list_is_a_pipe_that_waits(tmp_path: Path) -> None:
    playbook, runs = configuration(tmp_path), tmp_path / "runs"
    with Loopback({"": answer}) as server:
        process = started([playbook, "-", "--runs", runs], server, stdin=subprocess.PIPE)
        assert process.stdin
        assert process.stdout
        process.stdin.write('{"service": "a"}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["row"] == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        process.communicate()
        again = started(["--resume", folder_of(runs), "--runs", runs], server)
        _, said = again.communicate(timeout=60)
    assert again.returncode == 0
    assert "1 row: 1 complete" in said


def test_a_list_that_was_changed_is_not_gone_on_with(run: Any, tmp_path: Path) -> None:
    playbook, path = configuration(tmp_path), list_of(tmp_path, ["a", "b"])
    run(playbook, path, "--offline")
    list_of(tmp_path, ["a", "c"])
    code, _, said = run("--resume", folder_of(tmp_path / "runs"))
    assert code == 2
    assert "services.csv:3 is not what it was" in said
