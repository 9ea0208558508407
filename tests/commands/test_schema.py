"""`sre-run schema`: what is printed and written is what ships, and with it alone other programs check files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result

from sre_runner.commands.schema import FOLDER, KINDS, schema
from sre_runner.config.directory import FOLDERS, yaml_files
from sre_runner.config.sources import Kind
from sre_runner.config.sources import schema as loaded
from sre_runner.documents.yaml import document as documents
from sre_runner.errors import ConfigError

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "sre_runner" / "schemas"
CONFIGS = ROOT / "tests" / "configs"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(schema, arguments, standalone_mode=False)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_exactly_what_ships(kind: str) -> None:
    result = run(kind)
    assert (result.return_value, result.stderr) == (0, "")
    assert result.stdout_bytes == (SHIPPED / f"{kind}.schema.json").read_bytes()


def test_there_are_no_other_kinds() -> None:
    assert get_args(Kind) == KINDS
    assert {path.name for path in SHIPPED.iterdir()} == {f"{kind}.schema.json" for kind in KINDS}


def test_all_of_them_are_written_over_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(FOLDER).mkdir()
    (tmp_path / FOLDER / "agent.schema.json").write_text("{}")
    (tmp_path / FOLDER / "mine.json").write_text("mine")
    result = run("--output", FOLDER)
    assert result.return_value == 0
    assert result.stdout.splitlines() == [f"{FOLDER}/{kind}.schema.json" for kind in KINDS]
    for name in result.stdout.splitlines():
        assert Path(name).read_bytes() == (SHIPPED / Path(name).name).read_bytes()
    assert (tmp_path / FOLDER / "mine.json").read_text() == "mine"


def test_one_of_them_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "two words" / "deep"
    assert run("tools", "--output", str(folder)).stdout == f"{folder}/tools.schema.json\n"
    assert [path.name for path in folder.iterdir()] == ["tools.schema.json"]


def test_without_a_kind_it_says_which_there_are() -> None:
    assert "Name a KIND (agent, tools, playbook)" in str(run().exception)
    assert "'tool' is not one of 'agent', 'tools', 'playbook'" in str(run("tool").exception)


# --- The schemas alone ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Path]]:
    """What check-jsonschema, which knows nothing of sre-run, refuses by the printed schemas, by kind."""
    return {kind: by_check_jsonschema(kind, tmp_path_factory.mktemp("schemas")) for kind in KINDS}


def by_check_jsonschema(kind: str, folder: Path) -> set[Path]:
    paths = files(ROOT, kind) + [path for root in sorted(CONFIGS.glob("*/*")) for path in files(root, kind)]
    run(kind, "--output", str(folder))
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(folder / f"{kind}.schema.json")]
    command += ["--output-format", "json", "--verbose", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    found = {Path(error["filename"]) for key in ("errors", "parse_errors") for error in report.get(key, ())}
    passed = {Path(name) for name in report["successes"]}
    assert found | passed == set(paths)
    assert not found & passed
    return found


def files(root: Path, kind: str) -> list[Path]:
    return yaml_files(root / FOLDERS[kind])  # type: ignore[index]


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_file_and_every_good_example_is_accepted(kind: str, refused: dict[str, set[Path]]) -> None:
    good = [ROOT, *sorted((CONFIGS / "good").iterdir())]
    paths = [path for root in good for path in files(root, kind)]
    assert len(paths) > 5
    assert [path for path in paths if path in refused[kind]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_of_the_bad_examples_those_are_refused_whose_shape_is_wrong(kind: Kind, refused: dict[str, set[Path]]) -> None:
    """Those are what `sre-run validate` refuses before it compares files with each other and looks into templates."""
    shapeless = {
        path for root in sorted((CONFIGS / "bad").iterdir()) for path in files(root, kind) if misshapen(kind, path)
    }
    assert len(shapeless) >= {"agent": 5, "tools": 5, "playbook": 8}[kind]
    assert refused[kind] == shapeless


def misshapen(kind: Kind, path: Path) -> bool:
    try:
        return bool(documents.check(documents.load(path, path.name), loaded(kind)))
    except ConfigError:
        return True
