"""A real process of `sre-run` whose reader goes away before it prints anything."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = "import sys; sys.stdin.read(); from sre_runner.cli import main; main(sys.argv[1:])"


def without_reader(*arguments: str) -> tuple[int, str]:
    """What it exits with, and what it says on stderr."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments], stdin=-1, stdout=-1, stderr=-1, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.close()
        said = process.stderr.read()
    return process.returncode, said
