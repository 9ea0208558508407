"""Tested cases as people and programs read them: a line each, why one failed, the sum, and one JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.config.directory import shown
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.testing.cases import Judged, Outcome, Trial, exit_code
from sre_runner.text.output import printable

FORMAT = 1
"""Version of the JSON object; a key that changes its meaning or goes away raises it, a new key does not."""

_WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "FAILED",
    Outcome.ERROR: "ERROR",
    Outcome.INTERRUPTED: "interrupted",
}


def case_text(judged: Judged) -> str:
    """One line that says what a case came to and, unless it passed, why, below it."""
    said = [*_of_trials(judged), f"{judged.seconds:.1f} s", money(judged.trials)]
    head = f"{_WORDS[judged.outcome]:7} {judged.case.title}  {', '.join(said)}"
    uncalled = dict.fromkeys(line for trial in judged.trials for line in trial.not_called)
    return "\n".join([head, *(f"  {line}" for line in (*reasons(judged), *map(_line, uncalled)))]) + "\n"


def reasons(judged: Judged) -> Iterator[str]:
    """Why a case did not pass, a printable line each; nothing where it did."""
    if judged.outcome is Outcome.PASSED:
        return
    several = len(judged.trials) > 1
    for number, trial in enumerate(judged.trials, start=1):
        if trial.outcome is Outcome.PASSED:
            continue
        indent = "  " if several else ""
        if several:
            yield f"trial {number} of {len(judged.trials)}: {_WORDS[trial.outcome]}"
        yield from (f"{indent}{line}" for line in _of_trial(trial))


def _of_trial(trial: Trial) -> Iterator[str]:
    if trial.outcome is Outcome.INTERRUPTED:
        yield "interrupted before it could be judged" if trial.folder else "not begun, as the tests were interrupted"
    elif trial.problem:
        yield _line(trial.problem)
    else:
        for each in (one for one in trial.expectations if not one.holds):
            yield f"expected: {_line(each.expected)}"
            yield f"   found: {_line(each.found)}"
            yield from (f"         - {_line(evidence)}" for evidence in each.evidence)
    if trial.folder:
        yield f"the run: sre-run show {_line(str(trial.folder))}"


def _of_trials(judged: Judged) -> list[str]:
    if len(judged.trials) == 1:
        return []
    return [f"{judged.passes} of {len(judged.trials)} trials passed, {judged.require} must"]


def money(trials: Sequence[Trial]) -> str:
    """What trials cost, or would have cost."""
    rehearsed = [trial.would_be for trial in trials if trial.would_be is not None]
    if rehearsed:
        return f"would cost ${sum(rehearsed):.4f}"
    paid = [trial.usd for trial in trials if trial.usd is not None]
    unknown = " and what has no known price" if len(paid) < len(trials) else ""
    return f"${sum(paid):.4f}{unknown}"


def skipped_text(file: Path) -> str:
    """The line of a playbook that expects nothing."""
    return f"skipped {printable(file.stem)}  it has neither `expect` nor `tests`\n"


def sum_text(judged: Sequence[Judged], skipped: Sequence[Path], seconds: float) -> str:
    """The last line: how many came to what, in how many seconds, for how much."""
    counted = Counter(str(each.outcome) for each in judged) + Counter({"skipped": len(skipped)})
    parts = ", ".join(f"{counted[name]} {name}" for name in (*map(str, Outcome), "skipped") if counted[name])
    trials = [trial for each in judged for trial in each.trials]
    return f"{parts} in {seconds:.1f} s; {money(trials)}\n"


def to_json(judged: Sequence[Judged], skipped: Sequence[Path], seconds: float, rehearsal: bool) -> dict[str, Json]:
    """All of it as plain data; docs/testing-playbooks.md says what each key means."""
    counted = Counter(each.outcome for each in judged)
    notice = REHEARSAL if rehearsal else None
    return {
        "notice": notice,
        "format": FORMAT,
        "rehearsal": rehearsal,
        "exit_code": int(exit_code(judged)),
        "seconds": seconds,
        "counts": {**{str(outcome): counted[outcome] for outcome in Outcome}, "skipped": len(skipped)},
        "cases": [_case(each) for each in judged],
        "skipped": [{"playbook": file.stem, "file": shown(file)} for file in skipped],
        "closing_notice": notice,
    }


def _case(judged: Judged) -> dict[str, Json]:
    return {
        "playbook": judged.case.configuration.playbook.name,
        "file": shown(judged.case.file),
        "case": judged.case.name,
        "outcome": str(judged.outcome),
        "passes": judged.passes,
        "required": judged.require,
        "trials": [_trial(trial) for trial in judged.trials],
    }


def _trial(trial: Trial) -> dict[str, Json]:
    return {
        "run": trial.folder.name if trial.folder else None,
        "folder": str(trial.folder) if trial.folder else None,
        "outcome": str(trial.outcome),
        "problem": trial.problem,
        "seconds": trial.seconds,
        "tokens": trial.tokens,
        "usd": trial.usd,
        "would_be_usd": trial.would_be,
        "not_called": list(trial.not_called),
        "expectations": [{**asdict(each), "found": None if each.holds else each.found} for each in trial.expectations],
    }


def _line(text: str) -> str:
    """A text of a model, tool or person on one printable line."""
    return printable(" ".join(text.split()))
