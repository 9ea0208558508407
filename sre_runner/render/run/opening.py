"""What a document about a run begins with: what a person needs first, whole or as much as a screen has room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from sre_runner.casefile import Conclusion, Json
from sre_runner.coordination.claims.marks import marked
from sre_runner.coordination.evidence.statements import concluded_text
from sre_runner.coordination.proposed.marks import Mark
from sre_runner.journal import facts
from sre_runner.journal.changes import changes_text
from sre_runner.journal.marks import action_marks
from sre_runner.journal.record import Record
from sre_runner.journal.trust import Trust, trust_of
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.blocks import Blocks, section
from sre_runner.render.escape import code_block, code_span, inline, paragraphs
from sre_runner.render.run.findings import QUOTE_LIMIT, call_made, cited, mark_of
from sre_runner.render.run.fitting import WIDTH, cut
from sre_runner.render.run.marks import briefly, marks_below
from sre_runner.render.run.proofs import Proof, causes, proofs
from sre_runner.render.run.repeated import fresh
from sre_runner.render.run.trust import line
from sre_runner.render.run.votes import severity
from sre_runner.render.run.writes import changed, withheld

MISSING = "Missing or unverified"
_ITEM = WIDTH - 4
"""Columns of a list's item."""


@dataclass(frozen=True)
class Room:
    """How much room the parts have: `lines` of one fact, of the `impact`, the `cause`, an `action` and its command;
    `items` of a list, `actions`, and `characters` of a quote. None is as much as there is."""

    lines: int | None = None
    impact: int | None = None
    cause: int | None = None
    action: int | None = None
    items: int | None = None
    actions: int | None = None
    characters: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.lines is None


WHOLE = Room()


@dataclass(frozen=True)
class Checks:
    """What was checked of a conclusion; it takes long enough to be found out only once for a document."""

    marks: Sequence[tuple[Mark, ...]]
    trust: Trust | None


def checks_of(record: Record) -> Checks:
    """The marks of its commands, and the counts of its checks."""
    marks = action_marks(record)
    return Checks(marks, trust_of(record, marks))


def opening(record: Record, room: Room = WHOLE, checks: Checks | None = None) -> Blocks:
    """Severity, impact, what was changed, the cause with its best evidence, what to do, what is missing."""
    checks = checks or checks_of(record)
    yield from _head(record, room, checks.trust)
    yield from changed(record, room.items)
    yield from _impact(record, room)
    yield from _cause(record, room)
    yield from _actions(record, room, checks.marks)
    gaps = "\n".join(_gaps(record, room, checks.trust))
    yield from section(MISSING, gaps or ("Nothing." if room.is_whole else ""))


def notices(record: Record, lines: int | None = None) -> list[str]:
    """What must not be overlooked: that it is a rehearsal, that the journal was changed. Empty ones are none."""
    told = f"The journal was changed after it was written: {changes_text(record.changes)}."
    rehearsal = f"> **{inline(REHEARSAL)}**" if record.rehearsal else ""
    return [rehearsal, f"> **{_fitted(told, lines)}**" if record.changes else ""]


def _fitted(text: str, lines: int | None) -> str:
    return inline(text if lines is None else cut(text, lines, _ITEM))


def _head(record: Record, room: Room, trust: Trust | None) -> Blocks:
    started, conclusion = record.started, record.conclusion
    yield f"# {_fitted(str(facts.playbook(record).get('description') or started.run), room.lines and 1)}"
    where = [f"run {started.run}", f"started {started.case.started_at}"]
    if started.case.incident_started_at:
        where.append(f"incident since {started.case.incident_started_at}")
    where += [f"{name}: {value}" for name, value in started.labels.items()]
    lines = [_fitted(" · ".join(where), room.lines)]
    lines += [severity(conclusion) if conclusion else "**No conclusion was reached.**", *_reservations(record)]
    if trust:
        lines.append(f"**Checked:** {_fitted(line(trust), room.lines and 2)}.")
    lines.append(_looked_at(record, room))
    if not facts.writes(record):
        lines.append("Changed by this run: nothing.")
    yield "  \n".join(lines)


def _reservations(record: Record) -> Iterator[str]:
    """What makes the conclusion less than a whole one."""
    conclusion = record.conclusion
    if conclusion and not conclusion.by_model:
        yield "**No model drew this conclusion:** the engine put the specialists' reports side by side."
    elif conclusion and conclusion.partial:
        yield "**This conclusion is partial:** what is missing stands below."


