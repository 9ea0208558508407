"""The playbooks that a change touches, run on both sides, and what came out otherwise."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sre_runner.config.checks.expectations import DEFAULT_CASE
from sre_runner.config.checks.inputs import needs_alert
from sre_runner.config.loading import load
from sre_runner.errors import ConfigError, RunnerError
from sre_runner.journal.record import Record
from sre_runner.journal.recorded import for_replay, outcomes
from sre_runner.review.diff.pairs import Both
from sre_runner.review.diff.sides import Side
from sre_runner.review.side_by_side.renamed import with_new_names
from sre_runner.review.side_by_side.result import Result as Result
from sre_runner.runs.open_run import InterruptedRunError
from sre_runner.runs.options import RunOptions
from sre_runner.runs.replay import load_again, replay_with, verdicts
from sre_runner.runs.run import run
from sre_runner.specs import ExpectSpec
from sre_runner.testing.comparison.figures import figures
from sre_runner.testing.expectations.check import Expectation, check
from sre_runner.text.naming import said

NEEDS_ALERT = "it takes inputs from an alert; a case of `tests` that states them is rehearsed"


@dataclass(frozen=True)
class Rehearsed:
    """One case of a playbook, or one replayed run, on both sides; a side is None where the case is not there.

    `problem` says why there are no results; with `unable`, that is how the playbook is, and nobody's fault.
    """

    name: str
    before: Result | None = None
    after: Result | None = None
    problem: str = ""
    unable: bool = False

    @property
    def fails_now(self) -> tuple[Expectation, ...]:
        """What does not hold any more, or is expected for the first time and does not hold."""
        failed = {each.expected for each in self.before.expectations if not each.holds} if self.before else set()
        found = self.after.expectations if self.after else ()
        return tuple(each for each in found if not each.holds and each.expected not in failed)

    @property
    def other_result(self) -> bool:
        """Whether the status or a verdict is another, or an expectation fails now. Of a replay that did not come to its
        end only the verdicts are known, if it got as far."""
        if self.unable:
            return False
        if self.fails_now or not (self.before and self.after):
            return bool(self.fails_now or self.problem)
        before, after = self.before, self.after
        if before.stopped or after.stopped:
            return any(after.verdicts.get(vote, value) != value for vote, value in before.verdicts.items())
        return (before.figures.status, before.verdicts) != (after.figures.status, after.verdicts)


def rehearsed(both: Both, playbooks: Sequence[str]) -> Iterator[Rehearsed]:
    """Every case of these playbooks, by their names in HEAD, rehearsed on both sides by the offline model."""
    with tempfile.TemporaryDirectory(prefix="sre-run-rehearsals-") as runs:
        for name in (name for name in playbooks if name in both.head.playbooks):
            was = both.was("playbook", name)
            problem = _problem(both.base, was) or _problem(both.head, name)
            if problem:
                yield Rehearsed(name, problem=problem)
                continue
            for case in _cases(both, was, name):
                if case == DEFAULT_CASE and _needs_alert(both, was, name):
                    yield Rehearsed(f"{name}/{case}", problem=NEEDS_ALERT, unable=True)
                else:
                    yield _on_both_sides(both, was, name, case, Path(runs))


def _needs_alert(both: Both, was: str, name: str) -> bool:
    """Whether one of the sides cannot be run as it is, with the inputs that it states."""
    sides = ((both.base, was), (both.head, name))
    return any(needs_alert(side.playbook_files[each]) for side, each in sides if each in side.playbooks)


def _on_both_sides(both: Both, was: str, name: str, case: str, runs: Path) -> Rehearsed:
    title = f"{name}/{case}"
    try:
        before = _rehearsal(both.base, was, case, runs / "base")
        after = _rehearsal(both.head, name, case, runs / "head")
        return Rehearsed(title, with_new_names(before, after, both) if before and after else before, after)
    except InterruptedRunError:
        raise
    except ConfigError as error:
        return Rehearsed(title, problem=error.problems[0].message)
    except RunnerError as error:
        return Rehearsed(title, problem=error.message)


def replayed(both: Both, record: Record) -> Rehearsed:
    """A recorded run, replayed under its playbook on both sides; no model and no tool is called."""
    run_name, playbook = record.started.run, str(record.started.configuration["playbook"]["name"])
    now = both.now("playbook", playbook)
    if now not in both.head.playbooks:
        return Rehearsed(run_name, problem=f"HEAD has no playbook {said(playbook)}, which it was a run of")
    was = both.was("playbook", now)
    try:
        before = _replay(both.base, was, record) if was in both.base.playbooks else None
        return Rehearsed(run_name, before, _replay(both.head, now, record))
    except RunnerError as error:
        return Rehearsed(run_name, problem=error.message)


def _problem(side: Side, name: str) -> str:
    made = side.configuration(name) if name in side.playbooks else None
    where = "BASE" if side.beside else "HEAD"
    return f"it has problems in {where}" if isinstance(made, ConfigError) else ""


def _cases(both: Both, was: str, name: str) -> list[str]:
    """The cases of a playbook in HEAD, and those that only BASE has."""
    sides = ((both.head, name), (both.base, was))
    files = [side.playbook_files[each] for side, each in sides if each in side.playbooks]
    return list(dict.fromkeys([DEFAULT_CASE, *(case for file in files for case in file.names("tests"))]))


def _rehearsal(side: Side, name: str, case: str, runs: Path) -> Result | None:
    """One case of one side; None where it does not have it."""
    if name not in side.playbooks:
        return None
    key = None if case == DEFAULT_CASE else case
    if key is not None and key not in side.playbook_files[name].names("tests"):
        return None
    path = side.playbooks[name][0]
    expect = load(path, directory=side, case=key).playbook.expect
    record, _ = run(RunOptions(path, config=side.root, case=key, offline=True, runs=runs))
    return _result(record, expect)


def _replay(side: Side, name: str, record: Record) -> Result:
    configuration = load_again(record, playbook=side.playbooks[name][0], directory=side.root)
    followed = replay_with(configuration, record)
    followed.record.conclusion = followed.conclusion
    # A replay records what came of the calls, and not the calls that it was served.
    served = {
        started.call for identity, (started, _) in for_replay(record).calls.items() if identity in followed.served
    }
    for call in (call for number, call in record.calls.items() if number in served):
        followed.record.add(call)
    stopped = ""
    if followed.missed:
        missed = followed.missed[0]
        count = f"{len(followed.served)} of {len(outcomes(record))} recorded calls are the same"
        stopped = f"{count}; {missed.identity[1]} would make another {missed.identity[0]} call"
    return _result(followed.record, configuration.playbook.expect, stopped)


def _result(record: Record, expect: ExpectSpec, stopped: str = "") -> Result:
    fields: Mapping[str, object] = record.conclusion.fields if record.conclusion else {}
    cause = fields.get("root_cause")
    checked = () if stopped else tuple(check(expect, record))
    figures_ = figures(record, checked)
    return Result(
        figures_,
        figures_.verdicts or {verdict["vote"]: verdict.get("value") for verdict in verdicts(record)},
        tuple((report.agent, finding.statement) for report in record.reports().values() for finding in report.findings),
        str(cause.get("statement", "")) if isinstance(cause, Mapping) else "",
        checked,
        stopped,
    )
