"""Writes the figures of the two *Choosing …* pages from rehearsals: run `python docs/generate_figures.py`."""

from __future__ import annotations

import copy
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sre_runner.casefile import SEVERITIES, Report
from sre_runner.commands.init import EXAMPLES, examples
from sre_runner.coordination.coordinator import ballots
from sre_runner.coordination.voting.rules import RULES, decide
from sre_runner.journal.record import Record
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
from sre_runner.specs import VoteSpec

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "docs" / "choosing-a-strategy.md", ROOT / "docs" / "choosing-a-voting-rule.md")
PLACE = "(<!-- {} -->\n).*?(<!-- end -->)"
DELAYS: Mapping[str, float] = {"kubernetes": 0.5, "logs": 0.4, "runbooks": 0.2}
"""Seconds that every call of a family takes where times are compared."""
ALONE = {"specialists": "[generalist]", "coordinator": "{strategy: single}"}
ENDS = "synthesizer: synthesizer}"
STRATEGIES: Mapping[str, Mapping[str, str]] = {
    "`single` (generalist)": ALONE,
    "`sequential`": {"coordinator": f"{{strategy: sequential, planner: planner, {ENDS}"},
    "`parallel`": {"coordinator": f"{{strategy: parallel, planner: planner, {ENDS}"},
    "`parallel`, with a reviewer": {},
    "`pipeline`": {"coordinator": f"{{strategy: pipeline, {ENDS}"},
    "`debate`, 2 rounds": {"coordinator": f"{{strategy: {{debate: {{rounds: 2, judge: judge}}}}, {ENDS}"},
}
"""What is set in the shipped playbook, for each strategy on the same incident; the reviewed one is it as it ships."""
UNINFORMED = "runbook-advisor"
"""The specialist who looks at no system."""


@dataclass(frozen=True)
class Incident:
    """An example: its name, the severity that its story was given, and what its cause mentions if there is one."""

    name: str
    severity: str
    cause: str


def rehearse(directory: Path, settings: Mapping[str, str], playbook: str = "payment-gateway") -> Record:
    """The record of a rehearsal of a playbook in a configuration directory."""
    with tempfile.TemporaryDirectory() as runs:
        file = directory / "playbooks" / f"{playbook}.yaml"
        record, _ = run(RunOptions(file, offline=True, runs=Path(runs), settings=tuple(settings.items())))
    return record


@cache
def _families() -> Mapping[str, Any]:
    """What the shipped files of tools say, by their stems."""
    return {file.stem: _read(file) for file in sorted((ROOT / "tools.d").glob("*.yaml"))}


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@cache
def of_strategies() -> Mapping[str, Record]:
    """The shipped incident, investigated by each strategy."""
    return {name: rehearse(ROOT, settings) for name, settings in STRATEGIES.items()}


@cache
def of_incidents() -> Sequence[tuple[Incident, Record, Record]]:
    """Every example, investigated by one agent and by the team of its playbook."""
    with tempfile.TemporaryDirectory() as place:
        room = Path(place)
        for name, text in examples().items():
            (room / name).parent.mkdir(parents=True, exist_ok=True)
            (room / name).write_text(text, encoding="utf-8")
        directory = room / EXAMPLES
        severities = _read(directory / "severities.yaml")
        return [
            (_incident(directory, name, severity), rehearse(directory, ALONE, name), rehearse(directory, {}, name))
            for name, severity in severities.items()
        ]


def _incident(directory: Path, name: str, severity: str) -> Incident:
    mentions = _read(directory / "playbooks" / f"{name}.yaml")["expect"].get("mentions", [])
    causes = [mention["text"] for mention in mentions if mention["in"] == "root_cause"]
    return Incident(name.replace("-", " "), severity, "".join(causes))


def in_a_row(record: Record) -> int:
    """The model's replies that had to wait for each other: of every wave its longest assignment."""
    waves: list[list[int]] = []
    end = 0.0
    for work in record.work.values():
        if work.started >= end or not waves:
            waves.append([])
        waves[-1].append(work.turns)
        end = max(end, work.finished or 0.0)
    return sum(map(max, waves))


def with_data(record: Record) -> set[str]:
    """The tools that answered with data."""
    outcomes = [(call.request.name, call.outcome) for call in record.calls_of("tool") if call.outcome]
    return {name for name, o in outcomes if o.tool_answer and not (o.tool_answer.no_data or o.tool_answer.is_error)}


def behind_the_cause(record: Record) -> int:
    """How many different tools the findings rest on that the conclusion cites for the cause."""
    assert record.conclusion
    cited = {item["finding"].rpartition("/") for item in record.conclusion.fields["root_cause"]["evidence"]}
    tools = set()
    for report in record.reports().values():
        own = {call.request.label: call.request.name for call in _of_conversation(record, report)}
        for finding in report.findings:
            if any(agent in ("", report.agent) and of == finding.id for agent, _, of in cited):
                tools |= {own[evidence.call] for evidence in finding.evidence if evidence.call in own}
    return len(tools)


def _of_conversation(record: Record, report: Report) -> Iterator[Any]:
    scopes = [work.assignment.id for work in record.work.values() if work.assignment.agent == report.agent]
    return (call for scope in scopes for call in record.calls_of("tool", scope))


