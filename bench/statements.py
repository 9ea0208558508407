"""True statements with the answers that they rest on: of rehearsed runs, and made from recorded cases."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sre_runner import api
from sre_runner.commands.init import EXAMPLES, examples
from sre_runner.coordination.claims.seen import Index, Seen, case_index
from sre_runner.journal import facts
from sre_runner.journal.record import Record

MOST_LINES = 12
"""Lines of one recorded answer that become statements, spread over all of it."""
_LONGEST = 300
_PAIR = re.compile(
    r'(?<![^\s"{,])"?([A-Za-z][\w.-]{0,40}[A-Za-z_])"?(?::\s?|=)"?'  # a key
    r'(?=[^\s"]{0,59}\d)([\w.:/@%+-]{1,60})(?=[\s",;)}\]]|$)'  # and a whole value that has a digit
)
_GROUPS = re.compile(r"(?<![\w.,:-])[0-9]{5,12}(?![\w.,-])")
_SECONDS = re.compile(r"(?<![\d:.])(\d{2}:\d{2}):\d{2}(?:[.,]\d+)?(?![\d:])")
_UNITS = re.compile(r"(?<![\w.])(\d+)(Mi|Gi|MB|GB|ms|%)(?!\w)")
_SPELLED = {"Mi": " MiB", "Gi": " GiB", "%": " percent", "ms": " milliseconds", "MB": " megabytes", "GB": " gigabytes"}


@dataclass(frozen=True)
class Statement:
    """A true sentence, where it is `of`, and the texts that it rests on, indexed."""

    of: str
    text: str
    seen: Seen


def of_runs(playbooks: list[Path]) -> Iterator[Statement]:
    """The findings of rehearsals of these playbooks and of the examples, each with the answers that it cites."""
    with tempfile.TemporaryDirectory() as temporary:
        for name, text in examples().items():
            path = Path(temporary, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for playbook in [*playbooks, *sorted(Path(temporary, EXAMPLES, "playbooks").glob("*.yaml"))]:
            runs = Path(temporary, "runs", playbook.stem)
            yield from _of_record(
                api.investigate(playbook, settings={"backend": "simulated"}, offline=True, runs=runs).record
            )


def _of_record(record: Record) -> Iterator[Statement]:
    case = case_index(record.started.case)
    for work in record.work.values():
        calls = facts.calls_behind(record, work)
        for finding in work.report.findings if work.report else ():
            texts = [case]
            for item in finding.evidence:
                outcome = calls[item.call].outcome if item.call in calls else None
                if outcome and outcome.tool_answer:
                    arguments = json.dumps(calls[item.call or ""].request.request, ensure_ascii=False)
                    texts += [Index(outcome.tool_answer.text), Index(arguments, names_only=True)]
            if len(texts) > 1:
                yield Statement("findings of runs", finding.statement, Seen(texts))


def of_cases(folder: Path) -> Iterator[Statement]:
    """Lines of recorded answers, pairs of key and value in other words, and the facts that a right answer has."""
    for path in sorted(folder.glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        answers = [call["response"] for tool in case["tools"] for call in tool["calls"] if call.get("response")]
        indexes = [Index(answer) for answer in answers]
        for answer, index in zip(answers, indexes, strict=True):
            yield from _of_answer(answer, Seen([index]))
        whole = Seen([*indexes, Index(case["task"])])
        yield from (Statement("facts of right answers", fact, whole) for fact in case["expected"])


def _of_answer(answer: str, seen: Seen) -> Iterator[Statement]:
    lines = [line.strip() for line in answer.splitlines() if 10 < len(line.strip()) <= _LONGEST]
    for line in lines[:: max(1, len(lines) // MOST_LINES)][:MOST_LINES]:
        yield Statement("lines of answers", f"The output has: {line}", seen)
        yield Statement("lines, written otherwise", f"The output has: {_otherwise(line)}", seen)
    pairs = _PAIR.findall(answer[:200_000])
    for key, value in pairs[:: max(1, len(pairs) // MOST_LINES)][:MOST_LINES]:
        yield Statement("keys with values", f"The {key.strip()} was {value.rstrip('.:,')}.", seen)


def _otherwise(line: str) -> str:
    """The line as a person writes it: separators in large numbers, times without seconds, units in words."""
    line = _SECONDS.sub(r"\1", line)
    line = _UNITS.sub(lambda match: match[1] + _SPELLED[match[2]], line)
    return _GROUPS.sub(lambda match: f"{int(match[0]):,}", line)
