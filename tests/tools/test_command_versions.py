"""Which version of a program there is: real programs of a few lines, found and asked as a tool would run them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sre_runner.tools.command.versions import ASKED, found, version


def program(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def asked(folder: Path, name: str) -> str:
    env = {"PATH": f"{folder}:/usr/bin:/bin"}
    path = found(name, env, folder)
    assert path == str(folder / name)
    return asyncio.run(version(name, path, env, folder))


def test_a_known_program_is_asked_in_its_own_way(tmp_path: Path) -> None:
    program(tmp_path, "helm", 'echo "v3.1 $*"; echo more')
    program(tmp_path, "git", 'echo "git $*" >&2')
    program(tmp_path, "kubectl", 'echo "Client Version: v1.32.4"')
    program(tmp_path, "jq", ":")
    assert asked(tmp_path, "helm") == "v3.1 version --short"
    assert asked(tmp_path, "git") == "git --version"
    assert asked(tmp_path, "kubectl") == "v1.32.4"
    assert asked(tmp_path, "jq") == ""


def test_a_program_that_nobody_knows_is_not_run(tmp_path: Path) -> None:
    program(tmp_path, "reboot-all", "touch ran")
    assert asked(tmp_path, "reboot-all") == ""
    assert not (tmp_path / "ran").exists()


def test_one_that_fails_says_why(tmp_path: Path) -> None:
    program(tmp_path, "docker", "echo no daemon >&2; exit 3")
    with pytest.raises(OSError, match="docker --version failed: no daemon"):
        asked(tmp_path, "docker")
    program(tmp_path, "docker", "exit 3")
    with pytest.raises(OSError, match="docker --version failed: 3"):
        asked(tmp_path, "docker")


def test_one_that_hangs_is_stopped(tmp_path: Path) -> None:
    path = program(tmp_path, "jq", "sleep 60")
    with pytest.raises(TimeoutError, match=r"jq --version did not end within 0\.2 s"):
        asyncio.run(version("jq", path, {"PATH": "/usr/bin:/bin"}, tmp_path, 0.2))


def test_where_it_is_looked_for(tmp_path: Path) -> None:
    program(tmp_path, "tool", ":")
    assert found("./tool", {}, tmp_path) == str(tmp_path / "./tool")
    assert found("tool", {"PATH": "/nowhere"}, tmp_path) is None
    assert found("sh", {}, tmp_path)
    (tmp_path / "tool").chmod(0o644)
    assert found("./tool", {}, tmp_path) is None


def test_what_is_asked_is_about_the_version_alone() -> None:
    for arguments in ASKED.values():
        assert "version" in arguments[0]
        assert set(arguments[1:]) <= {"--client", "--short"}
