"""A command is one module: `hello.py` beside this, added to a copy of the package with one entry."""

from __future__ import annotations

from pathlib import Path

import pytest
from extended import Extended


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Extended:
    package = Extended(tmp_path_factory.mktemp("package"))
    package.add(Path(__file__).with_name("hello.py"), "commands")
    package.entry("cli.py", ('    "resume": ', '    "hello": "sre_runner.commands.hello:hello",\n'))
    return package


def test_it_is_a_verb_with_help(package: Extended, tmp_path: Path) -> None:
    assert package.run("hello", "there", cwd=tmp_path) == "Hello, there!\n"
    assert "  hello     Greet somebody.\n  resume " in package.run("--help", cwd=tmp_path)
    assert "Did you mean hello?" in package.run("helo", cwd=tmp_path, code=2)
