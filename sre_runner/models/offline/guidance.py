"""Runbooks in a tool's output: their titles, steps, commands and escalation. What they describe has not been seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sre_runner.models.offline.outputs import Output, Segment, take_apart
from sre_runner.models.offline.quotes import quote_of
from sre_runner.models.offline.words import clean, words

_TOOL_WORDS = frozenset(
    (
        "runbook",
        "guide",
        "procedure",
        "documentation",
        "doc",
        "wiki",
        "knowledge",
        "troubleshooting",
        "sop",
        "webpage",
        "resolution",
        "escalation",
    )
)
_STEP_WORDS = frozenset(("step", "procedure", "action", "command", "remediation", "resolution", "instruction", "fix"))
_PROGRAMS = (
    "kubectl|helm|oc|systemctl|journalctl|docker|crictl|aws|gcloud|az|argocd|psql|mysql|redis-cli|rabbitmqctl|curl|df|du|"
    "openssl|certbot|nslookup|dig|terraform|ceph|etcdctl|nginx|rclone|pg_ctl|lsof|ss|ip|ssh|sudo"
)
_TICKED = re.compile(rf"`((?:\$ )?(?:{_PROGRAMS}) [^`\n]{{2,300}})`")
_BARE = re.compile(rf"^[\s>$*\d.\"'-]{{0,12}}((?:{_PROGRAMS}) [^\n`]{{2,300}})$")
_INLINE = re.compile(r"\b((?:kubectl|helm|systemctl|argocd) [a-z][^\n`\"\\;,)]{2,200})")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(\S.{0,200})$")
_ITEM = re.compile(r"^\s{0,12}(?:[-*+]|\d{1,2}[.)])\s+(\S.*)$")
_LATER = re.compile(r"\b(?:afterwards|long[- ]term|prevent\w*|follow[- ]?up|for good|permanent\w*)\b", re.IGNORECASE)
_ESCALATE = re.compile(r"\b(?:escalat\w+|bring in|page the|call the|contact)\b", re.IGNORECASE)
_MOST_STEPS = 8


@dataclass(frozen=True)
class Step:
    """A step. `command` may be "", `quote` stands literally in the raw text, `later` means: not at once."""

    action: str
    command: str
    quote: str
    later: bool


@dataclass(frozen=True)
class Runbook:
    """A runbook as it was given. `title_quote` and `escalation_quote` stand literally in the raw text."""

    title: str
    title_quote: str
    steps: tuple[Step, ...]
    escalation: str = ""
    escalation_quote: str = ""


def is_guidance(tool: str, raw: str) -> bool:
    """Whether an output tells what to do instead of what is: by the tool's name, or by a title beside steps."""
    if _TOOL_WORDS & set(words(tool)):
        return True
    return any(
        record.first("title") and any(_STEP_WORDS & set(f.words) for f in record.fields)
        for record in take_apart(raw).records[:50]
    )


@lru_cache(maxsize=16)
def runbook(raw: str) -> Runbook | None:
    """The runbook in an output; None where there is no text to speak of."""
    output = take_apart(raw)
    pieces = [piece for piece in _pieces(output) if piece[2].strip()]
    if not pieces:
        return None
    title = _title(output, pieces)
    steps: list[Step] = []
    heading, before = "", ""
    escalation: tuple[str, str] = ("", "")
    for segment, key, text in pieces[:2_000]:
        found = _HEADING.match(text)
        if found:
            heading, before = found.group(1), ""
            continue
        if text.strip().strip('"') == title[0]:
            continue
        escalating = bool(_ESCALATE.search(heading) or _ESCALATE.search(key) or _ESCALATE.search(text))
        if escalating and not escalation[0]:
            escalation = (clean(text.strip(' "-'), 240), _literal(output, segment, 0))
            continue
        item = _ITEM.match(text)
        step = _step(output, segment, text, item.group(1) if item else "", before, key, heading)
        if step and len(steps) < _MOST_STEPS:
            if step.command and steps and not steps[-1].command and steps[-1].action == step.action:
                steps.pop()
            steps.append(step)
        before = clean((item.group(1) if item else text).strip(' "'), 160) if text.strip() else before
    return Runbook(clean(title[0], 100), title[1], tuple(steps), *escalation)


def _pieces(output: Output) -> Iterator[tuple[Segment, str, str]]:
    """Each line or JSON value with its place, the name it stands under, and its text without quotes and key."""
    for segment in output.segments:
        text = output.text[segment.start : segment.end]
        if segment.key and segment.record is not None:
            field = next((f for f in segment.record.fields if f.begin == segment.start and f.key == segment.key), None)
            text = field.value if field else text.replace('\\"', '"').strip('"')
        yield segment, segment.key, text[:1_000]


def _title(output: Output, pieces: list[tuple[Segment, str, str]]) -> tuple[str, str]:
    for segment, key, text in pieces[:200]:
        heading = _HEADING.match(text)
        if heading:
            return heading.group(1).strip(), _literal(output, segment, text.find(heading.group(1)))
        if key and words(key)[-1:] in (["title"], ["name"], ["runbook"]):
            return text.strip(), _literal(output, segment, 0)
    segment, _, text = pieces[0]
    return clean(text, 100), _literal(output, segment, 0)


def _literal(output: Output, segment: Segment, near: int) -> str:
    return quote_of(output.text, segment.start, segment.end, segment.start + max(0, near))


def _step(output: Output, segment: Segment, text: str, item: str, before: str, key: str, heading: str) -> Step | None:
    """A line as a step: it has a command, or it is an item of a list, or stands under a name such as `steps`."""
    command = next((m.group(1) for p in (_TICKED, _BARE, _INLINE) if (m := p.search(text.strip('"')))), "")
    named = bool(_STEP_WORDS & set(words(key)))
    if not (command or item or named):
        return None
    own = clean(
        re.sub(r"[`*]", "", (item or text).replace(command, "") if command else item or text).strip(' ":$(),'), 160
    )
    action = own if len(own.split()) > 1 else before
    action = action.strip(" :") or "Follow the runbook's step"
    quote = _literal(output, segment, max(0, text.find(command)) if command else 0)
    later = bool(_LATER.search(heading) or _LATER.search(key) or _LATER.search(own))
    return Step(action[:1].upper() + action[1:], command.removeprefix("$ ").strip(), quote, later)
