"""docs/editor.md: its settings name schemas that there are and match the files that they are for; its commands run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pages import fences, shell

from sre_runner.commands.init import init
from sre_runner.commands.schema import FOLDER, KINDS, file_name
from sre_runner.config.directory import FOLDERS

PAGE = Path(__file__).parents[2] / "docs" / "editor.md"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("room")
    assert CliRunner().invoke(init, [str(folder)], standalone_mode=False).return_value == 0
    return folder


def settings() -> list[dict[str, Any]]:
    """What is said to a language server: in VS Code's settings, and in those of other editors."""
    recommended, code, other = (json.loads(text) for text in fences(PAGE, "json"))
    assert recommended == {"recommendations": ["redhat.vscode-yaml"]}
    plain = {f"yaml.{name}": value for name, value in other["yaml"].items()}
    assert set(plain) == set(code)
    return [code, plain]


def expanded(pattern: str) -> list[str]:
    """The patterns that one with `{a,b}` stands for."""
    match = re.fullmatch(r"(.*)\{(.*)}(.*)", pattern)
    return [match[1] + part + match[3] for part in match[2].split(",")] if match else [pattern]


def test_every_schema_is_there_and_is_for_its_kind_of_file(room: Path) -> None:
    for one in settings():
        assert one["yaml.yamlVersion"] == "1.2"
        assert len(one["yaml.schemas"]) == len(KINDS)
        for (name, pattern), kind in zip(one["yaml.schemas"].items(), KINDS, strict=True):
            path = room / name
            assert path == room / FOLDER / file_name(kind)
            assert json.loads(path.read_text(encoding="utf-8"))["$id"] == f"urn:sre-run:schema:{kind}"
            found = {file for each in expanded(pattern) for file in room.glob(each)}
            assert found == {*(room / FOLDERS[kind]).glob("*.yaml")} != set()


def test_the_line_is_the_one_that_files_have(room: Path) -> None:
    (line,) = fences(PAGE, "yaml")
    for path in (room / "agents.d").iterdir():
        assert path.read_text(encoding="utf-8").startswith(line)


def test_its_commands_run(room: Path) -> None:
    for block in fences(PAGE, "text"):
        for line in block.splitlines():
            shell(re.split(r"\s{2,}", line)[0], room)
    assert "no problems" in shell("sre-run validate", room)
