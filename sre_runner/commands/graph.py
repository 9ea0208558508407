"""`sre-run graph`: a playbook's team as a picture, in Mermaid or SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sre_runner.commands.arguments import world_settings
from sre_runner.commands.plan import params_of_run
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode
from sre_runner.text.naming import said

if TYPE_CHECKING:
    from sre_runner.render.plan.graph import Graph


def _mermaid(graph: Graph) -> str:
    from sre_runner.render.plan.mermaid import mermaid

    return mermaid(graph)


def _markdown(graph: Graph) -> str:
    from sre_runner.render.escape import code_block

    return code_block(_mermaid(graph), "mermaid") + "\n"


def _svg(graph: Graph) -> str:
    from sre_runner.render.plan.svg import svg

    return svg(graph)


FORMATS: Mapping[str, Callable[[Graph], str]] = {"mermaid": _mermaid, "markdown": _markdown, "svg": _svg}
"""The formats by name; each is made where it is asked for."""
SUFFIXES: Mapping[str, str] = {".mmd": "mermaid", ".mermaid": "mermaid", ".svg": "svg", ".md": "markdown"}
"""The format of a file by its ending."""

_EPILOG = """\
\b
Examples:
  sre-run graph playbooks/payment-gateway.yaml
  sre-run graph playbooks/payment-gateway.yaml --format markdown >> comment.md
  sre-run graph playbooks/severity-debate.yaml --output team.svg
"""


@click.command(params=params_of_run(), epilog=_EPILOG, short_help="Draw a playbook's team, in Mermaid or SVG.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    help="Left out, what --output ends with: .mmd, .svg or .md; Mermaid on stdout. In Markdown, Mermaid is in a block.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not to stdout.")
def graph(
    playbook: Path,
    config: Path | None,
    inputs: tuple[tuple[str, str], ...],
    task: str | None,
    alert: Any,
    settings: tuple[tuple[str, str], ...],
    live: bool | None,
    without: tuple[str, ...],
    format_: str | None,
    output: Path | None,
) -> int:
    """Draw who works on PLAYBOOK's case and in which order, with ways back, early ends and votes."""
    from sre_runner.render.plan.graph import graph_of
    from sre_runner.runs.options import RunOptions, configured

    chosen = format_ or _format_of(output)
    settings = (*settings, *world_settings(live, without))
    options = RunOptions(playbook, config, dict(inputs), task, alert, settings=settings)
    text = FORMATS[chosen](graph_of(configured(options, only_shown=True)))
    if output is None:
        return ExitCode.OK if print_result(text) else ExitCode.PARTIAL
    output.write_text(text, encoding="utf-8", errors="replace")
    return ExitCode.OK


def _format_of(output: Path | None) -> str:
    """The format that a file's ending says; raise `click.BadParameter` for one that is not written."""
    if output is None:
        return "mermaid"
    if output.suffix.lower() not in SUFFIXES:
        ending = f"the ending {said(output.suffix)}" if output.suffix else "a name without an ending"
        hint = f"Write {', '.join(SUFFIXES)}, or say which format it is: --format {'|'.join(FORMATS)}."
        raise click.BadParameter(f"there is no format for {ending}. {hint}", param_hint="'--output'")
    return SUFFIXES[output.suffix.lower()]
