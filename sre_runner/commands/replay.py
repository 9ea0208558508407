"""`sre-run replay`: draws a run's conclusion again from its journal, with no network and no key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sre_runner.commands.arguments import RunFolder, config_option, of_recorded_runs, runs_option, settings_option
from sre_runner.commands.changed import checked_record, code_of
from sre_runner.commands.run import print_result
from sre_runner.render.terminal.streams import tell

if TYPE_CHECKING:
    from sre_runner.casefile import Conclusion
    from sre_runner.journal.record import Record
    from sre_runner.runs.replay import Followed

_EPILOG = """\
\b
Examples:
  sre-run replay last
  sre-run replay runs/payment-gateway-20261122-142301 > again.md
  sre-run replay runs/payment-gateway-20261122-142301 --set coordinator.votes.severity.rule=most_severe
  sre-run replay runs/payment-gateway-20261122-142301 --with playbooks/payment-gateway.yaml
"""


@click.command(epilog=_EPILOG, short_help="Draw a run's conclusion again from its journal.")
@click.argument("run", type=RunFolder())
@runs_option(expose_value=False)
@click.option(
    "--with",
    "playbook",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Replay under this playbook, as its files are now.",
)
@config_option("The folder with agents.d and tools.d of that playbook, if it is not above it.", of_runs=False)
@settings_option("Replay with this key of the playbook, its value in YAML. Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of Markdown.")
@of_recorded_runs
def replay(
    run: Path, playbook: Path | None, config: Path | None, settings: tuple[tuple[str, str], ...], as_json: bool
) -> int:
    """Replay RUN, a run's folder, its name or `last`, and print its conclusion.

    No model and no tool is called. Exit 1 where the replay comes to another conclusion, or would have to make a call
    that the journal does not have; then that call is named, with what differs. Exit 1, too, where the journal was
    changed after it was written.

    With --with or --set the run is replayed under another configuration, made of today's files; where it needs a call
    that the journal does not have, it tells how far it got, what the votes came to, and what differs.
    """
    from sre_runner.runs.replay import changed_since, load_again, replay_with
    from sre_runner.runs.replay import replay as again

    record = checked_record(run)
    if not (playbook or config or settings):
        return _same(run, record, again(record), as_json)
    changes = {"playbook": playbook, "directory": config} if playbook else {"directory": config} if config else {}
    if not playbook:
        settings = (*map(tuple, record.started.origin.get("settings", ())), *settings)
    changed = changed_since(record) if not playbook else []
    if changed:
        tell(f"note: the files have changed since the run; other than then: {', '.join(changed)}")
    followed = replay_with(load_again(record, settings=settings, **changes), record)
    return _other(record, followed, as_json)


def _same(run: Path, record: Record, concluded: Conclusion, as_json: bool) -> int:
    """Print the conclusion of a replay under the run's own configuration, and whether it is the recorded one."""
    from sre_runner.render.run.export import dump, to_json
    from sre_runner.render.run.markdown import markdown

    same = concluded == record.conclusion
    tell(f"{run}: " + ("the same conclusion" if same else "ANOTHER conclusion than the one that was recorded"))
    record.conclusion = concluded
    printed = print_result(dump(to_json(record))) if as_json else print_result(markdown(record), rendered=True)
    return code_of(record, printed=printed, holds=same)


def _other(record: Record, followed: Followed, as_json: bool) -> int:
    """Print how far a replay under another configuration got; where that is to its end, also its conclusion."""
    from sre_runner.render.run.divergence import divergence, to_json
    from sre_runner.render.run.export import dump
    from sre_runner.render.run.markdown import document, markdown

    parted, data = divergence(record, followed).rstrip("\n"), to_json(record, followed)
    text = document(record, lambda _: iter([parted]))
    if followed.conclusion:
        record.conclusion = followed.conclusion
        text += f"\n---\n\n{markdown(record)}"
    printed = print_result(dump(data)) if as_json else print_result(text, rendered=True)
    return code_of(record, printed=printed, holds=not followed.missed)
