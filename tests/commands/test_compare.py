"""`sre-run compare`: what it prints, what it exits with, and that every run of it is an ordinary one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import building
import pytest
from building import FOUND
from loopback import Loopback, Step, reply, use

from sre_runner.cli import main
from sre_runner.journal.file import JOURNAL, read
from sre_runner.journal.record import fold

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
SEQUENTIAL, PARALLEL, SINGLE, TEAM = (
    str(PLAYBOOKS / f"payment-gateway{name}.yaml") for name in ("-sequential", "-parallel", "-single", "")
)
CONCLUSION = {
    **building.CONCLUSION,
    "root_cause": {"statement": "Memory.", "evidence": [{"finding": "pods/f1"}]},
    "evidence": [{"agent": "pods", "finding": "pods/f1"}],
}
FILES = {
    "agents.d/pods.yaml": "description: Pods.\nprompt: You know pods.\ntools: [list_pods]\n",
    "agents.d/lead.yaml": "role: synthesizer\ndescription: Concludes.\nprompt: You lead.\n",
    "tools.d/pods.yaml": (
        "tools:\n  list_pods:\n    description: List pods.\n    input_schema: {type: object, properties: {}}\n"
        "    simulated: {answers: [{return: 'checkout-1 restarted 47 times, status: OOMKilled'}]}\n"
    ),
    "playbooks/checkout.yaml": (
        "inputs: {service: checkout}\ntask: '{{ service }} is down.'\nspecialists: [pods]\n"
        "coordinator: {strategy: parallel, synthesizer: lead}\nmodel: claude-haiku-4-5\n"
        "expect: {verdicts: {severity: P2}}\n"
    ),
}


def sre_run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def row(out: str, title: str) -> list[str]:
    (line,) = [line for line in out.splitlines() if line.startswith(f"| {title} |")]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_three_investigations_both_ways(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = sre_run(capsys, SEQUENTIAL, PARALLEL, "--offline", "--repeat", "2", "--runs", str(tmp_path))
    assert code == 0
    assert row(out, "runs") == ["2", "2"]
    assert row(out, "verdict: severity") == ["P1", "P1"]
    assert row(out, "… in a row") != [row(out, "… in a row")[0]] * 2
    for title in ("model calls", "tool calls", "tokens", "cost, if it were spent", "tools covered", "findings"):
        assert len(set(row(out, title))) == 1
    assert "payment-gateway-parallel waits for 5 model calls in a row instead of 10, for the same tokens" in out
    assert "comes to the same verdict (severity P1)" in out
    lines = err.splitlines()
    assert lines[::2] == [
        f"run {n} of 4: payment-gateway-{'parallel' if n % 2 == 0 else 'sequential'}" for n in range(1, 5)
    ]
    for line in lines[1::2]:
        folder = Path(line.rpartition(", in ")[2])
        record = fold(read(folder / JOURNAL))
        assert (folder.parent, record.exit_code) == (tmp_path, 0)
        assert record.started.labels["compared as"] in folder.name


def test_one_agent_against_three_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = sre_run(capsys, SINGLE, TEAM, "--offline", "--json", "-q", "--runs", str(tmp_path))
    assert (code, err) == (0, "")
    data = json.loads(out)
    alone, team = data["configurations"]
    assert (alone["name"], team["name"]) == ("payment-gateway-single", "payment-gateway")
    assert {run["run"] for each in (alone, team) for run in each["runs"]} == {each.name for each in tmp_path.iterdir()}
    for each in (alone, team):
        assert each["statuses"] == {"complete": 1}
        assert each["figures"]["met"] == each["figures"]["expected"]
        assert each["figures"]["verified"] == each["figures"]["findings"]
    assert alone["figures"]["tokens"]["median"] < team["figures"]["tokens"]["median"]
    assert data["closing_notice"].startswith("Rehearsal")


def test_a_playbook_is_varied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    several = "{specialists: [generalist], coordinator.strategy: single, coordinator.votes: {}}"
    code, out, _ = sre_run(
        capsys,
        *(PARALLEL, "--vary", "coordinator.max_parallel=1", "--vary", several, "--vary", several),
        *("--set", "model=claude-haiku-5-5", "--input", "service=checkout", "--task", "Look at it."),
        *("--offline", "-q", "--json", "--runs", str(tmp_path)),
    )
    assert code == 0
    data = json.loads(out)
    assert (data["inputs"], data["tasks"]) == ({"service": "checkout", "namespace": "payments"}, ["Look at it."])
    assert [each["name"] for each in data["configurations"]] == [
        "payment-gateway-parallel",
        "coordinator.max_parallel=1",
        f"{several[1:-1]} (1)",
        f"{several[1:-1]} (2)",
    ]
    assert [each["settings"] for each in data["configurations"]][1:3] == [
        {"model": "claude-haiku-5-5", "coordinator.max_parallel": "1"},
        {
            "model": "claude-haiku-5-5",
            "specialists": '["generalist"]',
            "coordinator.strategy": '"single"',
            "coordinator.votes": "{}",
        },
    ]
    rows = [each["figures"]["calls_in_a_row"]["median"] for each in data["configurations"]]
    assert rows[1] > rows[0] > 0
    assert rows[2] == rows[3] == data["configurations"][3]["figures"]["model_calls"]["median"]
    assert len(data["differences"]) == 3


def test_playbooks_of_the_same_name_go_by_their_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "payment-gateway-single.yaml"
    other.write_text(Path(SINGLE).read_text())
    given = [SINGLE, str(other), "--config", str(PLAYBOOKS.parent), "--offline", "-q", "--json"]
    _, out, _ = sre_run(capsys, *given, "--runs", str(tmp_path / "runs"))
    assert [each["name"] for each in json.loads(out)["configurations"]] == given[:2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([TEAM], "there is nothing to compare with: give a second PLAYBOOK, or --vary KEY=VALUE."),
        ([TEAM, SINGLE, "--vary", "a=b"], "--vary goes with one PLAYBOOK"),
        ([TEAM, "--vary", "a"], "'a' is not of the form name=value."),
        ([TEAM, "--vary", "{a: "], "'{a: ' cannot be read: "),
        ([TEAM, "--vary", "{}"], "'{}' has no settings."),
        ([TEAM, SINGLE, "--repeat", "0"], "0 is not in the range"),
        ([TEAM, str(PLAYBOOKS / "severity-debate.yaml")], "these are not about the same incident"),
        ([TEAM, "--vary", "coordinator.strategy=paralel"], "--vary coordinator.strategy=paralel"),
        ([TEAM, "nowhere.yaml"], "'nowhere.yaml' does not exist"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_any_run(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = sre_run(capsys, *arguments, "--offline", "--runs", str(tmp_path / "runs"))
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of one specialist, in the working directory."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def script(runs: int, conclusion: Step | None = None) -> dict[str, Any]:
    investigation = [reply(use("list_pods")), reply(use("submit_report", FOUND))]
    return {"pods": investigation * runs, "lead": [conclusion or reply(use("submit_conclusion", CONCLUSION))] * runs}


def test_with_a_model_there_are_times_and_costs(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback(script(4)) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        given = ["playbooks/checkout.yaml", "--vary", "model.name=claude-sonnet-4-6", "--repeat", "2", "-q"]
        code, out, err = sre_run(capsys, *given)
    assert (code, err) == (0, "")
    assert "Rehearsal" not in out
    assert row(out, "model calls") == ["3", "3"]
    assert [
        int(asked) - int(met) for asked, met in zip(row(out, "expectations"), row(out, "… that are met"), strict=True)
    ] == [1, 1]
    (first, other) = (float(cell.removeprefix("$")) for cell in row(out, "cost"))
    assert 0 < first < other
    assert "of the wall time" in out or "times the wall time" in out or " wall time, for the same tokens" in out
    assert "for the same tokens and 3.00 times the cost, and comes to the same verdict (severity P1)" in out


def test_ctrl_c_keeps_the_runs_that_came_to_their_end(room: Path) -> None:
    slow = [reply(use("list_pods")), reply(use("submit_report", FOUND)).after(60)]
    plays = script(2)
    with Loopback({**plays, "pods": [*plays["pods"], *slow]}) as server:
        program = "import sys; from sre_runner.cli import main; main(sys.argv[1:])"
        arguments = ["compare", "playbooks/checkout.yaml", "--vary", "coordinator.max_parallel=1", "--repeat", "9"]
        command = [sys.executable, "-c", program, *arguments]
        with subprocess.Popen(
            command, stdout=-1, stderr=-1, env={**os.environ, **server.environ}, text=True
        ) as process:
            assert process.stderr
            while not (line := process.stderr.readline()).startswith("run 3 of 18"):
                assert line
            while len(server.of("pods")) < 6:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert row(out, "runs") == ["1", "1"]
    assert "note: The comparison was interrupted; checkout-" in err
    assert "- The comparison was interrupted; checkout-" in out
    assert len(list((room / "runs").iterdir())) == 3


def test_a_result_that_cannot_be_printed_is_told(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    program = "import sys; from sre_runner.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, "compare", SINGLE, SINGLE, "--offline", "-q", "--runs", str(tmp_path)]
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "error: the result cannot be printed: No space left on device\n")
