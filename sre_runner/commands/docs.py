"""`sre-run docs`: the pages that come with this version, so that what a message names is there."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.text.naming import nearest, said

WORKFLOW = "sre-run.github-workflow.yml"
"""The one page that is no Markdown: a file to copy."""

_EPILOG = """\
\b
Examples:
  sre-run docs                        # which pages there are
  sre-run docs reference | less       # every key of the YAML
  sre-run docs sre-run.github-workflow.yml > .github/workflows/sre-run.yml
"""


@click.command(epilog=_EPILOG, short_help="Read the pages that come with sre-run.")
@click.argument("page", required=False)
def docs(page: str | None) -> int:
    """Print PAGE, in Markdown; left out, list the pages."""
    pages = available()
    if page is None:
        text = "".join(f"{name:28}  {_title(path)}\n" for name, path in pages.items())
        return ExitCode.OK if print_result(text) else ExitCode.PARTIAL
    name = page.removeprefix("docs/").removesuffix(".md")
    if name not in pages:
        near = nearest(name, pages)
        hint = f"Did you mean {said(near)}?" if near else "`sre-run docs` lists them."
        raise RunnerError(f"there is no page {said(page)}", hint)
    rendered = name != WORKFLOW
    return ExitCode.OK if print_result(pages[name].read_text(encoding="utf-8"), rendered=rendered) else ExitCode.PARTIAL


def available() -> dict[str, Traversable]:
    """The pages by their names, without `.md`."""
    package = resources.files("sre_runner")
    inside = package / "pages"
    # A wheel carries the pages; in a checkout they are the repository's own.
    folder = inside if inside.is_dir() else Path(str(package)).parent / "docs"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".md") or entry.name == WORKFLOW)
    return {entry.name.removesuffix(".md"): entry for entry in sorted(found, key=lambda entry: entry.name)}


def _title(page: Traversable) -> str:
    lines = page.read_text(encoding="utf-8").splitlines()
    return next((line.strip("# ") for line in lines if line.startswith("# ")), "")
