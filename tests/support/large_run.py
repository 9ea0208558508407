"""A run of very many specialists, each with calls whose answers are long, and findings that quote them."""

from __future__ import annotations

from sample import CONCLUSION, LOG_FIELDS, Journal

from sre_runner.casefile import Conclusion, Evidence, Finding, Usage
from sre_runner.journal.events import Concluded, RunFinished
from sre_runner.journal.record import Record


def large_run(specialists: int = 200, calls: int = 25, characters: int = 4_000) -> Record:
    """So many specialists with so many tool calls each; every fifth call of theirs is quoted."""
    journal = Journal()
    journal.start(labels={"team": "payments"})
    names = [f"expert-{number:03}" for number in range(specialists)]
    for name in names:
        journal.assign(f"investigate/{name}", name)
    for name in names:
        scope = f"investigate/{name}"
        for number in range(1, calls + 1):
            if number % 5 == 1:
                journal.ask(scope, Usage(2_000, 200), "search_logs")
            line = f"{name} call {number}: <ERROR> & timeout of pod payment-gw-{number}\n"
            text = line * (characters // len(line))
            journal.use(scope, f"c{number}", "search_logs", {"query": f"{name} {number}"}, text=text)
        quotes = {n: f"{name} call {n}: <ERROR> & timeout" for n in range(5, calls + 1, 5)}
        findings = [Finding(f"f{n}", f"Finding {n}.", (Evidence(f"c{n}", said),)) for n, said in quotes.items()]
        journal.report(scope, name, LOG_FIELDS, findings, turns=calls // 5)
    rests_on = [{"finding": f"{name}/f5"} for name in names[:10]]
    cause = {"statement": "The pool is exhausted.", "evidence": rests_on}
    fields = {**CONCLUSION, "root_cause": cause, "evidence": [{"agent": names[0], **rests_on[0]}]}
    journal.assign("conclude", "synthesizer")
    journal.report("conclude", "synthesizer", fields, turns=1)
    journal.add(Concluded(Conclusion(fields, by_model=True)), RunFinished(0))
    return journal.fold()
