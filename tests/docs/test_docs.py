"""What the README and docs/ say is so: commands run, links lead somewhere, excerpts and tables are real."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import re
import runpy
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from git_repository import git
from pages import ROOT, fences, first_cells, keys, parsed, shell
from wings import WINGS

import sre_runner
from sre_runner.casefile import (
    Assignment,
    Ballot,
    Case,
    Conclusion,
    Derived,
    Finding,
    Proposal,
    Report,
    Status,
    Unseen,
    Verdict,
)
from sre_runner.cli import main
from sre_runner.commands.init import starter
from sre_runner.config.loading import validate
from sre_runner.errors import ExitCode
from sre_runner.journal.changes import Change
from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallStarted,
    Concluded,
    Entry,
    RunStarted,
    Traced,
)
from sre_runner.journal.record import fold
from sre_runner.render.run.export import dump, to_json
from sre_runner.testing.expectations.check import Expectation

README = ROOT / "README.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
EXPERT = ("agents.d/deployment-expert.yaml", "tools.d/deployments.yaml")
OPEN_KEYS = re.compile(
    r"(case\.inputs|labels|versions|conclusion\.(fields|proposals\[]\.arguments)"
    r"|assignments\[]\.(blocks\[]\.data|report)|calls\[]\.arguments|writes\[]\.arguments)[.[]"
)
"""What is below these keys is not ours to document: names of inputs, of labels, of an agent's own fields."""

VERDICT = Verdict("severity", "severity_assessment", "majority", "P1", (Ballot("k8s-expert", "P1"),), "1 of 1")
PROPOSAL = Proposal("k8s-expert", "restart", {"pod": "x"})


