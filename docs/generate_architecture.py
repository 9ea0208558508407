"""Writes the wings and their picture into docs/architecture.md: run `python docs/generate_architecture.py`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "sre_runner"
ORDER = (
    *("errors", "casefile", "specs", "text", "documents", "models", "tools", "coordination", "config"),
    *("journal", "telemetry", "investigation", "runs", "testing", "review", "render", "commands", "api", "cli"),
)
"""From above to below."""
NOUNS = ("errors", "casefile", "specs")
"""Everything takes these; the picture leaves them out."""


def page() -> str:
    """The page with its generated parts made anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, made in (("picture", _picture()), ("wings", _table())):
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda found, made=made: f"{found[1]}{made}{found[2]}", text, flags=re.DOTALL)
    return text


def _table() -> str:
    rows = (f"| {_name(wing)} | {_sentence(wing)} | {_rooms(wing)} |\n" for wing in ORDER)
    return f"| wing | what belongs in it | rooms |\n|---|---|---|\n{''.join(rows)}"


def _name(wing: str) -> str:
    return f"`{wing}/`" if (PACKAGE / wing).is_dir() else f"`{wing}.py`"


def _sentence(wing: str) -> str:
    source = PACKAGE / wing / "__init__.py" if (PACKAGE / wing).is_dir() else PACKAGE / f"{wing}.py"
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def _rooms(wing: str) -> str:
    folder = PACKAGE / wing
    rooms = sorted(path.name for path in folder.iterdir() if path.suffix == ".py") if folder.is_dir() else []
    inner = sorted(f"{path.parent.name}/" for path in folder.glob("*/__init__.py"))
    return ", ".join([*inner, *(room.removesuffix(".py") for room in rooms if room != "__init__.py")])


def _picture() -> str:
    """Which wing imports which, without the ways that others lead as well."""
    needs = {wing: set(_needed(wing)) - {wing, *NOUNS} for wing in ORDER if wing not in NOUNS}
    arrows = [f"  {wing} --> {other}\n" for wing in needs for other in sorted(_direct(wing, needs))]
    return "```mermaid\nflowchart TD\n" + "".join(arrows[::-1]) + "```\n"


def _needed(wing: str) -> Iterator[str]:
    files = (PACKAGE / wing).rglob("*.py") if (PACKAGE / wing).is_dir() else [PACKAGE / f"{wing}.py"]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sre_runner."):
                yield str(node.module).split(".")[1]
            elif isinstance(node, ast.ImportFrom) and node.module == "sre_runner":
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.Constant) and re.fullmatch(r"sre_runner(\.\w+)+:\w+", str(node.value)):
                yield str(node.value).split(".")[1]  # what a table names, to be imported later


def _direct(wing: str, needs: Mapping[str, set[str]]) -> set[str]:
    """What a wing needs and none of the others that it needs does."""
    further = {other for near in needs[wing] for other in _all(near, needs)}
    return needs[wing] - further


def _all(wing: str, needs: Mapping[str, set[str]]) -> set[str]:
    return {other for near in needs.get(wing, ()) for other in (near, *_all(near, needs))}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
