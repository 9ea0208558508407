"""What the votes came to, and the severity of the conclusion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sre_runner.coordination.voting.rules import decided_by
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import shortened
from sre_runner.testing.expectations.subject import Subject


def verdicts(expected: Mapping[str, Sequence[str]], subject: Subject) -> Iterator[Expectation]:
    """Whether each vote came to one of its values."""
    conclusion = subject.record.conclusion
    voted = {verdict.vote: verdict for verdict in conclusion.verdicts} if conclusion else {}
    for name, values in expected.items():
        verdict, evidence = voted.get(name), []
        found = verdict.value if verdict else None
        if verdict:
            ballots = "; ".join(f"{each.agent} {each.shown}" for each in verdict.ballots)
            evidence = [f"{decided_by(verdict)}: {shortened(verdict.reason)}", f"ballots: {ballots}"]
        elif conclusion and name == "severity":
            found = str(conclusion.fields["severity"])
            evidence = [f"incident_summary: {shortened(str(conclusion.fields['incident_summary']))}"]
        words = f"the verdict of {name} is {' or '.join(values)}"
        yield Expectation(words, found in values, f"it is {found or 'not there'}", tuple(evidence))
