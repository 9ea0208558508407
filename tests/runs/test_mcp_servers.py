"""An MCP server's tools against the files of a configuration: real servers, and one that means harm."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
import yaml

from sre_runner.config.directory import Directory
from sre_runner.errors import ConfigError, RunnerError
from sre_runner.render import mcp as rendered
from sre_runner.render.run.export import dump
from sre_runner.runs.mcp_servers import Listing, entries_of, listing, only

PROGRAMS = Path(__file__).parents[1] / "tools"
FILE = "tools.d/new.yaml"


def room(folder: Path, tools: dict[str, object] | None = None) -> Directory:
    servers = {
        "sdk": {"mcp": {"command": [sys.executable, str(PROGRAMS / "mcp_server.py"), "stdio"]}},
        "nasty": {"mcp": {"command": [sys.executable, str(PROGRAMS / "mcp_hostile.py"), "nasty"]}},
        "many": {"mcp": {"command": [sys.executable, str(PROGRAMS / "mcp_hostile.py"), "many"]}},
        "web": {"url": "http://localhost"},
    }
    entries = tools or {"other": {"description": "x", "simulated": {"answers": [{"return": 1}]}}}
    for name in ("agents.d", "tools.d"):
        (folder / name).mkdir(exist_ok=True)
    whole = {name: {"effect": "read", "input_schema": {"type": "object"}, **entry} for name, entry in entries.items()}  # type: ignore[dict-item]
    text = yaml.safe_dump({"servers": servers, "tools": whole}, sort_keys=False)
    (folder / "tools.d" / "live.yaml").write_text(text, encoding="utf-8")
    return Directory(folder)


def listed(folder: Directory, server: str, *tools: str) -> Listing:
    return only(asyncio.run(listing(folder, server, os.environ)), tools)


def live(tool: str, description: str = "Another.") -> dict[str, object]:
    return {"description": description, "live": {"mcp": {"server": "sdk", "tool": tool}}}


def test_tools_in_the_servers_order_then_those_that_are_gone(tmp_path: Path) -> None:
    folder = room(tmp_path, {"my_echo": live("echo"), "gone": live("no-such"), "again": live("echo")})
    found = listed(folder, "sdk", "echo", "fails", "no-such")
    assert [(row.tool, row.held and row.held.name, bool(row.offered)) for row in found.rows] == [
        ("echo", "my_echo", True),
        ("echo", "again", True),
        ("fails", None, True),
        ("no-such", "gone", False),
    ]
    assert found.changed
    assert found.rows[0].differs[0] == "Its description differs from the file's."
    assert "-Another.\n+Say it again." in found.rows[0].difference
    assert found.rows[3].difference == ""
    text = rendered.text(found)
    assert text.startswith("MCP server sdk: test-server 1.2.3 (")
    told = [line.split() for line in text.splitlines()[2:]]
    shown = next(row.held.file for row in found.rows if row.held)
    assert told == [
        ["echo", "read", shown, "(my_echo)", "no"],
        ["echo", "read", shown, "(again)", "no"],
        ["fails", "read", "-", "-"],
        ["no-such", "-", shown, "(gone)", "gone"],
    ]
    assert rendered.differences(found).count("--- file\n+++ server\n") == 2
    assert "gone: the server no longer offers no-such\n" in rendered.differences(found)


def test_what_is_written_is_what_the_server_offers(tmp_path: Path) -> None:
    folder = room(tmp_path)
    text = entries_of(folder, FILE, listed(folder, "sdk", "echo", "dies"))
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    again = listed(Directory(tmp_path), "sdk", "echo", "dies")
    assert [row.differs for row in again.rows] == [(), ()]
    assert not again.changed
    assert [row.held and row.held.entry["effect"] for row in again.rows] == ["read", "write"]
    assert rendered.differences(again) == ""
    assert rendered.text(again).splitlines()[2].split()[-1] == "yes"


def test_names_that_are_taken_or_unknown_or_unusable_are_refused(tmp_path: Path) -> None:
    folder = room(tmp_path, {"echo": live("echo")})
    with pytest.raises(RunnerError, match="there are tools of these names already: `echo`") as taken:
        entries_of(folder, FILE, listed(folder, "sdk", "echo", "fails"))
    assert "sre-run mcp sdk --diff" in taken.value.hint
    with pytest.raises(RunnerError, match=r"does not offer `ecco`\. Did you mean `echo`\?"):
        listed(folder, "sdk", "ecco")
    with pytest.raises(RunnerError, match=r"`with\.dots` cannot be the name of a tool here"):
        entries_of(folder, FILE, listed(folder, "sdk", "fails", "with.dots"))


def test_servers_that_are_not_there_or_of_another_kind(tmp_path: Path) -> None:
    folder = room(tmp_path)
    for name in ("sdkk", "web"):
        with pytest.raises(RunnerError, match=f"there is no MCP server `{name}`") as raised:
            listed(folder, name)
        assert "`sdk`" in raised.value.hint
    with pytest.raises(RunnerError, match="lists its tools without end"):
        listed(folder, "many")


def test_a_server_that_means_harm_steers_nothing(tmp_path: Path) -> None:
    folder = room(tmp_path)
    found = listed(folder, "nasty")
    text = rendered.text(found)
    assert len(text.splitlines()) == 2 + 6
    assert max(map(len, text.splitlines())) < 200
    for shown in (text, dump(rendered.to_json(found))):
        assert not set("\x1b\u202e\x07") & set(shown)
    with pytest.raises(RunnerError) as refused:
        entries_of(folder, FILE, found)
    assert "`do` twice" in refused.value.message
    assert len(refused.value.message) < 1000
    written = entries_of(folder, FILE, listed(folder, "nasty", "fine"))
    assert not set("\x1b\u202e") & set(written)


def test_a_tool_whose_schema_cannot_be_checked_here_is_a_located_problem(tmp_path: Path) -> None:
    folder = room(tmp_path)
    program = tmp_path / "server.py"
    text = (PROGRAMS / "mcp_hostile.py").read_text(encoding="utf-8")
    bad = '{"type": "object", "properties": {"a": {"$ref": "https://elsewhere/x"}}}'
    program.write_text(text.replace('{"type": "object"}}', f"{bad}}}", 1), encoding="utf-8")
    data = folder.root / "tools.d" / "live.yaml"
    data.write_text(data.read_text(encoding="utf-8").replace(str(PROGRAMS / "mcp_hostile.py"), str(program)), "utf-8")
    folder = Directory(tmp_path)
    with pytest.raises(ConfigError) as raised:
        entries_of(folder, FILE, listed(folder, "nasty", "fine"))
    assert raised.value.problems[0].file == FILE
    assert not (tmp_path / FILE).exists()
