"""A record as a message for Slack: the conclusion in blocks that fit Slack's limits."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import Finding, Json
from sre_runner.coordination.report_schemas import SEVERITY_FIELD
from sre_runner.coordination.voting.rules import decided_by
from sre_runner.journal import facts
from sre_runner.journal.record import Record
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.text.output import printable

MOST_TEXT, MOST_HEADER, MOST_BLOCKS = 3_000, 150, 50
"""Slack's limits: characters of a section's text and of a header's, and blocks of a message."""

MOST_ACTIONS, MOST_EVIDENCE = 20, 5
_QUOTE, _STATEMENT, _COMMAND = 300, 400, 2_000
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def slack(record: Record) -> dict[str, Json]:
    """The message as `chat.postMessage` and incoming webhooks take it: `text` for notifications, and `blocks`.

    No text of the record can become a link, a mention or a code block's end.
    """
    title = _title(record)
    blocks = list(_blocks(record, title))
    # The last one says where the rest is.
    kept = blocks if len(blocks) <= MOST_BLOCKS else [*blocks[: MOST_BLOCKS - 1], blocks[-1]]
    return {"text": mrkdwn(title, MOST_TEXT), "blocks": kept}


def mrkdwn(text: str, limit: int) -> str:
    """Text escaped for mrkdwn and cut with an ellipsis to `limit` UTF-16 code units, never within an escape."""
    # A fence has no escape.
    return _fitted([_ESCAPES.get(each, each) for each in printable(text).replace("```", "'''")], limit)


def _fitted(parts: Sequence[str], limit: int) -> str:
    """As many of the parts as fit."""
    if _units("".join(parts)) <= limit:
        return "".join(parts)
    kept, room = [], limit - 1
    for part in parts:
        room -= _units(part)
        if room < 0:
            break
        kept.append(part)
    return "".join(kept) + "…"


def _blocks(record: Record, title: str) -> Iterator[Json]:
    conclusion = record.conclusion
    fields: Mapping[str, Json] = conclusion.fields if conclusion else {}
    header = {"type": "plain_text", "text": _fitted(printable(title), MOST_HEADER), "emoji": False}
    yield {"type": "header", "text": header}
    if record.rehearsal:
        yield _section(f"*{mrkdwn(REHEARSAL, MOST_TEXT - 2)}*")
    yield _context(_how_decided(record))
    yield from _titled("What happens", fields.get("incident_summary"))
    yield from _titled("Root cause", fields.get("root_cause", {}).get("statement"))
    yield from _listed("Evidence", [line for line in _evidence(record) if line])
    yield from _actions(fields.get("immediate_actions") or ())
    yield from _listed("Changed by this run", [_change(each) for each in facts.writes(record)])
    yield from _listed("Not executed: needs your approval", _proposed(record))
    yield from _listed("In doubt", [mrkdwn(each, _STATEMENT) for each in _doubts(record)])
    yield from _titled("Communication", fields.get("communication"))
    yield _context(_figures(record))


def _title(record: Record) -> str:
    name = str(facts.playbook(record).get("description") or record.started.run)
    severity = record.conclusion.fields.get("severity") if record.conclusion else None
    rehearsal = "Rehearsal · " if record.rehearsal else ""
    return f"{rehearsal}{severity or 'Severity not assessed'}: {' '.join(name.split())}"


def _how_decided(record: Record) -> str:
    conclusion = record.conclusion
    if conclusion is None:
        return "No conclusion was reached."
    said = ["Partial conclusion" if conclusion.partial else "Complete conclusion"]
    verdict = next((each for each in conclusion.verdicts if each.field == SEVERITY_FIELD), None)
    said += [f"severity decided {decided_by(verdict)}"] if verdict and verdict.value is not None else []
    since = record.started.case.incident_started_at
    said += [f"incident since {since}"] if since else []
    return " · ".join(said)


def _evidence(record: Record) -> Iterator[str]:
    names = facts.cited_findings(record)
    for name in names[:MOST_EVIDENCE]:
        found = facts.find(record, name)
        if found is None:
            yield f"{mrkdwn(name, _STATEMENT)} (no such finding was reported)"
            continue
        _, finding = found
        doubt = f" _unverified: {mrkdwn(finding.doubt, _STATEMENT)}_" if finding.doubt else ""
        yield f"{mrkdwn(name, 100)}: {mrkdwn(finding.statement, _STATEMENT)}{doubt}{_quoted(finding)}"
    if len(names) > MOST_EVIDENCE:
        yield f"{len(names) - MOST_EVIDENCE} more in the report"


def _quoted(finding: Finding) -> str:
    quote = next((item.quote for item in finding.evidence if item.quote), None)
    return f" {_code(quote, _QUOTE)}" if quote and not finding.doubt else ""


def _actions(actions: Sequence[Mapping[str, Json]]) -> Iterator[Json]:
    for number, action in enumerate(actions[:MOST_ACTIONS], start=1):
        title = "*Immediate actions*\n" if number == 1 else ""
        text = f"{title}{number}. {mrkdwn(str(action.get('action') or ''), _STATEMENT)}"
        command = str(action.get("command") or "")
        yield _section(f"{text}\n{_block(command, _COMMAND)}" if command else text)
    if len(actions) > MOST_ACTIONS:
        yield _section(f"{len(actions) - MOST_ACTIONS} more actions are in the report.")


def _change(write: facts.MadeWrite) -> str:
    return f"{_code(facts.call_text(write.tool, write.arguments), _QUOTE)}: {write.outcome}"


def _proposed(record: Record) -> list[str]:
    return [
        f"{_code(facts.call_text(each.tool, each.arguments), _QUOTE)}: "
        f"{_code(shlex.join(['sre-run', 'resume', record.started.run, '--allow-write', each.tool]), _QUOTE)}"
        for each in facts.proposed(record)
    ]


def _doubts(record: Record) -> Sequence[str]:
    conclusion = record.conclusion
    return (*conclusion.missing, *conclusion.doubts) if conclusion else ()


def _figures(record: Record) -> str:
    verified, findings = record.verified()
    cost = facts.total_cost(record)
    spent = "a rehearsal" if record.rehearsal else "cost unknown" if cost.usd is None else f"${cost.usd:.2f}"
    found = f"{verified} of {findings} findings verified"
    return f"{found} · {record.seconds:.0f} s · {spent} · sre-run show {record.started.run}"


def _titled(title: str, text: Json) -> Iterator[Json]:
    if text:
        yield _section(f"*{title}*\n{mrkdwn(str(text), MOST_TEXT - len(title) - 3)}")


def _listed(title: str, lines: Sequence[str]) -> Iterator[Json]:
    """A section with as many whole lines as fit; how many do not is said."""
    text, left = f"*{title}*", len(lines)
    for line in lines:
        longer = f"{text}\n• {line}"
        if _units(longer) > MOST_TEXT - 20:
            break
        text, left = longer, left - 1
    if lines:
        yield _section(f"{text}\n• {left} more" if left else text)


def _code(text: str, limit: int) -> str:
    said = " ".join(text.split()).replace("`", "'")
    return f"`{mrkdwn(said, limit)}`"


def _block(text: str, limit: int) -> str:
    return f"```\n{mrkdwn(text, limit)}\n```"


def _section(text: str) -> Json:
    # Verbatim: Slack makes links of nothing that looks like one.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> Json:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn(text, MOST_TEXT), "verbatim": True}]}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def dumped(record: Record) -> str:
    """The message as JSON text, with a newline at its end."""
    return json.dumps(slack(record), indent=2) + "\n"