def _looked_at(record: Record, room: Room) -> str:
    """Which systems the tools looked at."""
    if record.world == "simulated":
        return "Tools: simulated; no real system was looked at."
    origins = "; ".join(f"{origin} ({', '.join(tools)})" for origin, tools in facts.origins(record).items())
    return "**Live tools.** " + _fitted(f"Looked at: {origins or 'nothing'}.", room.lines)


def concluded(conclusion: Conclusion, name: str) -> str:
    """A text of the conclusion, with what no finding shows that it cites marked where it stands."""
    return marked(concluded_text(conclusion.fields, name), conclusion.unseen.get(name, ()))


def _impact(record: Record, room: Room) -> Blocks:
    """What is broken and who notices, without what the cause says as well."""
    if record.conclusion is None:
        return
    fields = record.conclusion.fields
    left = fresh(
        concluded(record.conclusion, "incident_summary"), [str(fields.get("root_cause", {}).get("statement", ""))]
    )
    yield from section("Impact", paragraphs(left) if room.is_whole else _fitted(left, room.impact))


def _cause(record: Record, room: Room) -> Blocks:
    if record.conclusion is None:
        return
    statement = concluded(record.conclusion, "root_cause")
    best = proofs(record)
    names = [name for name in causes(record) if name not in [proof.name for proof in best]]
    label = "Also shown by" if best else "Shown by"
    further = f"{label}: {', '.join(cited(record, name) for name in names)}"
    if not room.is_whole:
        further = f"{label} {len(names)} {'more ' if best else ''}finding{'s' if len(names) > 1 else ''}."
    yield from section(
        "Root cause",
        paragraphs(statement) if room.is_whole else _fitted(statement, room.cause),
        "\n".join([*(_proof(proof, room) for proof in best), *([f"- {further}"] if names else [])]),
    )


def _proof(proof: Proof, room: Room) -> str:
    quote = facts.shortened(" ".join(proof.quote.split()), room.characters or QUOTE_LIMIT)
    made = call_made(proof.call) if room.is_whole else code_span(proof.call.request.name)
    doubt = mark_of(proof.finding) if room.is_whole or not proof.finding.doubt else " (**unverified**)"
    return f"- {code_span(quote)}: **{inline(proof.name)}**{doubt}, {inline(proof.call.request.label)} {made}"


def _actions(record: Record, room: Room, marks: Sequence[tuple[Mark, ...]]) -> Blocks:
    actions = record.conclusion.fields.get("immediate_actions", []) if record.conclusion else []
    blocks = [
        block
        for number, action in enumerate(actions[: room.actions], start=1)
        for block in _action(number, action, marks[number - 1], room)
    ]
    left = len(actions) - len(actions[: room.actions])
    more = f"{left} more action{'s' if left > 1 else ''}: see the whole text." if left else ""
    yield from section("Immediate actions", *blocks, more)


def _action(number: int, action: Mapping[str, Json], marks: tuple[Mark, ...], room: Room) -> Blocks:
    """A command stands at the left margin, so that copying it takes no white space along. On a screen its marks stand
    before it, and one that is too long is not shown at all: nobody shall copy half of it."""
    text, command = str(action.get("action", "")), str(action.get("command") or "")
    if room.action is None:
        yield f"{number}. {inline(text)}"
        yield code_block(command, "sh") if command else ""
        yield marks_below(command, marks)
        return
    lines = sum(max(1, -(-cell_len(line.expandtabs()) // WIDTH)) for line in command.strip("\n").split("\n"))
    shown = [_fitted(text, room.action)]
    if marks:
        shown.append(f"**{_fitted(briefly(command, marks), room.action)}**")
    if command and lines > room.action:
        shown.append("The command is long: see the whole text.")
    yield f"{number}. {' '.join(shown)}"
    yield code_block(command, "sh") if command and lines <= room.action else ""


def _gaps(record: Record, room: Room, trust: Trust | None) -> Iterator[str]:
    """What is not in the conclusion, what of it does not stand, and what waits for a person."""
    conclusion = record.conclusion
    if conclusion:
        yield from _listed([*conclusion.missing, *(f"In doubt: {each}" for each in conclusion.doubts)], room)
    yield from _listed(trust.remarks if trust else (), room)
    yield from withheld(record, room.items)
    if conclusion:
        yield from _listed([f"What may help: {each}" for each in conclusion.hints], room)
    left_out = ", ".join(facts.without(record))
    if left_out:
        yield f"- {_fitted(f'Without {left_out}, as was asked for.', room.lines)}"


def _listed(sentences: Sequence[str], room: Room) -> Iterator[str]:
    shown = sentences[: room.items]
    yield from (f"- {_fitted(each, room.lines)}" for each in shown)
    if len(shown) < len(sentences):
        yield f"- {len(sentences) - len(shown)} more"
