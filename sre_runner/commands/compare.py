"""`sre-run compare`: investigates one incident by different configurations, and says what the difference buys."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sre_runner.commands.arguments import Pair, config_option, offline_option, runs_option, settings_option
from sre_runner.commands.run import keep, print_result, progress_of
from sre_runner.commands.texts import text_options
from sre_runner.errors import ExitCode
from sre_runner.render.terminal.streams import is_terminal, tell

if TYPE_CHECKING:
    from sre_runner.journal.record import Record
    from sre_runner.testing.comparison.rounds import Way

Pairs = tuple[tuple[str, str], ...]
Variation = tuple[str, Pairs]
"""The name under which it is compared, and its settings."""


class _Variation(click.ParamType[Variation]):
    """`name=value`, or several as a YAML mapping: `{name: value, name: value}`."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Variation:
        text = value.strip()
        if not text.startswith("{"):
            return text, (Pair().convert(text, param, ctx),)
        from sre_runner.documents.yaml.document import read_value

        try:
            data = read_value(text)
        except ValueError as error:
            self.fail(f"{value!r} cannot be read: {error}", param, ctx)
        if not data or not isinstance(data, dict):
            self.fail(f"{value!r} has no settings.", param, ctx)
        pairs = tuple((str(key), json.dumps(setting, ensure_ascii=False)) for key, setting in data.items())
        return text[1:-1].strip(), pairs


_EPILOG = """\
\b
Examples:
  sre-run compare playbooks/payment-gateway-sequential.yaml playbooks/payment-gateway-parallel.yaml
  sre-run compare playbooks/payment-gateway-single.yaml playbooks/payment-gateway.yaml --repeat 5
  sre-run compare playbooks/payment-gateway.yaml --vary coordinator.strategy=sequential
  sre-run compare playbooks/payment-gateway.yaml --vary coordinator.votes.severity.rule=most_severe
  sre-run compare playbooks/payment-gateway.yaml \\
    --vary '{specialists: [generalist], coordinator.strategy: single}' --json

Every run is an ordinary one, with a folder of its own. Ctrl-C keeps the runs that came to their end.
"""


@click.command(epilog=_EPILOG, short_help="One incident by different configurations, side by side.")
@click.argument(
    "playbooks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=-1,
    required=True,
    is_eager=True,
    metavar="PLAYBOOK...",
)
@click.option(
    "--vary",
    "variations",
    type=_Variation(),
    metavar="KEY=VALUE",
    multiple=True,
    help="One more configuration: the only PLAYBOOK with this key set, its value in YAML. Repeatable; "
    "'{KEY: VALUE, KEY: VALUE}' sets several keys.",
)
@click.option(
    "--repeat",
    type=click.IntRange(1, 1000),
    metavar="N",
    default=1,
    show_default=True,
    help="Runs of each configuration.",
)
@config_option("The folder with agents.d and tools.d; found by walking up from each playbook if left out.")
@text_options("all playbooks")
@settings_option("A key of all playbooks, its value in YAML. Repeatable.")
@offline_option()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of Markdown.")
@runs_option(help="Where the runs' folders are made.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def compare(
    playbooks: tuple[Path, ...],
    variations: tuple[Variation, ...],
    repeat: int,
    config: Path | None,
    inputs: Pairs,
    task: str | None,
    alert: Any,
    settings: Pairs,
    offline: bool,
    as_json: bool,
    runs: Path,
    quiet: bool,
) -> int:
    """Investigate the same incident by each PLAYBOOK, and print the figures side by side.

    The first one is what the others are held against. All are checked before the first run starts; then they take
    turns. Without credentials for a model service all runs are rehearsals; the exit code is then 4, unless --offline
    asks for them.
    """
    import asyncio

    from sre_runner.models.offline.notice import UNASKED
    from sre_runner.render.run.export import dump
    from sre_runner.render.testing.comparison import markdown, to_json
    from sre_runner.runs.options import RunOptions
    from sre_runner.runs.run import choose_model
    from sre_runner.testing.comparison.rounds import Way, checked, compared

    if variations and len(playbooks) > 1:
        raise click.UsageError("--vary goes with one PLAYBOOK, of which it makes further configurations.")
    if len(playbooks) + len(variations) < 2:
        raise click.UsageError("there is nothing to compare with: give a second PLAYBOOK, or --vary KEY=VALUE.")
    names = _names(playbooks, [name for name, _ in variations])
    varied: list[Pairs] = [()] * len(playbooks) + [pairs for _, pairs in variations]
    ways = [
        Way(
            name,
            RunOptions(
                playbook=playbooks[min(place, len(playbooks) - 1)],
                config=config,
                inputs=dict(inputs),
                task=task,
                alert=alert,
                settings=(*settings, *own),
                labels={"compared as": name},
                offline=offline,
                runs=runs,
            ),
            own,
        )
        for place, (name, own) in enumerate(zip(names, varied, strict=True))
    ]
    configurations = checked(ways)
    total = repeat * len(ways)
    comparison, code = asyncio.run(
        compared(ways, configurations, repeat, lambda way, number: _run(way, f"run {number} of {total}", quiet))
    )
    if comparison.stopped:
        tell(f"note: {comparison.stopped}")
    text = dump(to_json(comparison)) if as_json else markdown(comparison)
    printed = print_result(text, rendered=not as_json)
    if not offline and choose_model(offline, os.environ, Path.home()) == "offline":
        tell(UNASKED)
    return code if printed or code else ExitCode.PARTIAL


def _names(playbooks: Sequence[Path], variations: Sequence[str]) -> list[str]:
    """What each is called: the playbook's name, or its path where the name is another's as well, or what is varied.

    What is given twice is numbered.
    """
    stems = Counter(playbook.stem for playbook in set(playbooks))
    names = [playbook.stem if stems[playbook.stem] == 1 else str(playbook) for playbook in playbooks]
    names += variations
    again = [f"{name} ({names[: place + 1].count(name)})" for place, name in enumerate(names)]
    return [name if names.count(name) == 1 else numbered for name, numbered in zip(names, again, strict=True)]


async def _run(way: Way, place: str, quiet: bool) -> Record:
    """One run, told in a line before and after it; on a terminal also while it lasts."""
    from sre_runner.journal.facts import status
    from sre_runner.runs.run import run_in_loop

    if not quiet:
        tell(f"{place}: {way.name}")
    with progress_of(quiet or not is_terminal(sys.stderr)) as progress:
        record, folder = await run_in_loop(way.options, [progress] if progress else [])
    if not quiet:
        tell(f"{place}: {status(record)} after {record.seconds:.1f} s, in {folder}")
    keep(record, folder, None)
    return record
