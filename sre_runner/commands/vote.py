"""`sre-run vote`: takes the votes of recorded runs again, by every rule, without a model, and counts who was right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sre_runner.commands.arguments import RunFolder, of_recorded_runs, runs_option
from sre_runner.commands.changed import checked_record, code_of
from sre_runner.commands.run import print_result
from sre_runner.errors import RunnerError

if TYPE_CHECKING:
    from sre_runner.casefile import Verdict
    from sre_runner.journal.record import Record
    from sre_runner.testing.accuracy import Judged

_EPILOG = """\
\b
Examples:
  sre-run vote last
  sre-run vote runs/* --json
  sre-run vote runs/* --truth severities.yaml
  sre-run vote runs/* --truth label:severity

\b
severities.yaml holds the severity that was true, by run, by a label that the run was given, or by playbook:
  payment-gateway-20261122-142301: P2
  incident=INC-123: P1
  search-is-slow: P2
Of a run that it does not name, the label true_severity counts, and then the playbook's severity.
"""


@click.command(epilog=_EPILOG, short_help="Take the votes of runs again, by every rule.")
@click.argument("named", type=RunFolder(), nargs=-1, required=True, metavar="RUN...")
@runs_option(expose_value=False)
@click.option(
    "--truth",
    metavar="FILE|label:NAME",
    help="Count how often each rule was right, by the true severities in a YAML file or in a label of the runs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@of_recorded_runs
def vote(named: tuple[Path, ...], truth: str | None, as_json: bool) -> int:
    """Apply every voting rule to the ballots that each RUN has recorded.

    Each rule is told with its verdict and its reason; the one that decided is marked. With --truth, the rules are told
    with how often they were right, under-triaged and over-triaged instead. No model is called. Exit 1 where the journal
    of a run was changed after it was written.
    """
    from sre_runner.render.run.export import dump

    records = {run: checked_record(run) for run in named}
    if truth is not None:
        return _count(records, truth, as_json)
    taken = [(run.name, verdict, decided) for run in named for verdict, decided in _taken(records[run])]
    if as_json:
        rehearsals = _rehearsals(records)
        rows = [
            {"run": run, "rehearsal": run in rehearsals, **asdict(verdict), "decided": decided}
            for run, verdict, decided in taken
        ]
        text = dump(rows)
    else:
        tables = _tables(taken)
        text = _noticed(records, tables) if tables else "No votes were recorded in these runs.\n"
    return code_of(*records.values(), printed=print_result(text, rendered=not as_json))


def _rehearsals(records: Mapping[Path, Record]) -> list[str]:
    return [run.name for run, record in records.items() if record.rehearsal]


def _noticed(records: Mapping[Path, Record], document: str) -> str:
    """The document, which says first and last that runs are rehearsals, and which where not all of them are."""
    from sre_runner.models.offline.notice import BRIEFLY, REHEARSAL
    from sre_runner.render.escape import inline

    rehearsals = _rehearsals(records)
    if not rehearsals:
        return document
    said = REHEARSAL if len(rehearsals) == len(records) else f"{BRIEFLY} {', '.join(rehearsals)}"
    notice = f"> **{inline(said)}**\n"
    return f"{notice}\n{document}\n{notice}"


def _taken(record: Record) -> Iterator[tuple[Verdict, bool]]:
    """The verdict of every rule over each vote of a run, and whether it is the rule that decided."""
    from sre_runner.coordination.voting.rules import RULES, decide

    votes = {each.name: each for each in record.configuration.playbook.coordinator.votes}
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
        ballots = ", ".join(f"{ballot.agent} {ballot.shown}" for ballot in verdict.ballots)
        title = f"## {inline(run)}: {inline(verdict.vote)}\n\nBallots: {inline(ballots)}"
        row: list[Any] = [f"**{verdict.rule}**" if decided else verdict.rule, inline(verdict.shown)]
        blocks.setdefault(title, []).append([*row, inline(verdict.reason)])
    titles = ["rule", "verdict", "reason"]
    return "\n\n".join(f"{title}\n\n{table(titles, rows)}" for title, rows in blocks.items()) + "\n" if blocks else ""


def _count(records: Mapping[Path, Record], truth: str, as_json: bool) -> int:
    """Print how often each rule was right over the runs of which the true severity is known."""
    from sre_runner.commands.truths import truths
    from sre_runner.render.run.export import dump
    from sre_runner.render.testing.accuracy import Counted, accuracy_json, accuracy_markdown

    known = truths(truth, records)
    counted = Counted(
        judged=[
            _judged(run, record, known[run]) for run, record in records.items() if run in known and record.conclusion
        ],
        without_truth=[run.name for run in records if run not in known],
        without_conclusion=[run.name for run in known if not records[run].conclusion],
    )
    if not counted.judged:
        raise RunnerError(
            "of none of these runs both a conclusion and the true severity are known",
            "A line of the file is `run: P2`, `label=value: P2` for runs with that --label, or `playbook: P2`.",
        )
    if as_json:
        text = dump({**accuracy_json(counted), "rehearsals": _rehearsals(records)})
    else:
        text = _noticed(records, accuracy_markdown(counted))
    return code_of(*records.values(), printed=print_result(text, rendered=not as_json))


def _judged(run: Path, record: Record, truth: str) -> Judged:
    """What every rule, the judge and the model made of the severity of a run that came to a conclusion."""
    from sre_runner.coordination.report_schemas import SEVERITY_FIELD
    from sre_runner.testing.accuracy import Judged

    conclusion = record.conclusion
    assert conclusion
    values = {verdict.rule: verdict.value for verdict, _ in _taken(record) if verdict.field == SEVERITY_FIELD}
    last = "model" if conclusion.by_model else "engine"
    values[last] = conclusion.fields.get("proposed_severity", conclusion.fields["severity"])
    decided = next(
        (verdict for verdict in conclusion.verdicts if verdict.field == SEVERITY_FIELD and verdict.value), None
    )
    if decided is None:
        return Judged(run.name, truth, values, last)
    return Judged(run.name, truth, {**values, decided.rule: decided.value}, decided.rule)
