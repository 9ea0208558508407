"""The wings of the package, and what is in each: everything imports only from what stands above it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import sre_runner

WINGS: Mapping[str, tuple[str, ...]] = {
    "errors": (),
    "casefile": (),
    "specs": (),
    "text": (
        "blocks",
        "naming",
        "secret_names",
        "strict_json",
        "visible",
        "secret_patterns",
        "unescaped",
        "masking",
        "output",
    ),
    "documents": (
        "hints",
        "json_schema",
        "templates",
        "rendering",
        "yaml",
    ),
    "models": (
        "addresses",
        "context",
        "credentials",
        "messages",
        "pacing",
        "model",
        "patience",
        "prices",
        "transport",
        "estimates",
        "faults",
        "offline",
        "retry",
        "usage",
        "wire",
        "anthropic",
        "kinds",
    ),
    "tools": (
        "processes",
        "runbooks",
        "servers",
        "tool",
        "simulated",
        "command",
        "http",
        "read_output",
        "mcp",
        "backends",
    ),
    "coordination": (
        "claims",
        "evidence",
        "expectations",
        "proposed",
        "report_schemas",
        "voting",
        "assignments",
        "reports",
        "feedback",
        "strategies",
        "coordinator",
    ),
    "config": (
        "alerts",
        "places",
        "sources",
        "directory",
        "playbook_source",
        "checks",
        "settings",
        "everything",
        "loading",
    ),
    "journal": (
        "decoding",
        "digests",
        "seals",
        "changes",
        "events",
        "file",
        "record",
        "costs",
        "whole_request",
        "facts",
        "marks",
        "recorded",
        "answers",
        "trust",
    ),
    "telemetry": (
        "names",
        "seen",
        "content",
        "attributes",
        "spans",
        "metrics",
        "context",
        "listener",
        "attaching",
    ),
    "investigation": (
        "pool",
        "budget",
        "heard",
        "conversation",
        "spoken",
        "screening",
        "terms",
        "door",
        "agent",
        "engine",
    ),
    "runs": (
        "interrupts",
        "listeners",
        "listing",
        "options",
        "past_runs",
        "replay",
        "shared",
        "verified",
        "freezing",
        "doctor",
        "mcp_servers",
        "open_run",
        "prerequisites",
        "run",
        "resume",
        "batch",
    ),
    "testing": (
        "accuracy",
        "expectations",
        "draft",
        "cases",
        "comparison",
        "suite",
    ),
    "review": (
        "git",
        "revisions",
        "worst_case",
        "diff",
        "side_by_side",
    ),
    "render": (
        "columns",
        "escape",
        "terminal",
        "workflow",
        "blocks",
        "problems",
        "diff",
        "run",
        "html",
        "testing",
        "plan",
        "doctor",
        "mcp",
    ),
    "commands": (
        "arguments",
        "ignored",
        "new_team",
        "truths",
        "two_sides",
        "new_texts",
        "texts",
        "changed",
        "asking",
        "run",
        "compare",
        "diff",
        "docs",
        "plan",
        "replay",
        "report",
        "resume",
        "rm",
        "runs",
        "schema",
        "show",
        "test",
        "validate",
        "verify",
        "vote",
        "graph",
        "init",
        "new_files",
        "new",
        "freeze",
        "doctor",
        "mcp",
        "batch",
    ),
    "api": (),
    "cli": (),
    "__main__": (),
}
"""From above to below, the wings as the files and folders in them. A folder inside of a wing is one room."""

PACKAGE = Path(sre_runner.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path != PACKAGE / "__init__.py"
}
LATER = re.compile(r"sre_runner(\.\w+)+:\w+")
"""What a text names that is imported later: `sre_runner.commands.run:run`."""
ORDER = [place for wing, rooms in WINGS.items() for place in (wing, *(f"{wing}.{room}" for room in rooms))]


def place_of(module: str) -> str:
    """Where a module stands: its wing, or the room in it."""
    return ".".join(module.split(".")[:2])


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
        elif isinstance(node, ast.Constant) and LATER.fullmatch(str(node.value)):
            yield str(node.value).partition(":")[0].removeprefix("sre_runner.")
        elif isinstance(node, ast.Name | ast.Attribute):
            called = node.id if isinstance(node, ast.Name) else node.attr
            assert called not in ("import_module", "__import__"), "what is imported can be read"
