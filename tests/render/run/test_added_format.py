"""An output is one module: `one_line.py` beside this, added to a copy of the package with one entry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from extended import Extended, starter

from sre_runner.render.run.formats import FORMATS, run_files

MODULE = Path(__file__).with_name("one_line.py")
ROOM = "sre_runner.render.run"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Extended:
    package = Extended(tmp_path_factory.mktemp("package"))
    package.add(MODULE, "render/run")
    package.entry(
        "render/run/formats.py",
        ("\nFORMATS", f"from {ROOM}.one_line import ONE_LINE\n"),
        ("MARKDOWN, ", "ONE_LINE, "),
    )
    return package


def test_it_is_kept_with_a_run_and_goes_with_it(package: Extended, tmp_path: Path) -> None:
    starter(tmp_path)
    package.run("playbooks/payment-gateway.yaml", "--offline", "--json", cwd=tmp_path)
    (folder,) = (tmp_path / "runs").iterdir()
    assert {path.name for path in folder.iterdir()} == {"journal.jsonl", "conclusion.md", "run.json", "line.txt"}
    severity = json.loads((folder / "run.json").read_text(encoding="utf-8"))["conclusion"]["fields"]["severity"]
    assert (folder / "line.txt").read_text(encoding="utf-8") == f"{folder.name}: {severity}\n"
    assert package.run("rm", "last", "--yes", cwd=tmp_path) == f"removed runs/{folder.name}\n"
    assert not folder.exists()


def test_two_formats_never_share_a_file() -> None:
    assert len(set(run_files())) == len(run_files()) == 2 + 2 * (len(FORMATS) + 1)
