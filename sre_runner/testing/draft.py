"""What to expect of rehearsals of a recorded run: drafted from its conclusion, less what a rehearsal does not meet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.reading import expect_of
from sre_runner.coordination.expectations.table import EXPECT
from sre_runner.journal.facts import status
from sre_runner.journal.record import Record
from sre_runner.testing.expectations.check import check
from sre_runner.testing.expectations.passages import folded

MENTIONS = 4
"""Names of the root cause that are expected to be in it again."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]{2,60}[A-Za-z0-9]")
_DISTINCT = re.compile(r"[0-9_/:-]|[a-z][A-Z]|[A-Z]{2}[a-z]")
"""What words of a sentence do not have."""


def drafted(record: Record) -> dict[str, Json]:
    """What a run with a conclusion came to, as `expect` of its playbook: status, severity and verdicts, names in the
    root cause that tools spoke of, the tools that answered, writes that nobody asked for, findings verified.

    Writes are not expected to be made: tests withhold them.
    """
    conclusion = record.conclusion
    assert conclusion
    verdicts = {verdict.vote: verdict.value for verdict in conclusion.verdicts if verdict.value is not None}
    tools = record.started.configuration["tools"]
    calls = record.calls_of("tool")
    answered = {call.request.name for call in calls if call.outcome and call.outcome.outcome == "answer"}
    asked = {call.request.name for call in calls}
    verified, findings = record.verified()
    writes = [name for name, tool in tools.items() if tool["effect"] == "write"]
    draft: dict[str, Json] = {
        "status": status(record),
        "verdicts": {"severity": conclusion.fields["severity"], **verdicts},
        "mentions": [{"text": name, "in": "root_cause"} for name in _names(record)][:MENTIONS],
        "tools_called": [name for name in tools if name in answered and name not in writes],
        "tools_not_called": [name for name in writes if name not in asked],
        "min_findings_verified": verified * 100 // findings / 100 if findings else None,
    }
    return {key: value for key, value in draft.items() if value not in ([], None)}


def _names(record: Record) -> Iterator[str]:
    """Names in the statement of the root cause that a tool has answered with, in their order."""
    statement = (
        str((record.conclusion.fields.get("root_cause") or {}).get("statement", "")) if record.conclusion else ""
    )
    answers = [call.outcome.tool_answer for call in record.calls_of("tool") if call.outcome]
    said = [folded(answer.text) for answer in answers if answer and answer.from_tool and not answer.no_data]
    for name in dict.fromkeys(_NAME.findall(statement)):
        if _DISTINCT.search(name) and any(folded(name) in text for text in said):
            yield name


def met(draft: Mapping[str, Json], record: Record) -> tuple[dict[str, Json], list[str]]:
    """The part of a draft that holds in another run, and what does not, each in words with what was found instead."""
    kept: dict[str, Json] = {}
    missed: list[str] = []
    for key, value in draft.items():
        parts = _parts(value)
        good = []
        for part in parts:
            failed = [each for each in check(expect_of({key: part}, EXPECT), record) if not each.holds]
            missed += [f"{each.expected}: {each.found}" for each in failed]
            good += [] if failed else [part]
        if good:
            kept[key] = _joined(value, good)
    return kept, missed


def _parts(value: Json) -> list[Json]:
    """What can hold by itself."""
    if isinstance(value, Mapping):
        return [{name: one} for name, one in value.items()]
    return [[one] for one in value] if isinstance(value, list) else [value]


def _joined(value: Json, parts: list[Json]) -> Json:
    if isinstance(value, Mapping):
        return {name: one for part in parts for name, one in part.items()}
    return [one for part in parts for one in part] if isinstance(value, list) else parts[0]
