"""`sre-run vote`: takes the votes of recorded runs again, by every rule, without a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode

if TYPE_CHECKING:
    from sre_runner.casefile import Verdict

_EPILOG = """\
\b
Examples:
  sre-run vote runs/payment-gateway-20261122-142301
  sre-run vote runs/* --json
"""


@click.command(epilog=_EPILOG, short_help="Take the votes of runs again, by every rule.")
@click.argument("runs", type=click.Path(exists=True, file_okay=False, path_type=Path), nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of tables.")
def vote(runs: tuple[Path, ...], as_json: bool) -> int:
    """Apply every voting rule to the ballots that RUNS, folders of runs, have recorded.

    Each rule is told with its verdict and its reason; the one that decided is marked. No model is called.
    """
    taken = [(run.name, verdict, decided) for run in runs for verdict, decided in _taken(run)]
    if as_json:
        rows = [{"run": run, **asdict(verdict), "decided": decided} for run, verdict, decided in taken]
        text = json.dumps(rows, indent=2) + "\n"
    else:
        text = _tables(taken) or "No votes were recorded in these runs.\n"
    return ExitCode.OK if print_result(text, rendered=not as_json) else ExitCode.PARTIAL


def _taken(run: Path) -> Iterator[tuple[Verdict, bool]]:
    """The verdict of every rule over each vote of a run, and whether it is the rule that decided."""
    from sre_runner.config import from_source
    from sre_runner.resume import record_of
    from sre_runner.voting import RULES, decide

    record = record_of(run)
    votes = {each.name: each for each in from_source(record.started.configuration).playbook.coordinator.votes}
    for verdict in record.conclusion.verdicts if record.conclusion else ():
        if verdict.vote in votes:
            for rule in RULES:
                again = decide(replace(votes[verdict.vote], rule=rule), verdict.ballots)
                yield again, rule == verdict.rule


def _tables(taken: list[tuple[str, Verdict, bool]]) -> str:
    from sre_runner.render.blocks import table
    from sre_runner.render.escape import inline

    blocks: dict[str, list[list[str]]] = {}
    for run, verdict, decided in taken:
        ballots = ", ".join(f"{ballot.agent} {ballot.value or 'abstains'}" for ballot in verdict.ballots)
        title = f"## {inline(run)}: {inline(verdict.vote)}\n\nBallots: {inline(ballots)}"
        row: list[Any] = [f"**{verdict.rule}**" if decided else verdict.rule, verdict.value or "none"]
        blocks.setdefault(title, []).append([*row, inline(verdict.reason)])
    titles = ["rule", "verdict", "reason"]
    return "\n\n".join(f"{title}\n\n{table(titles, rows)}" for title, rows in blocks.items()) + "\n" if blocks else ""
