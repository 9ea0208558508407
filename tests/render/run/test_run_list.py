from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from kept import NOON
from sample import CONFIGURATION, Journal, team

from sre_runner.casefile import Usage
from sre_runner.render.run.export import dump
from sre_runner.render.run.run_list import TITLES, text, to_json
from sre_runner.runs.listing import Listed, State, listed

BEGUN = Listed("payment-gateway-1", "runs/payment-gateway-1", NOON.isoformat(), "payment-gateway", {"team": "x"})
DOCS = Path(__file__).parents[3] / "docs"


def fields(line: str) -> list[str]:
    return re.split(r" {2,}", line.strip())


def test_a_run_in_a_line() -> None:
    run = listed(team().fold(), BEGUN, running=False)
    titles, line = text([run]).splitlines()
    assert fields(titles) == list(TITLES)
    name, began, *rest = fields(line)
    assert (name, began) == ("payment-gateway-1", f"{NOON.astimezone():%Y-%m-%d %H:%M}")
    assert rest == ["payment-gateway", "complete", "P1", "17.5", "5", "9,710", "$0.0259"]


def test_columns_are_left_out_where_there_is_no_room() -> None:
    run = listed(team().fold(), BEGUN, running=False)
    whole = text([run])
    widest = max(map(len, whole.splitlines()))
    seen = set()
    for width in range(widest + 10):
        titles, line = text([run], width).splitlines()
        seen.add(tuple(fields(titles)))
        assert len(fields(line)) == len(fields(titles))
        assert max(len(titles), len(line)) <= width or fields(titles) == ["run", "status"]
    assert len(seen) == len(TITLES) - 1
    assert text([run], widest) == whole
    assert "playbook" not in text([run], widest - 1)


def test_a_rehearsal_costs_nothing_and_says_so() -> None:
    run = listed(team("offline").fold(), BEGUN, running=False)
    assert (run.rehearsal, run.usd) == (True, 0.0)
    assert run.would_be_usd
    assert fields(text([run]).splitlines()[1])[-1] == "rehearsal"


def test_a_model_without_a_price_costs_nobody_knows_what() -> None:
    journal = Journal()
    journal.start(configuration={**CONFIGURATION, "playbook": {"model": {"name": "llama"}}})
    journal.assign("investigate/k8s-expert", "k8s-expert")
    journal.ask("investigate/k8s-expert", Usage(10, 10), model="llama")
    run = listed(journal.fold(), BEGUN, running=True)
    assert (run.usd, run.status, run.severity) == (None, State.RUNNING, None)
    assert fields(text([run]).splitlines()[1])[3:] == ["running", "1.5", "1", "20", "unknown"]


def test_what_is_broken_is_told_below_the_table() -> None:
    broken = Listed("b\x1b", "runs/b", None, None, problem="no journal entry:\n\x07")
    said = text([listed(team().fold(), BEGUN, running=False), broken])
    assert said.splitlines()[2].split() == ["b\\x1b", "broken"]
    assert said.endswith("broken\n\nb\\x1b: no journal entry: \\x07\n")


def test_the_json_has_every_key_that_the_page_describes_and_no_other() -> None:
    (run,) = json.loads(dump(to_json([replace(BEGUN, status=State.PARTIAL)])))
    page = (DOCS / "past-runs.md").read_text(encoding="utf-8")
    section = page.split("## The JSON of the list")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(run)
    assert (run["status"], run["labels"]) == ("partial", {"team": "x"})
    for state in State:
        assert f"| `{state}` |" in page
