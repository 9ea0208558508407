"""docs/testing-playbooks.md: its YAML is that of the playbooks, its failure is what is printed, its keys are those."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml
from pages import ROOT, fences, first_cells, keys

from sre_runner.commands.init import starter
from sre_runner.models.offline.notice import REHEARSAL

PAGE = ROOT / "docs" / "testing-playbooks.md"
EXAMPLES = ROOT / "examples"
PLAYBOOKS = {path.stem: path.read_text(encoding="utf-8") for path in (EXAMPLES / "playbooks").glob("*.yaml")}
TRUTH: dict[str, str] = yaml.safe_load((EXAMPLES / "severities.yaml").read_text(encoding="utf-8"))
PROGRAM = [sys.executable, "-c", "import sys; from sre_runner.cli import main; main(sys.argv[1:])"]


def plain(text: str) -> str:
    """Without what depends on the clock."""
    return re.sub(r"payment-gateway-\d{8}-\d{6}", "…", re.sub(r"\d+\.\d s", "… s", text))


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The example that fails, run as the page says; with `--json` besides, the lines are on stderr."""
    room = tmp_path_factory.mktemp("room")
    for name, text in starter().items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")
    playbook = room / "playbooks" / "payment-gateway.yaml"
    playbook.write_text(playbook.read_text(encoding="utf-8") + fences(PAGE, "yaml")[2], encoding="utf-8")
    command = [
        *PROGRAM,
        "test",
        "playbooks/payment-gateway.yaml",
        "--offline",
        "--case",
        "unconfirmed-orders",
        "--json",
    ]
    return subprocess.run(command, cwd=room, capture_output=True, text=True, check=False)


def test_what_is_shown_of_the_playbooks_stands_in_them() -> None:
    expect, case, _ = fences(PAGE, "yaml")
    assert expect in (ROOT / "playbooks" / "payment-gateway.yaml").read_text(encoding="utf-8")
    assert case in (ROOT / "playbooks" / "triage-to-verification.yaml").read_text(encoding="utf-8")


def test_the_failure_is_what_is_printed(tested: subprocess.CompletedProcess[str]) -> None:
    assert tested.returncode == 1, tested.stderr
    _, shown, _ = fences(PAGE, "text")
    lines = tested.stderr.splitlines(keepends=True)
    assert {lines[0], lines[-1]} == {f"{REHEARSAL}\n"}
    assert plain(shown) == plain("".join(lines[1:-1]))


def test_every_key_of_the_json_is_documented_and_no_other(tested: subprocess.CompletedProcess[str]) -> None:
    data: dict[str, Any] = json.loads(tested.stdout)
    data["skipped"] = [{"playbook": "x", "file": "x.yaml"}]
    documented = [cell for cell in first_cells(PAGE) if cell not in PLAYBOOKS]
    assert sorted(documented) == sorted(set(keys(data)))


def test_what_the_page_says_of_the_examples_is_what_their_playbooks_expect() -> None:
    rows = [line.strip("|").split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    told = {name.strip(): (cells[0].strip(), cells[1].strip()) for name, *cells in rows if name.strip() in PLAYBOOKS}
    reached = {name: yaml.safe_load(text)["expect"]["verdicts"]["severity"] for name, text in PLAYBOOKS.items()}
    assert told == {name: tuple(reached[name]) for name in TRUTH if TRUTH[name] != reached[name]}
