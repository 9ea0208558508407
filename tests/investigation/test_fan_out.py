"""Two hundred specialists at once through the real SDK, every fifth of which fails, hangs or answers rubbish."""

from __future__ import annotations

import gc
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, dropped, error, raw, reply, text, use
from team import submit

from sre_runner.casefile import Status
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

pytestmark = pytest.mark.no_cover

AGENT = """\
description: Looks at part {name}.
prompt: Part {name} is yours.
tools: [ping]
timeout: {timeout}
"""
LEAD = "role: synthesizer\ndescription: Concludes.\nprompt: You conclude.\n"
TOOLS = """\
tools:
  ping:
    description: Ask whether a part is up.
    input_schema: {type: object, properties: {part: {type: string}}}
    simulated: {answers: [{return: "the part is up"}]}
"""
NAMES = [f"s{number:03}" for number in range(200)]
HANGS = reply(text("too late")).after(30)
TROUBLE: dict[str, list[Any]] = {
    "no such model": [error(404, "no such model")],
    "refused": [reply(text("no"), stop="refusal")],
    "hangs": [HANGS],
    "rubbish": [reply(text("blah"), stop="end_turn")] * 2,
    "broken report": [submit(confidence="very")] * 2,
}


def room(tmp_path: Path, hanging: set[str]) -> Path:
    for folder in ("agents.d", "tools.d", "playbooks"):
        (tmp_path / folder).mkdir()
    for name in NAMES:
        agent = AGENT.format(name=name, timeout=8 if name in hanging else 120)
        (tmp_path / "agents.d" / f"{name}.yaml").write_text(agent)
    (tmp_path / "agents.d" / "lead.yaml").write_text(LEAD)
    (tmp_path / "tools.d" / "ping.yaml").write_text(TOOLS)
    playbook = tmp_path / "playbooks" / "wide.yaml"
    coordinator = "{strategy: parallel, synthesizer: lead, max_parallel: 200}"
    playbook.write_text(f"task: Look.\nspecialists: [{', '.join(NAMES)}]\ncoordinator: {coordinator}\n")
    return playbook


def test_every_fifth_in_trouble_costs_every_fifth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = list(TROUBLE)
    trouble = {name: kinds[number // 5 % len(kinds)] for number, name in enumerate(NAMES) if number % 5 == 0}
    good = [reply(use("ping", {"part": "x"})), submit(findings=[])]
    once_dropped = [dropped(), *good]
    scripts: dict[str, Any] = {
        name: list(TROUBLE[trouble[name]] if name in trouble else once_dropped if name.endswith("7") else good)
        for name in NAMES
    }
    playbook = room(tmp_path, {name for name, kind in trouble.items() if kind == "hangs"})
    threads = threading.active_count()
    with Loopback({**scripts, "You conclude": [submit(evidence=[])]}) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        record, _ = run(RunOptions(playbook, runs=tmp_path / "runs"))
    assert record.conclusion
    assert record.conclusion.by_model
    assert record.exit_code == 3
    assert [line.split()[0] for line in record.conclusion.missing] == list(trouble)
    done = Counter(str(work.report.status) for work in record.work.values() if work.report)
    assert done[Status.COMPLETED] == 160 + 1
    assert done.total() == 201
    problems = dict(zip(trouble, record.conclusion.missing, strict=True))
    says = {"no such model": "no such model", "refused": "refused", "hangs": "no report within 8 seconds"}
    assert all(words in problems[name] for name, kind in trouble.items() for key, words in says.items() if key == kind)
    gc.collect()  # an unclosed connection or a task that was never awaited is a warning, and a warning is an error
    assert threading.active_count() <= threads


def test_a_service_that_answers_nobody_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = room(tmp_path, set())
    with Loopback(dict.fromkeys([*NAMES], lambda _: raw(b"not json", 400, "text/plain"))) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        record, _ = run(RunOptions(playbook, runs=tmp_path / "runs"))
    assert record.exit_code == 4
    assert record.conclusion
    assert len(record.conclusion.missing) == 201
