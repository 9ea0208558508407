"""Where a run that is replayed under another configuration parts from what was recorded, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sre_runner.casefile import Json
from sre_runner.journal.record import Record
from sre_runner.journal.recorded import outcomes
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.blocks import Blocks, section, table
from sre_runner.render.escape import code_block, inline
from sre_runner.runs.replay import Followed, verdicts


def divergence(record: Record, followed: Followed) -> str:
    """The document: how far the journal led, what the votes came to, and what differs in the first call it lacks."""
    blocks = [f"# {inline(record.started.run)} under another configuration", _how_far(record, followed)]
    blocks += [*section("Votes", _votes(record, followed)), *_missed(followed)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def to_json(record: Record, followed: Followed) -> dict[str, Json]:
    """The same as plain data, as docs/past-runs.md describes it."""
    notice = REHEARSAL if record.rehearsal else None
    return {
        "notice": notice,
        "run": record.started.run,
        "served": len(followed.served),
        "recorded": len(outcomes(record)),
        "verdicts": {"recorded": _plain(verdicts(record)), "now": _plain(verdicts(followed.record))},
        "diverges": [
            {"kind": missed.identity[0], "assignment": missed.identity[1], "what": missed.message, "how": missed.hint}
            for missed in followed.missed
        ],
        "conclusion": followed.conclusion and dict(followed.conclusion.fields),
        "closing_notice": notice,
    }


def _plain(told: Iterable[Mapping[str, Json]]) -> list[Json]:
    return [{key: verdict.get(key) for key in ("vote", "rule", "value", "reason")} for verdict in told]


def _how_far(record: Record, followed: Followed) -> str:
    calls = f"{len(followed.served)} of {len(outcomes(record))} recorded calls are the same"
    first = followed.missed[0].identity[1] if followed.missed else ""
    return f"{calls}; it first diverges in {inline(first)}." if first else f"{calls}, and it comes to its end."


def _votes(record: Record, followed: Followed) -> str:
    then = {verdict["vote"]: verdict for verdict in verdicts(record)}
    now = {verdict["vote"]: verdict for verdict in verdicts(followed.record)}
    names = list(dict.fromkeys([*then, *now]))
    if not names:
        return ""
    rows = [[inline(name), _verdict(then.get(name)), _verdict(now.get(name))] for name in names]
    return table(["vote", "recorded", "now"], rows)


def _verdict(verdict: Mapping[str, Json] | None) -> str:
    if verdict is None:
        return "not reached"
    value = verdict.get("value") or "no verdict"
    return inline(f"{value}, by {verdict['rule']}: {verdict['reason']}")


def _missed(followed: Followed) -> Blocks:
    for missed in followed.missed:
        head, _, lines = missed.hint.partition("\n")
        yield from section(
            f"Call that the journal lacks: the {missed.identity[0]}'s, of {inline(missed.identity[1])}",
            inline(head),
            code_block(lines, "diff") if lines else "",
        )
