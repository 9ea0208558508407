"""The order of wings and of the rooms in them, read from the imports."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from wings import MODULES, ORDER, PACKAGE, WINGS, imported, place_of


def misplaced(module: str, source: str) -> list[str]:
    """The imports of a module that are not from its own room or one above."""
    rank = ORDER.index(place_of(module))
    return [name for name in imported(source) if place_of(name) not in ORDER[: rank + 1]]


def test_everything_has_its_place_and_every_place_something() -> None:
    assert {place_of(name) for name in MODULES} == set(ORDER)
    assert len(set(ORDER)) == len(ORDER)


def test_about_a_dozen_folders_stand_at_the_top() -> None:
    folders = [path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert sorted(folders) == sorted(["schemas", *(wing for wing, rooms in WINGS.items() if rooms)])
    assert len(folders) <= 15


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_what_stands_above_it(module: str) -> None:
    assert misplaced(module, MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.no_cover
def test_no_modules_import_each_other() -> None:
    graph = {name: set(imported(path.read_text(encoding="utf-8"))) for name, path in MODULES.items()}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*/**/__init__.py")), ids=lambda path: path.parent.name)
def test_what_a_folder_is_for_stands_in_its_init_and_no_logic(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert all(isinstance(node, ast.Expr | ast.ImportFrom) for node in tree.body)


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("from sre_runner.investigation.engine import investigate", ["investigation.engine"]),
        ("import sre_runner.investigation.engine", ["investigation.engine"]),
        ("from sre_runner.investigation import engine", ["investigation.engine"]),
        ("def f():\n    from sre_runner.runs.run import run", ["runs.run"]),
        ("if TYPE_CHECKING:\n    from sre_runner.journal.record import x", ["journal.record"]),
        ("from sre_runner.journal import record", ["journal.record"]),
        ("from sre_runner.nowhere import x", ["nowhere"]),
        ("{'run': 'sre_runner.commands.run:run'}", ["commands.run"]),
        ("import sre_runner", [""]),
        ("from sre_runner.errors import RunnerError\nimport json", []),
    ],
)
def test_a_misplaced_import_is_seen_wherever_it_stands(source: str, wrong: list[str]) -> None:
    assert misplaced("journal.file", source) == wrong


@pytest.mark.parametrize(
    "source", ["from . import errors", "importlib.import_module('sre_runner.cli')", "__import__('sre_runner.cli')"]
)
def test_imports_that_cannot_be_read_are_refused(source: str) -> None:
    with pytest.raises(AssertionError):
        list(imported(source))
