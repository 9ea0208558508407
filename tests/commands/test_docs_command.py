"""`sre-run docs`, and that no message names a page that an installed user does not have."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sre_runner.cli import main
from sre_runner.commands.docs import WORKFLOW, available

ROOT = Path(__file__).parents[2]
TEXTS = [path for path in sorted((ROOT / "sre_runner").rglob("*")) if path.suffix in (".json", ".yaml", ".j2")]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["docs", *arguments])
    printed = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, printed.out, printed.err


def test_pages_are_listed_with_their_titles_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)
    assert code == 0
    assert re.search(r"^exit-codes +Exit codes$", out, re.MULTILINE)
    for name in ("exit-codes", "docs/exit-codes.md", WORKFLOW):
        code, out, _ = run(capsys, name)
        assert code == 0
        file = WORKFLOW if name == WORKFLOW else "exit-codes.md"
        assert out == (ROOT / "docs" / file).read_text(encoding="utf-8")


def test_a_page_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean `reference`?" in run(capsys, "referense")[2]
    code, _, err = run(capsys, "../pyproject")
    assert code == 2
    assert "`sre-run docs` lists them" in err


def test_the_wheel_has_every_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    pages = {source: target for source, target in included.items() if source.startswith("docs/")}
    assert set(pages) == {f"docs/{name}" if name == WORKFLOW else f"docs/{name}.md" for name in available()}
    assert all(target == f"sre_runner/pages/{source.removeprefix('docs/')}" for source, target in pages.items())


def strings(path: Path) -> Iterator[str]:
    """The strings of a module, without docstrings, which only those see who have the source."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    blocks = [node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    told = {id(each.value) for body in blocks for each in body if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_messages_name_pages_by_the_command_that_prints_them() -> None:
    said = [text for path in (ROOT / "sre_runner").rglob("*.py") for text in strings(path)]
    said += [path.read_text(encoding="utf-8") for path in TEXTS]
    assert not [text for text in said if re.search(r"\bdocs/[a-z-]+\.md", text)]
    named = {name for text in said for name in re.findall(r"sre-run docs ([a-z][a-z-]+)\b", text)}
    assert {"reference", "ci"} <= named
    assert named <= {*available(), "sre-run"}
