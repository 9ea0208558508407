"""A run followed through its journal without a call: replayed, under its own configuration or another, or foreseen."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sre_runner.casefile import Case, Conclusion, Json, Verdict
from sre_runner.errors import ConfigError, RunnerError
from sre_runner.investigation.agent import open_conversation
from sre_runner.investigation.door import Door
from sre_runner.investigation.engine import Stop, investigate
from sre_runner.investigation.terms import Beyond, Terms
from sre_runner.journal.events import RunStarted
from sre_runner.journal.facts import values_checked
from sre_runner.journal.file import JOURNAL, Identity, Journal
from sre_runner.journal.record import Record, fold
from sre_runner.journal.recorded import Recorded, ReplayError, answers, for_replay, outcomes
from sre_runner.models.kinds import MODEL_KINDS
from sre_runner.runs.options import loaded
from sre_runner.specs import Configuration


@dataclass(frozen=True)
class Followed:
    """How far a journal led.

    `record` is of what was followed, `served` has the calls that were the same; `missed` are those, of one wave, that
    the journal lacks.
    """

    record: Record
    conclusion: Conclusion | None
    served: frozenset[Identity]
    missed: tuple[ReplayError, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """How many of the `recorded` answers of an earlier run will serve a new one."""

    recorded: int
    at_least: int
    at_most: int

    def __str__(self) -> str:
        least, most, all_of_them = self.at_least, self.at_most, self.recorded
        return (
            f"of {all_of_them} recorded answers, at least {least} and at most {most} can be used again; "
            f"at least {all_of_them - most} and at most {all_of_them - least} cannot"
        )


def replay(record: Record) -> Conclusion:
    """The conclusion of a run, drawn again from its journal alone; raise `ReplayError` where it cannot be."""
    followed = replay_with(record.configuration, record)
    if followed.conclusion is None:
        raise followed.missed[0]
    return followed.conclusion


def replay_with(configuration: Configuration, record: Record) -> Followed:
    """How far the journal of a run leads under a configuration, which may be another than its own."""
    configuration = replace(configuration, values_checked=values_checked(record))
    playbook = configuration.playbook
    case = replace(record.started.case, task=playbook.task, inputs=playbook.inputs, alert=playbook.alert)
    recorded = for_replay(record)
    same = _of_same_tools(recorded.calls, record, configuration)
    writes = list(configuration.tools)  # those that were made are served
    return asyncio.run(_follow(configuration, case, replace(recorded, calls=same), Recorded(), writes))


def reusable(configuration: Configuration, record: Record) -> Recorded:
    """The answers of an earlier run that a new one may be served, wherever it makes the same call."""
    return Recorded(_of_same_tools(answers(record), record, configuration))


async def foresee(configuration: Configuration, case: Case, record: Record, writes: Collection[str] = ()) -> Forecast:
    """How many answers of an earlier run a new one that may make these writes will use, found out without a call.

    For sure are those up to the wave in which a first call is new; possible are all others that no known difference
    rules out.
    """
    reused = reusable(configuration, record)
    followed = await _follow(configuration, case, Recorded(replay=True, record=record), reused, writes)
    left = [identity for identity in reused.calls if identity not in followed.served] if followed.missed else []
    same = _same_openings(configuration, record)
    # What the budget denied then it may deny again, and then what followed is the same.
    known = outcomes(record)
    new = [missed.identity for missed in followed.missed if missed.identity not in known]
    parted = {record.conversation_of(scope) for kind, scope, *_ in new if kind == "model"}
    ruled_out = {scope for scope in record.work if scope not in same or record.conversation_of(scope) in parted}
    possible = [
        (kind, scope)
        for kind, scope, *_ in left
        if scope not in ruled_out or (kind == "tool" and record.work[scope].assignment.agent in configuration.agents)
    ]
    sure = len(followed.served)
    return Forecast(len(answers(record)), sure, sure + len(possible))


def load_again(record: Record, **changes: Any) -> Configuration:
    """The configuration of a recorded run from its files as they are now; `changes` replace parts of its
    origin.

    Raises `ConfigError` for problems in the files, `RunnerError` where they are gone or were never recorded.
    """
    origin = {**record.started.origin, **changes}
    if "playbook" not in origin:
        raise RunnerError("the journal does not say which playbook it was", "Name one with --with PLAYBOOK.")
    if not Path(origin["playbook"]).is_file():
        raise RunnerError(f"{origin['playbook']} is no longer there", "Name a playbook with --with PLAYBOOK.")
    return loaded(origin)


def changed_since(record: Record) -> list[str]:
    """What the files say otherwise now than when a run began: `playbook`, `agent k8s-expert`, `tool list_pods`; or, a
    sentence, why that cannot be told."""
    try:
        now = load_again(record).source
    except ConfigError as error:
        return [f"the files have problems now ({error.message})"]
    except (RunnerError, OSError) as error:
        return [f"the files cannot be compared ({getattr(error, 'message', error)})"]
    then = record.started.configuration
    changed = [] if _plain(then["playbook"]) == _plain(now["playbook"]) else ["playbook"]
    for kind, word in (("agents", "agent"), ("tools", "tool")):
        names = dict.fromkeys([*then[kind], *now[kind]])
        changed += [f"{word} {name}" for name in names if _plain(then[kind].get(name)) != _plain(now[kind].get(name))]
    return changed


def verdicts(record: Record) -> list[Mapping[str, Any]]:
    """The verdicts of a run, as far as it got: of its conclusion, or as its synthesizer was told them."""
    if record.conclusion:
        return [_told(verdict) for verdict in record.conclusion.verdicts]
    blocks = [dict(work.assignment.blocks) for work in record.work.values()]
    return next((block["votes"] for block in blocks[::-1] if "votes" in block), [])


def _told(verdict: Verdict) -> Mapping[str, Any]:
    return {"vote": verdict.vote, "rule": verdict.rule, "value": verdict.value, "reason": verdict.reason}


async def _follow(
    configuration: Configuration, case: Case, recorded: Recorded, reused: Recorded, writes: Collection[str]
) -> Followed:
    with tempfile.TemporaryDirectory() as nowhere:
        journal = Journal(Path(nowhere) / JOURNAL)
        journal.append(RunStarted("replay", case, configuration.source, configuration.digest, "offline", {}))
        # A call that nothing serves is refused before any model or tool is asked, so that any model will do, and none
        # of the tools.
        beyond = Beyond(MODEL_KINDS["offline"](lambda _: None), {}, configuration.tools)
        door = Door(journal, beyond, Terms(allowed_writes=writes, recorded=recorded, reused=reused))
        try:
            conclusion = await investigate(configuration, case, door, Stop())
        except ReplayError as error:
            return Followed(fold(journal.entries), None, frozenset(door.served), (error, *error.also))
        finally:
            journal.close()
        return Followed(fold(journal.entries), conclusion, frozenset(door.served))


def _of_same_tools(calls: Mapping[Any, Any], record: Record, configuration: Configuration) -> dict[Any, Any]:
    """The calls of models, and of tools whose definition is what it was."""
    then, now = record.started.configuration.get("tools", {}), configuration.source["tools"]
    return {
        identity: (started, finished)
        for identity, (started, finished) in calls.items()
        if started.kind == "model"
        or finished.outcome != "answer"
        or _plain(then.get(started.name)) == _plain(now.get(started.name))
    }


def _same_openings(configuration: Configuration, record: Record) -> set[str]:
    """The assignments whose conversation would begin as it did: the same model, system prompt and tools."""
    then = record.configuration
    return {
        scope
        for scope, work in record.work.items()
        if work.assignment.agent in configuration.agents
        and open_conversation(then, work.assignment).digest == open_conversation(configuration, work.assignment).digest
    }


def _plain(data: Json) -> str:
    return json.dumps(data, sort_keys=True)
