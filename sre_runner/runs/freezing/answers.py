"""What the tools of a run answered, as `simulated.answers` that give the same again to the same calls."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import Json
from sre_runner.journal.events import CallFinished, CallStarted
from sre_runner.journal.record import Record
from sre_runner.journal.recorded import outcomes
from sre_runner.tools.tool import as_text, filled_in

NOTHING = "The run that this was frozen from has no answer of this tool."
"""What a tool says that was not called, or never answered."""

MOST_DATA = 4_000
"""Characters of an answer in JSON up to which it is written as data, for people; a file holds so many values only."""
_DEPTH = 20

Turn = Mapping[str, Json]
"""One answer: a key of `return`, `error`, `no_data` and `timeout`."""

_Call = tuple[str, str]
"""A tool's name and its arguments as canonical JSON."""


def answers_of(record: Record) -> dict[str, list[dict[str, Json]]]:
    """The answers of every tool of a run, one entry for each call with other arguments (defaults filled in), in the
    order in which they were first made.

    Repeated calls of a conversation are answered in turn. Where agents were told different things, each has an entry
    of its own, and the last is for everyone else. Refused and withheld calls, and those that nobody knows the outcome
    of, have none.
    """
    tools = record.started.configuration["tools"]
    arguments: dict[_Call, Mapping[str, Json]] = {}
    told: defaultdict[_Call, dict[str, Sequence[Turn]]] = defaultdict(dict)
    for agent, calls in _conversations(record):
        own: defaultdict[_Call, list[Turn]] = defaultdict(list)
        for request, finished in calls:
            turn = _turn(finished)
            if turn and request.name in tools:
                given = filled_in(tools[request.name]["input_schema"], request.request)
                key = request.name, _canonical(given)
                arguments.setdefault(key, given)
                own[key].append(turn)
        for key, turns in own.items():
            if len(turns) > len(told[key].get(agent, ())):
                told[key][agent] = turns
    found: dict[str, list[dict[str, Json]]] = {name: [] for name in tools}
    for key, each in arguments.items():
        found[key[0]] += _entries(each, told[key])
    return {name: answers or [{"no_data": NOTHING}] for name, answers in found.items()}


def _conversations(record: Record) -> Iterator[tuple[str, Sequence[tuple[CallStarted, CallFinished]]]]:
    """The tool calls of each conversation with their outcomes, and whose it is; first those that the run was in the
    end, then what attempts before a resume did otherwise."""
    standing = {work.assignment.id for work in record.standing()}
    found: defaultdict[tuple[bool, str], list[tuple[CallStarted, CallFinished]]] = defaultdict(list)
    for request, finished in outcomes(record).values():
        if request.kind == "tool":
            key = request.scope not in standing, record.conversation_of(request.scope)
            found[key].append((request, finished))
    for key in sorted(found, key=lambda key: key[0]):
        agent = record.work[key[1]].assignment.agent
        # What was asked again by a resume stands later in the journal than what came after it in the conversation.
        yield agent, sorted(found[key], key=lambda call: int(call[0].label[1:]))


def _turn(finished: CallFinished) -> Turn | None:
    """What a call came to, as an entry says it; None where a rehearsal comes to it by itself, or it is not known."""
    if finished.outcome == "timeout":
        return {"timeout": True}
    answer = finished.tool_answer
    if finished.outcome != "answer" or answer is None:
        return None
    if answer.is_error:
        return {"error": answer.text}
    return {"no_data": answer.text} if answer.no_data else {"return": _data(answer.text)}


def _data(text: str) -> Json:
    """An answer as data, where that is given as the same text again; else the text."""
    if len(text) > MOST_DATA or text[:1] not in ("{", "["):
        return text
    try:
        data = json.loads(text, parse_float=_not_exact, parse_constant=_not_exact)
    except (ValueError, RecursionError):
        return text
    return data if _height(data) <= _DEPTH and as_text(data) == text else text


def _not_exact(text: str) -> Json:
    """Numbers with a fraction stay in the text as they are."""
    raise ValueError(text)


def _height(data: Json) -> int:
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return 1 + max(map(_height, inner), default=0)


def _canonical(data: Mapping[str, Json]) -> str:
    """Text that is the same for arguments that are equal as JSON, where 1 is 1.0."""
    return json.dumps(_whole(data), sort_keys=True)


def _whole(data: Json) -> Json:
    if isinstance(data, float) and data.is_integer():
        return int(data)
    if isinstance(data, Mapping):
        return {name: _whole(value) for name, value in data.items()}
    return [_whole(value) for value in data] if isinstance(data, list | tuple) else data


def _entries(arguments: Mapping[str, Json], told: Mapping[str, Sequence[Turn]]) -> Iterator[dict[str, Json]]:
    """The entries for one call, by what each agent that made it was told."""
    when = {name: {"equals": value} if isinstance(value, Mapping) else value for name, value in arguments.items()}
    asked: dict[str, Json] = {**({"when": when} if when else {}), "exact": True}
    sequences = [_collapsed(turns) for turns in told.values()]
    shared = next((each for each in sequences if all(_agree(turns, each) for turns in told.values())), sequences[0])
    for agent, turns in told.items():
        if not _agree(turns, shared):
            yield {**asked, "asked_by": agent, **_given(_collapsed(turns))}
    yield {**asked, **_given(shared)}


def _collapsed(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns without those at the end that only repeat the one before, as the last one does anyway."""
    end = len(turns)
    while end > 1 and turns[end - 1] == turns[end - 2]:
        end -= 1
    return turns[:end]


def _agree(turns: Sequence[Turn], sequence: Sequence[Turn]) -> bool:
    """Whether an entry with this sequence gives these turns."""
    return all(turn == sequence[min(at, len(sequence) - 1)] for at, turn in enumerate(turns))


def _given(turns: Sequence[Turn]) -> dict[str, Json]:
    """What an entry gives in these turns. An `error` alone must have a text."""
    if len(turns) == 1 and turns[0].get("error") != "":
        return dict(turns[0])
    if all("return" in turn for turn in turns):
        return {"returns": [turn["return"] for turn in turns]}
    return {"in_turn": [dict(turn) for turn in turns]}
