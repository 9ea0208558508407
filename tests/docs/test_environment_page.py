"""docs/environment.md names every variable that the code reads, and no other of ours."""

from __future__ import annotations

import re
from pathlib import Path

from click import Group
from wings import MODULES

from sre_runner.cli import COMMANDS, cli, command
from sre_runner.models.credentials import VARIABLES

PAGE = (Path(__file__).parents[2] / "docs" / "environment.md").read_text(encoding="utf-8")
OURS = re.compile(r"\b(?:SRE_RUN|ANTHROPIC)_[A-Z_]*[A-Z]\b")
READ = re.compile(r'environ(?:\.get\(|\[)\s*"([A-Z_]+)"')


def test_the_page_has_every_variable_of_ours_and_no_other() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in MODULES.values())
    assert set(OURS.findall(source)) == set(OURS.findall(PAGE)) >= {*VARIABLES, "SRE_RUN_RUNS", "SRE_RUN_DEBUG"}


def test_the_page_has_whatever_else_is_read() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in MODULES.values())
    read = set(READ.findall(source)) - {"APPDATA"}
    assert read
    assert all(f"`{name}`" in PAGE for name in read), read


def test_every_option_with_a_variable_is_on_the_page() -> None:
    assert isinstance(cli, Group)
    options = [option for name in COMMANDS for option in command(name).params if option.envvar]
    assert options
    for option in options:
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{option.envvar}`"))
        assert f"`{option.opts[0]}`" in row
