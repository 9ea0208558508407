from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sre_runner.commands.init import EXAMPLES, FOLDERS, examples, init, starter
from sre_runner.config.loading import validate
from sre_runner.errors import RunnerError

ROOT = Path(__file__).parents[2]
Init = Callable[[Path], str]


def started(directory: Path, *options: str) -> str:
    """What `init` printed."""
    result = CliRunner().invoke(init, [*options, str(directory)], catch_exceptions=False, standalone_mode=False)
    assert result.return_value == 0
    return result.stdout


def tree(directory: Path) -> dict[str, str]:
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_the_whole_configuration_is_written(tmp_path: Path) -> None:
    room = tmp_path / "deep" / "room"
    printed = started(room)
    written = tree(room)
    shipped = {
        path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()
    }
    schemas = {f".schemas/{kind}.schema.json" for kind in ("agent", "tools", "playbook")}
    assert set(written) == shipped | schemas | {".gitignore"}
    assert written[".gitignore"] == "runs/\n"
    assert f"Wrote {len(shipped | schemas)} files into {room}" in printed
    for name in shipped:
        original = (ROOT / name).read_text(encoding="utf-8")
        assert written[name].split("\n")[1:] == original.split("\n")[1:]


def test_what_was_written_is_a_configuration_without_a_problem(tmp_path: Path) -> None:
    started(tmp_path)
    checked = validate((tmp_path,), None)
    assert checked.usable
    assert checked.playbooks


def test_every_schema_line_points_to_a_schema_that_is_there(tmp_path: Path) -> None:
    started(tmp_path, "--examples")
    for folder in FOLDERS:
        for path in [*(tmp_path / folder).glob("*.yaml"), *(tmp_path / EXAMPLES / folder).glob("*.yaml")]:
            first = path.read_text(encoding="utf-8").split("\n")[0]
            line = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
            assert line, path
            assert json.loads((path.parent / line[1]).read_text(encoding="utf-8"))["$schema"].endswith("2020-12/schema")


def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "tools.d").mkdir()
    (tmp_path / "tools.d" / "logs.yaml").write_text("mine")
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d" / "planner.yaml").symlink_to("nowhere")
    with pytest.raises(RunnerError) as refused:
        started(tmp_path)
    assert "nothing was written" in refused.value.message
    for name in ("tools.d/logs.yaml", "agents.d/planner.yaml"):
        assert str(tmp_path / name) in refused.value.message
    assert refused.value.message.count(str(tmp_path)) == 2
    assert tree(tmp_path) == {"tools.d/logs.yaml": "mine"}


def test_a_file_in_the_place_of_a_folder_is_seen_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "playbooks").write_text("mine")
    with pytest.raises(RunnerError, match=r"playbooks/payment-gateway\.yaml"):
        started(tmp_path)
    assert tree(tmp_path) == {"playbooks": "mine"}


def test_other_files_stay_and_gitignore_is_left_to_its_owner(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d" / "mine.yaml").write_text("mine")
    printed = started(tmp_path)
    assert "Let it have the line runs/" in printed
    assert tree(tmp_path)[".gitignore"] == "*.pyc\n"
    assert tree(tmp_path)["agents.d/mine.yaml"] == "mine"


def test_the_name_of_a_folder_steers_no_terminal(tmp_path: Path) -> None:
    printed = started(tmp_path / "\x1b[31mroom")
    assert "\x1b" not in printed
    assert re.match(rf"Wrote \d+ files into {re.escape(str(tmp_path))}/\\x1b\[31mroom: ", printed)


def test_the_next_steps_can_be_copied(tmp_path: Path) -> None:
    printed = started(tmp_path / "two words")
    assert f"cd '{tmp_path / 'two words'}'\n" in printed
    assert "sre-run playbooks/payment-gateway.yaml --offline" in printed
    assert "playbooks/payment-gateway.yaml" in starter()


@pytest.fixture(scope="module")
def with_examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("examples") / "room"
    printed = started(room, "--examples")
    assert "playbooks, runbooks, examples and .schemas" in printed
    assert "sre-run test examples --offline" in printed
    return room


def test_the_examples_are_a_configuration_with_the_starters_agents(with_examples: Path) -> None:
    written = tree(with_examples)
    assert set(written) == {*starter(), *examples(), ".gitignore"}
    own = {path.relative_to(ROOT).as_posix() for path in (ROOT / EXAMPLES).rglob("*") if path.is_file()}
    agents = {f"{EXAMPLES}/{name}" for name in starter() if name.startswith("agents.d/")}
    assert set(examples()) == own | agents
    for name in agents:
        assert written[name].split("\n")[1:] == written[name.removeprefix(f"{EXAMPLES}/")].split("\n")[1:]
    checked = validate((with_examples / EXAMPLES,), None)
    assert [problem.message for problem in checked.problems if not problem.warning] == []
    assert len(checked.playbooks) == 11


def test_without_the_option_there_are_no_examples(tmp_path: Path) -> None:
    assert EXAMPLES not in started(tmp_path)
    assert not (tmp_path / EXAMPLES).exists()


def test_no_file_of_the_examples_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / EXAMPLES / "playbooks").mkdir(parents=True)
    (tmp_path / EXAMPLES / "playbooks" / "false-alarm.yaml").write_text("mine")
    with pytest.raises(RunnerError, match=r"examples/playbooks/false-alarm\.yaml"):
        started(tmp_path, "--examples")
    assert tree(tmp_path) == {f"{EXAMPLES}/playbooks/false-alarm.yaml": "mine"}
