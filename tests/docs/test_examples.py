"""The examples as `sre-run init --examples` writes them: tested as a user tests them, and true to their stories."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from sre_runner.cli import main
from sre_runner.commands.init import EXAMPLES, examples

ROOT = Path(__file__).parents[2]
PLAYBOOKS = {path.stem: path for path in sorted((ROOT / EXAMPLES / "playbooks").glob("*.yaml"))}
TRUTH: dict[str, str] = yaml.safe_load((ROOT / EXAMPLES / "severities.yaml").read_text(encoding="utf-8"))
RIGHT = re.compile(r"# (P[1-4]) is right: ")


@pytest.fixture
def room(tmp_path: Path) -> Path:
    for name, text in examples().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / EXAMPLES


@pytest.fixture
def sre_run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The JSON that a command prints, which must end well."""

    def ran(*arguments: str) -> Any:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--json"])
        printed = capsys.readouterr()
        assert ended.value.code == 0, printed.out + printed.err
        return json.loads(printed.out)

    return ran


def test_the_starters_team_comes_to_what_is_expected_and_four_severities_are_right(
    room: Path, sre_run: Callable[..., Any]
) -> None:
    tested = sre_run("test", str(room), "--offline")
    assert tested["counts"] == {"passed": 11, "failed": 0, "error": 0, "interrupted": 0, "skipped": 0}
    runs = map(str, sorted((room / "runs").iterdir()))
    counted = sre_run("vote", *runs, "--truth", str(room / "severities.yaml"))
    assert counted["without_truth"] == counted["without_conclusion"] == []
    concluded = counted["accuracy"][-1]
    stated = [yaml.safe_load(path.read_text(encoding="utf-8"))["expect"] for path in PLAYBOOKS.values()]
    right = sum(isinstance(expect["verdicts"]["severity"], str) for expect in stated)
    assert (concluded["right"], concluded["runs"]) == (right, 11) == (4, 11)
    written = [json.loads(path.read_text(encoding="utf-8")) for path in (room / "runs").glob("*/run.json")]
    marks = [mark for run in written for mark in run["conclusion"]["marks"]]
    assert len(written) == 11
    assert {mark["kind"] for mark in marks} == {"danger", "placeholder"}


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_what_is_right_is_expected_and_what_the_offline_model_comes_to_instead_is_taken_too(name: str) -> None:
    text = PLAYBOOKS[name].read_text(encoding="utf-8")
    expected = yaml.safe_load(text)["expect"]["verdicts"]["severity"]
    assert RIGHT.findall(text) == ([] if isinstance(expected, str) else [TRUTH[name]])
    assert TRUTH[name] == (expected if isinstance(expected, str) else expected[0])


def test_every_example_has_a_severity() -> None:
    assert set(TRUTH) == set(PLAYBOOKS)


def test_the_tools_are_the_starters_with_other_answers() -> None:
    for path in sorted((ROOT / "tools.d").glob("*.yaml")):
        shipped, own = (
            yaml.safe_load((ROOT / folder / "tools.d" / path.name).read_text(encoding="utf-8"))["tools"]
            for folder in (".", EXAMPLES)
        )
        if path.stem == "runbooks":  # its examples are words of the starter's incident; a rehearsal searches for them
            del shipped["search_runbooks"]["input_schema"]["properties"]["query"]["examples"]
        for tools in (shipped, own):
            for tool in tools.values():
                del tool["simulated"]
                tool.pop("live", None)
        assert own == shipped


def test_the_files_name_the_published_schemas() -> None:
    for folder, kind in (("tools.d", "tools"), ("playbooks", "playbook")):
        for path in (ROOT / EXAMPLES / folder).glob("*.yaml"):
            first = path.read_text(encoding="utf-8").split("\n")[0]
            target = path.parent / first.removeprefix("# yaml-language-server: $schema=")
            assert target.resolve() == ROOT / "sre_runner" / "schemas" / f"{kind}.schema.json"
