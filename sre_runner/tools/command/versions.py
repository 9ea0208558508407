"""Which version of a program is installed, where it is known how to ask it without side effects."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from sre_runner.tools.command.programs import known_as
from sre_runner.tools.processes import run

ASKED: Mapping[str, tuple[str, ...]] = {
    "aws": ("--version",),
    "crictl": ("--version",),
    "docker": ("--version",),
    "flux": ("--version",),
    "git": ("--version",),
    "helm": ("version", "--short"),
    "jq": ("--version",),
    "kubectl": ("version", "--client"),
    "logcli": ("--version",),
    "oc": ("version", "--client"),
    "podman": ("--version",),
    "promtool": ("--version",),
    "psql": ("--version",),
    "redis-cli": ("--version",),
}
"""Arguments by program. One that is not listed is not run: nobody knows what it would do."""

SECONDS = 10.0
_MOST_BYTES = 64 * 1024


def found(program: str, env: Mapping[str, str], directory: Path) -> str | None:
    """The path of a program as it is started with this environment; None where there is none that can be run."""
    where = str(directory / program) if "/" in program else program
    return shutil.which(where, path=env.get("PATH", os.defpath))


async def version(program: str, path: str, env: Mapping[str, str], directory: Path, seconds: float = SECONDS) -> str:
    """The first line of what a program says of its version, "" for one that is not asked. Raises `OSError`."""
    arguments = ASKED.get(known_as(program))
    if arguments is None:
        return ""
    finished = await run([path, *arguments], env=env, cwd=directory, seconds=seconds, grace=1.0, most_bytes=_MOST_BYTES)
    if finished.timed_out:
        raise TimeoutError(f"{program} {' '.join(arguments)} did not end within {seconds:g} s")
    lines = (finished.stdout.strip() or finished.stderr.strip()).splitlines()
    if finished.exit_code:
        raise OSError(f"{program} {' '.join(arguments)} failed: {lines[0] if lines else finished.exit_code}")
    return lines[0].removeprefix("Client Version: ") if lines else ""
