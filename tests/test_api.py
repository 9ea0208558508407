"""`sre_runner.investigate`: the entry for Python programs, and `python -m sre_runner`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from commands.test_texts import ALERT, FILES
from pages import fences, first_cells

import sre_runner
from sre_runner.api import Options
from sre_runner.errors import ConfigError, ExitCode, ServiceError
from sre_runner.journal.events import Entry

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "python.md"


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "playbooks" / "checkout.yaml"


def test_an_investigation_has_a_typed_result_and_its_folder(playbook: Path) -> None:
    seen: list[Entry] = []
    found = sre_runner.investigate(
        playbook,
        alert=ALERT,
        labels={"by": "test"},
        started_at=datetime(2026, 11, 1, tzinfo=UTC),
        settings={"coordinator.max_parallel": 2, "description": "'quoted'"},
        offline=True,
        listener=seen.append,
    )
    assert found.exit_code is ExitCode.OK
    assert found.severity in ("P1", "P2", "P3", "P4")
    assert found.conclusion
    assert not found.conclusion.partial
    assert found.rehearsal
    assert found.folder.parent == playbook.parents[1] / "runs"
    assert found.run == found.folder.name
    assert {path.name for path in found.folder.iterdir()} == {"journal.jsonl", "conclusion.md", "run.json"}
    assert json.loads((found.folder / "run.json").read_text())["conclusion"] == found.to_json()["conclusion"]
    started = found.record.started
    assert started.case.inputs["service"] == "cart"
    assert started.case.incident_started_at == "2026-11-01T00:00:00+00:00"
    assert started.labels["by"] == "test"
    assert started.configuration["playbook"]["coordinator"]["max_parallel"] == 2
    assert started.configuration["playbook"]["description"] == "quoted"
    assert seen


def test_several_share_an_event_loop(playbook: Path, tmp_path: Path) -> None:
    async def both() -> list[sre_runner.Investigated]:
        each = (
            sre_runner.investigate_async(str(playbook), inputs={"service": name}, offline=True, runs=tmp_path / "two")
            for name in ("a", "b")
        )
        return list(await asyncio.gather(*each))

    found = asyncio.run(both())
    assert [each.record.started.case.task for each in found] == ["a is down.", "b is down."]
    assert len(list((tmp_path / "two").iterdir())) == 2


def test_in_a_running_loop_it_says_what_to_await(playbook: Path) -> None:
    async def wrong() -> None:
        sre_runner.investigate(playbook, offline=True)

    with pytest.raises(sre_runner.RunnerError, match="running event loop") as caught:
        asyncio.run(wrong())
    assert "investigate_async" in caught.value.hint


def test_in_another_thread_it_leaves_signals_alone(playbook: Path) -> None:
    found: list[Any] = []
    options: Options = {"inputs": {"service": "a"}, "offline": True}
    thread = threading.Thread(target=lambda: found.append(sre_runner.investigate(playbook, **options)))
    thread.start()
    thread.join(30)
    assert [each.exit_code for each in found] == [ExitCode.OK]


def test_what_cannot_run_is_raised(playbook: Path) -> None:
    with pytest.raises(ServiceError, match="no credentials"):
        sre_runner.investigate(playbook, inputs={"service": "x"})
    with pytest.raises(ConfigError) as caught:
        sre_runner.investigate(playbook, offline=True)
    assert "comes from" in str(caught.value.problems[0]) or "taken from an alert" in str(caught.value.problems[0])
    with pytest.raises(sre_runner.RunnerError, match="there is no playbook"):
        sre_runner.investigate("nope.yaml", offline=True)
    with pytest.raises(TypeError, match="'offlin'"):
        sre_runner.investigate(playbook, offlin=True)  # type: ignore[call-arg]
    with pytest.raises(sre_runner.RunnerError, match="no write tool"):
        sre_runner.investigate(playbook, inputs={"service": "x"}, offline=True, allow_write=["list_pods"])
    assert not (playbook.parents[1] / "runs").exists()


def test_every_argument_is_on_the_page_and_its_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = " ".join(first_cells(PAGE)).replace("`", "").replace(",", "")
    assert set(Options.__annotations__) <= set(words.split())
    from sre_runner.commands.init import starter

    for name, text in starter().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (example,) = fences(PAGE, "python")
    exec(compile(example, "python.md", "exec"), {})
    assert capsys.readouterr().out.startswith("P1 ")


@pytest.mark.no_cover
def test_importing_the_package_imports_nothing_else_of_it() -> None:
    script = (
        "import sys, sre_runner; print(sorted(n for n in sys.modules if n.startswith('sre_runner')),"
        " 'asyncio' in sys.modules, sre_runner.RunnerError.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "['sre_runner'] False RunnerError\n"


@pytest.mark.no_cover
def test_python_m_is_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sre_runner", "--version"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.startswith("sre-run, version ")


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        sre_runner.nothing  # noqa: B018