def strategies() -> str:
    """The shipped incident by strategy: what was asked, and what came of it."""
    head = ("", "assignments", "model calls", "in a row", "tool calls", "tools", "tokens", "findings", "cause rests on")
    rows = []
    for name, record in of_strategies().items():
        counted = (len(record.work), len(record.calls_of("model")), in_a_row(record), len(record.calls_of("tool")))
        tools, sure = len(with_data(record)), behind_the_cause(record)
        rows.append((name, *counted, tools, _thousands(record), record.verified()[1], f"{sure} tools"))
    return _table(head, rows)


def times() -> str:
    """How long the strategies take with slow tools, as multiples of `parallel`. Not the same on every machine."""
    with tempfile.TemporaryDirectory() as place:
        slow = _slowed(Path(place) / "slow")
        took = {name: rehearse(slow, settings).seconds for name, settings in STRATEGIES.items()}
    return _table(("", "time"), [(name, f"{seconds / took['`parallel`']:.1f}") for name, seconds in took.items()])


def _slowed(place: Path) -> Path:
    for folder in ("agents.d", "playbooks", "runbooks", "tools.d"):
        shutil.copytree(ROOT / folder, place / folder)
    for family, data in copy.deepcopy(_families()).items():
        for tool in data["tools"].values():
            for each in tool["simulated"].get("answers", [tool["simulated"]]):
                each["delay"] = DELAYS.get(family, 0.0)
        (place / "tools.d" / f"{family}.yaml").write_text(json.dumps(data), encoding="utf-8")  # JSON is YAML
    return place


def one_or_team() -> str:
    """Every incident by one agent and by the team."""
    head = ("incident", "severity", "one agent", "its cause", "tokens", "team", "its cause", "tokens")
    rows = []
    for incident, alone, team in of_incidents():
        halves = [(_severity(each), _cause(incident, each), _thousands(each)) for each in (alone, team)]
        rows.append((incident.name, incident.severity, *halves[0], *halves[1]))
    return _table(head, rows)


def _severity(record: Record) -> str:
    assert record.conclusion
    return str(record.conclusion.fields["severity"])


def _cause(incident: Incident, record: Record) -> str:
    assert record.conclusion
    if not incident.cause:
        return "none to find"
    found = incident.cause.casefold() in record.conclusion.fields["root_cause"]["statement"].casefold()
    return "found" if found else "missed"


def _thousands(record: Record) -> str:
    return f"{record.usage().total / 1000:.1f}k"


Judged = Mapping[str, tuple[str, bool]]
"""By rule: the verdict, and whether the rule itself decided."""


@cache
def of_rules() -> Sequence[tuple[Incident, Sequence[str], Judged]]:
    """Every incident's ballots, as the team cast them, and what each rule makes of them."""
    found = []
    for incident, _, record in of_incidents():
        made = record.configuration
        reports = list(record.reports().values())
        judged = {}
        for name in (*RULES, "weighted, 0 for who looked at nothing"):
            rule, zero = name.split(",")[0], "," in name
            weights = {UNINFORMED: 0.0} if zero else {}
            vote = VoteSpec("severity", "severity_assessment", SEVERITIES, rule, "most_severe", weights)
            cast = ballots(made, vote, reports)
            verdict = decide(vote, cast)
            judged[name] = (str(verdict.value), "otherwise" not in verdict.reason)
        found.append((incident, [str(report.fields["severity_assessment"]) for report in reports], judged))
    return found


def by_incident() -> str:
    """The ballots on every incident, and the verdicts of the rules."""
    judged = of_rules()
    agents = list(of_incidents()[0][2].reports())
    head = ("incident", "severity", *agents, *(f"`{name}`" for name in RULES))
    rows = [
        (incident.name, incident.severity, *cast, *(verdicts[name][0] for name in RULES))
        for incident, cast, verdicts in judged
    ]
    return _table(head, rows)


def by_rule() -> str:
    """How often each rule came to the severity that was set, and how often it was off in which direction."""
    judged = of_rules()
    rows = []
    for name in judged[0][2]:
        off = [SEVERITIES.index(v[name][0]) - SEVERITIES.index(i.severity) for i, _, v in judged]
        rule, _, words = name.partition(",")
        counts = (off.count(0), sum(o < 0 for o in off), sum(o > 0 for o in off))
        rows.append((f"`{rule}`{words and ','}{words}", *counts, sum(not v[name][1] for _, _, v in judged)))
    return _table(("rule", "right", "too severe", "too mild", "left to `otherwise`"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = ["|".join(("", *map(_cell, row), "")) for row in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"


def _cell(value: Any) -> str:
    return f" {value} " if value != "" else " "


TABLES: Mapping[str, Callable[[], str]] = {
    "strategies": strategies,
    "one agent or a team": one_or_team,
    "ballots and verdicts": by_incident,
    "rules": by_rule,
}
"""Figures that come out the same on every machine; a test holds the pages to them."""


def written(page: str, tables: Mapping[str, Callable[[], str]]) -> str:
    """A page with the tables that it has places for."""
    for name, table in tables.items():
        place = re.search(PLACE.format(re.escape(name)), page, re.DOTALL)
        if place:
            page = page[: place.end(1)] + table() + page[place.start(2) :]
    return page


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(written(path.read_text(encoding="utf-8"), {**TABLES, "times": times}), encoding="utf-8")