def typed(script: str, cwd: Path) -> str:
    """The standard output of commands of `sre-run` that succeed, a line each; in this process, which is quicker."""
    with contextlib.chdir(cwd), contextlib.redirect_stdout(io.StringIO()) as out:
        for line in script.splitlines():
            program, *arguments = shlex.split(line, comments=True)
            assert program == "sre-run", line
            with contextlib.redirect_stderr(io.StringIO()) as err, pytest.raises(SystemExit) as ended:
                main(arguments)
            assert ended.value.code == 0, f"{line}\n{out.getvalue()}\n{err.getvalue()}"
    return out.getvalue()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which `sre-run init` was run."""
    folder = tmp_path_factory.mktemp("room")
    typed("sre-run init .", folder)
    return folder


@pytest.fixture(scope="module")
def rehearsal(room: Path) -> dict[str, Any]:
    """The JSON of a rehearsal of the shipped playbook; its Markdown is in `runs`."""
    printed = typed("sre-run playbooks/payment-gateway.yaml --offline --json -q --runs rehearsal", room)
    data: dict[str, Any] = json.loads(printed)
    return data


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    children = [child for token in parsed(page) for child in token.children or ()]
    links = [str(child.attrs["href"]) for child in children if child.type == "link_open"]
    for link in links:
        target, _, anchor = link.partition("#")
        if not target.startswith("https://"):
            path = page.parent / target if target else page
            assert path.exists(), link
            assert not anchor or anchor in anchors(path), link


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    tokens = parsed(page)
    headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.no_cover
def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    """Those that one begins with as a person types them: in a shell, each in a process of its own."""
    begin, *others = fences(README, "sh")
    shell(begin, tmp_path)
    for script in others:
        typed(script, tmp_path / "incident-room")


def test_no_other_page_has_commands_that_nothing_runs() -> None:
    """Those of add-a-specialist.md run below, with what has to be written between them."""
    assert [page.name for page in PAGES if fences(page, "sh")] == ["README.md", "add-a-specialist.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_need_a_service_or_a_checkout_are_right_but_for_these(page: Path, room: Path) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in "".join(fences(page, "shell")).splitlines():
        program, *arguments = shlex.split(line, comments=True)
        assert program in ("sre-run", "make", "export"), line
        if program == "sre-run" and arguments[0] in ("diff", "validate"):
            if shutil.which("git"):
                typed(line, checkout(room))
        elif program == "sre-run":
            typed(f"{line} --offline -q", room)
        elif program == "make":
            assert arguments[0] in targets


def checkout(room: Path) -> Path:
    """The room as a git repository."""
    if not (room / ".git").exists():
        git(room, "init", "-q", "--initial-branch", "main")
        git(room, "add", "--all")
        git(room, "commit", "-q", "-m", "begin")
    return room


def test_the_screen_in_the_readme_is_real(room: Path, rehearsal: dict[str, Any]) -> None:
    """But for where its lines end, and for when the run was."""
    from sre_runner.journal.record import record_of
    from sre_runner.render.run.screen import screen

    (shown,) = fences(README, "markdown")
    real = screen(record_of(room / "rehearsal" / rehearsal["run"]))
    assert _timeless(shown) == _timeless(real), "run docs/generate_excerpt.py"


def _timeless(text: str) -> str:
    return flat(re.sub(r"\d{8}-\d{6}|\d{4}-\d\d-\d\dT[\d:]+[+-]\d\d:\d\d", "…", text))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_exit_codes_are_those_that_there_are() -> None:
    codes = [str(code.value) for code in ExitCode]
    assert first_cells(ROOT / "docs" / "exit-codes.md") == ["130", "2", "4", "3", "1", "0"]
    assert [cell for cell in first_cells(README) if cell.isdigit()] == codes


def test_every_key_of_the_json_is_documented_and_no_other(rehearsal: dict[str, Any]) -> None:
    """A rehearsal has no debate, check, write, trace, doubt or change; of these there is a record that has them."""
    documented = first_cells(ROOT / "docs" / "json.md")
    conclusion = Conclusion({}, True, verdicts=(VERDICT,), compared=(VERDICT,), proposals=(PROPOSAL,))
    source = {"tools": {"restart": {"effect": "write"}}}
    finding = Finding("f1", "48", (), derived=(Derived("48", ("47", "1")),), unseen=(Unseen(0, 2, "48"),))
    report = Report("investigate/a", "a", Status.COMPLETED, findings=(finding,))
    record = fold(
        [
            Entry(0, RunStarted("r", Case("t", {}, "now"), source, "d", "offline", {})),
            Entry(1, AssignmentStarted(Assignment("investigate/a", "a", (), {}))),
            Entry(1, CallStarted(1, "tool", "investigate/a", "d", 1, "restart", {"pod": "a"}, "c1")),
            Entry(1, Traced("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")),
            Entry(2, AssignmentFinished(report, 1)),
            Entry(2, Concluded(conclusion)),
        ]
    )
    record.changes = (Change(1, "changed", "line 1 was changed"),)
    further = json.loads(dump(to_json(record, [Expectation("x is called", True, "it is")])))
    there = {key for data in (rehearsal, further) for key in keys(data) if not OPEN_KEYS.match(key)}
    assert sorted(documented) == sorted(there)
    assert [key for key in documented if "." not in key] == list(rehearsal) == list(further)


def test_the_architecture_page_has_every_wing_and_the_picture_of_today() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "generate_architecture.py"))
    assert made["page"]() == made["PAGE"].read_text(encoding="utf-8"), "run: python docs/generate_architecture.py"
    assert [*made["ORDER"]] == [wing for wing in WINGS if wing != "__main__"]


def test_the_way_of_a_playbook_is_told_by_functions_that_there_are() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    told = page.partition("## The way of one playbook")[2].partition("## ")[0]
    named = re.findall(r"`([a-z_]+(?:\.\w+)+)`", told)
    assert len(named) > 20
    for name in named:
        parts = name.split(".")
        package = Path(sre_runner.__file__).parent
        place = next(n for n in range(len(parts), 0, -1) if package.joinpath(*parts[:n]).with_suffix(".py").exists())
        found: object = importlib.import_module(".".join(["sre_runner", *parts[:place]]))
        for part in parts[place:]:
            found = getattr(found, part)
    assert 1 <= len(re.findall(r"^\d+\. ", told, re.MULTILINE)) <= 12


def test_the_deployment_expert_is_added_as_the_page_says(tmp_path: Path) -> None:
    page = ROOT / "docs" / "add-a-specialist.md"
    begin, end = fences(page, "sh")
    tools, agent, name = fences(page, "yaml")
    shell(begin, tmp_path)
    room = tmp_path / "incident-room"
    problems = validate([room]).problems
    assert f"reports {len(problems)} problems now" in page.read_text(encoding="utf-8")
    for file in {Path(problem.file).name for problem in problems}:
        assert f"/{file}`" in page.read_text(encoding="utf-8").partition("## 1.")[0]
    shipped = starter()
    for path, text in zip(EXPERT, (agent, tools), strict=True):
        assert text == shipped[path], "what `sre-run init` writes"
        assert not (room / path).exists()
        (room / path).write_text(text, encoding="utf-8")
    assert validate([room]).problems == ()
    playbook = room / "playbooks" / "payment-gateway.yaml"
    changed, count = re.subn(r"^specialists: .*\n", name, playbook.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert count == 1
    playbook.write_text(changed, encoding="utf-8")
    output = typed(end, room)
    assert "### deployment-expert: P" in output
    (run,) = (room / "runs").glob("*/run.json")
    data = json.loads(run.read_text(encoding="utf-8"))
    work = next(work for work in data["assignments"] if work["agent"] == "deployment-expert")
    assert work["status"] == "completed"
    assert work["findings"]
    called = {call["name"] for call in data["calls"] if call["assignment"] == work["id"] and call["kind"] == "tool"}
    assert {"compare_images", "list_config_changes"} <= called
