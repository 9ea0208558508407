"""What `pip install .` gives: built as a wheel, installed into a folder of its own, and run from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOT_FILES = ("pyproject.toml", "README.md", "LICENSE")
SHIPPED = ("sre_runner", "agents.d", "tools.d", "playbooks", "runbooks", "examples", "docs", *ROOT_FILES)


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline from a copy."""
    copy = tmp_path_factory.mktemp("source")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel is installed."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
    command += ["--disable-pip-version-check", "--target", str(folder), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def python(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Python, with what is installed found before the checkout."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(site)])}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


def sre_run(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The installed program."""
    return python(site, str(site / "bin" / "sre-run"), *arguments, cwd=cwd)


def test_the_wheel_has_all_that_the_package_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert files_below(ROOT / "sre_runner") <= names
    starter = {f"sre_runner/starter/{name}" for folder in SHIPPED[1:6] for name in files_below(ROOT / folder)}
    assert starter <= names
    assert {
        "sre_runner/py.typed",
        "sre_runner/models/messages.j2",
        "sre_runner/schemas/agent.schema.json",
        "sre_runner/models/offline/signals.yaml",
        "sre_runner/commands/skeletons/playbook.yaml",
        "sre_runner/starter/playbooks/payment-gateway.yaml",
    } <= names
    others = {name for name in names if not name.startswith("sre_runner/") and ".dist-info/" not in name}
    assert others == set()


def test_the_installed_program_writes_a_configuration_that_it_can_run(site: Path, tmp_path: Path) -> None:
    where = python(site, "-c", "import sre_runner; print(sre_runner.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(site)
    made = sre_run(site, "init", "--examples", "room", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    room = tmp_path / "room"
    assert (room / ".schemas" / "tools.schema.json").exists()
    added = sre_run(site, "new", "playbook", "mine", cwd=room)
    assert (added.returncode, added.stdout) == (0, "playbooks/mine.yaml\n")
    checked = sre_run(site, "validate", cwd=room)
    assert (checked.returncode, checked.stderr) == (0, "")
    case = ("--offline", "--case", "default", "--json")
    tested = sre_run(site, "test", "examples/playbooks/false-alarm.yaml", *case, cwd=room)
    assert json.loads(tested.stdout)["counts"]["passed"] == 1
    done = sre_run(site, "run", "playbooks/payment-gateway.yaml", "--offline", "--json", cwd=room)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["rehearsal"]
    assert data["conclusion"]["by_model"]
    assert [path.name for path in (room / "runs").iterdir()] == [data["run"]]


def test_the_installed_program_knows_its_version(site: Path, tmp_path: Path) -> None:
    assert sre_run(site, "--version", cwd=tmp_path).stdout == "sre-run, version 0.1.0\n"
