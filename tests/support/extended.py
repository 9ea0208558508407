"""A copy of the package with something added to it, as a person adds it: a module, and an entry where its kind is
listed; and the program that it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Extended:
    """A copy below a folder. `add` gives it a module, `entry` lists it, `run` is its command line."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "extended"
        shutil.copytree(ROOT / "sre_runner", self.root / "sre_runner", ignore=shutil.ignore_patterns("__pycache__"))
        (self.root / "docs").mkdir()
        shutil.copy(ROOT / "docs" / "generate_schemas.py", self.root / "docs")

    def add(self, module: Path, room: str) -> None:
        """A copy of the module in a folder of the package."""
        shutil.copy(module, self.root / "sre_runner" / room)

    def entry(self, table: str, *entries: tuple[str, str]) -> None:
        """Text before some that stands once in a file of the package."""
        path = self.root / "sre_runner" / table
        text = path.read_text(encoding="utf-8")
        for before, added in entries:
            assert text.count(before) == 1, before
            text = text.replace(before, added + before)
        path.write_text(text, encoding="utf-8")

    def write_schemas(self) -> None:
        """What a person does after adding something that the schemas list."""
        self._python(str(self.root / "docs" / "generate_schemas.py"), cwd=self.root)

    def run(self, *arguments: str, cwd: Path, code: int = 0) -> str:
        """What the command line prints on stdout or, where it is to fail, on stderr."""
        return self._python("-m", "sre_runner", *arguments, cwd=cwd, code=code)

    def _python(self, *arguments: str, cwd: Path, code: int = 0) -> str:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(self.root)])}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stderr if code else done.stdout


def starter(folder: Path) -> Path:
    """The configuration that ships, in this folder."""
    for name in ("agents.d", "tools.d", "playbooks", "runbooks"):
        shutil.copytree(ROOT / name, folder / name)
    return folder
