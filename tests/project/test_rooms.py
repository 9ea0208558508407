"""The order of rooms: a module imports only from rooms above its own, lazy imports and those for types included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import sre_runner

ROOMS = (
    *(
        "errors",
        "casefile",
        "specs",
        "naming",
        "places",
        "strict_json",
        "string_rules",
        "fitting",
        "keywords",
        "complaints",
        "shape",
        "vocabulary",
        "coercion",
        "reports",
        "secret_names",
        "secret_patterns",
        "visible",
        "unescaped",
        "masking",
        "output",
        "documents",
    ),
    *(
        "templates",
        "prompts",
        "prices",
        "heard",
        "spoken",
        "voting",
        "accuracy",
        "evidence",
        "budget",
        "alerts",
        "config",
        "conversation",
        "decoding",
        "journal",
        "record",
        "whole_request",
        "recorded",
        "models",
        "tools",
    ),
    *(
        "calls",
        "agent",
        "assignments",
        "strategies",
        "feedback",
        "coordinator",
        "worst_case",
        "engine",
        "options",
        "replay",
        "costs",
        "expectations",
        "cases",
        "revisions",
        "diff",
    ),
    *(
        "render",
        "interrupts",
        "past_runs",
        "run",
        "suite",
        "resume",
        "comparison",
        "side_by_side",
        "commands",
        "api",
        "cli",
        "__main__",
    ),
)
"""From above to below; a folder is one room."""

PACKAGE = Path(sre_runner.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path != PACKAGE / "__init__.py"
}


def imported(source: str) -> Iterator[str]:
    """Our own modules that a module's source imports, wherever it does, without the package's name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "sre_runner":
                yield from (name.name for name in node.names)
            elif node.module and node.module.startswith("sre_runner."):
                whole = node.module.removeprefix("sre_runner.")
                within = [f"{whole}.{name.name}" for name in node.names]
                yield from (name if name in MODULES else whole for name in within)
        elif isinstance(node, ast.Import):
            ours = (name.name for name in node.names if name.name.split(".")[0] == "sre_runner")
            yield from (name.removeprefix("sre_runner").lstrip(".") for name in ours)
        elif isinstance(node, ast.Name | ast.Attribute):
            called = node.id if isinstance(node, ast.Name) else node.attr
            assert called not in ("import_module", "__import__"), "what is imported can be read"


def misplaced(module: str, source: str) -> list[str]:
    """The imports of a module that are not from its own room or one above."""
    rank = ROOMS.index(module.split(".")[0])
    return [name for name in imported(source) if name.split(".")[0] not in ROOMS[: rank + 1]]


def test_every_module_is_in_a_known_room_and_every_room_has_one() -> None:
    assert {name.split(".")[0] for name in MODULES} == set(ROOMS)
    assert len(set(ROOMS)) == len(ROOMS)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_rooms_above(module: str) -> None:
    assert misplaced(module, MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.no_cover
def test_no_modules_import_each_other() -> None:
    graph = {name: set(imported(path.read_text(encoding="utf-8"))) for name, path in MODULES.items()}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("from sre_runner.engine import investigate", ["engine"]),
        ("import sre_runner.engine", ["engine"]),
        ("from sre_runner import engine", ["engine"]),
        ("def f():\n    from sre_runner.run import run", ["run"]),
        ("if TYPE_CHECKING:\n    from sre_runner.models.kinds import x", ["models.kinds"]),
        ("from sre_runner.models import kinds", ["models.kinds"]),
        ("from sre_runner.nowhere import x", ["nowhere"]),
        ("import sre_runner", [""]),
        ("from sre_runner.errors import RunnerError\nimport json", []),
    ],
)
def test_a_misplaced_import_is_seen_wherever_it_stands(source: str, wrong: list[str]) -> None:
    assert misplaced("journal", source) == wrong


@pytest.mark.parametrize(
    "source", ["from . import errors", "importlib.import_module('sre_runner.cli')", "__import__('sre_runner.cli')"]
)
def test_imports_that_cannot_be_read_are_refused(source: str) -> None:
    with pytest.raises(AssertionError):
        list(imported(source))
