"""A conclusion's sentences: the cause and what it leads to, the summary with what contradicts, the update."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.models.offline.causes import Picture, Told
from sre_runner.models.offline.hearing import Heard
from sre_runner.models.offline.table import Signal
from sre_runner.models.offline.words import clean, listed

_EXCERPT = re.compile(r"“([^”]{1,300})”")
_PLACE = re.compile(r"The stack trace points (\S(?:.{0,300}\S)?)\.$", re.DOTALL)
_MOST_EFFECTS = 5
_LONGEST_TASK = 260


def cause_sentence(made: Picture) -> str:
    """The root cause, what it leads to, the change that explains it, and who shows it."""
    if made.cause is None:
        return _undetermined(made)
    parts = [f"{made.cause.says}{_quoted(made.findings(made.cause))}."]
    if made.effects:
        effects = "; ".join(_effect(signal, made) for signal in made.effects[:_MOST_EFFECTS])
        parts.append(f"This leads to what else was seen: {effects}.")
    place = "" if _places(made.findings(made.cause)) else next(iter(_places(made.findings(*made.effects))), "")
    parts += [f"The stack trace points {place}." if place else "", _change_sentence(made)]
    agents = list(dict.fromkeys(each.agent for each in made.findings(made.cause, *made.effects) if each.agent))
    if len(agents) > 1:
        parts.append(f"{listed(agents)} show this independently of each other.")
    return " ".join(part for part in parts if part)


def summary(made: Picture, heard: Heard, grade: str, given: Mapping[str, str], missing: Sequence[str]) -> Iterator[str]:
    """The paragraph about the incident, a sentence each: the case, the cause, disagreements, what is missing."""
    yield from _case(heard)
    if not made.failing:
        yield "No sign of a failure was recognised in anything that was asked; this is no proof that there is none."
    elif made.cause is None:
        yield _undetermined(made)
    else:
        seen = listed([_lower(signal.says) for signal in made.effects[:_MOST_EFFECTS]])
        yield f"What is seen: {seen}." if seen else ""
        yield f"The cause: {_lower(made.cause.says)}{_quoted(made.findings(made.cause))}."
        yield _change_sentence(made)
    yield from _contradictions(made, grade, given)
    if missing:
        yield f"Missing: {' '.join(missing)}"


def communication(made: Picture, heard: Heard, grade: str, todo: Sequence[Mapping[str, Json]]) -> str:
    """The update for stakeholders: effect, cause, what is being done, next update."""
    what = clean(heard.inputs.get("service") or next(iter(heard.inputs.values()), "") or "The system in question", 80)
    if not made.failing:
        return f"{what} was looked at, and no failure was recognised so far. We keep watching."
    known = f"The probable cause is known ({_lower(made.cause.says)})" if made.cause else "The cause is not known yet"
    trigger = ", and a recent change is suspected to have brought it" if made.change else ""
    first = str(todo[0]["action"]).rstrip(".")
    step = f"Next step: {_lower(first)}. The next update follows in 30 minutes."
    return f"{what} is affected ({grade}). {known}{trigger}. {step}"


def _undetermined(made: Picture) -> str:
    """What can be said where no finding is one that an incident can be put down to."""
    seen = "; ".join(
        clean(each.statement, 220).rstrip(".") for each in [*made.findings(*made.effects), *made.others][:4]
    )
    if not seen:
        return "Not determined: nothing that was asked shows a failure."
    return " ".join(part for part in (f"Not determined. What was seen: {seen}.", _change_sentence(made)) if part)


def _effect(signal: Signal, made: Picture) -> str:
    """An effect, with the objects and the limit that its finding names."""
    statement = made.shown[signal.id][0].statement
    if statement.startswith(f"{signal.says}, "):
        return clean(_lower(statement.split(": “", 1)[0]), 200)
    return f"{_lower(signal.says)}{_quoted(made.shown[signal.id][:1])}"


def _quoted(told: Sequence[Told]) -> str:
    """What findings quote, and the place in the code to which they point."""
    excerpts = list(dict.fromkeys(clean(text, 140) for each in told for text in _EXCERPT.findall(each.statement)))
    said = [text for text in excerpts if not any(text in other for other in excerpts if other != text)]
    places = _places(told)
    where = f", in the code {places[0]}" if places else ""
    if said:
        return f": {listed([f'“{text}”' for text in said[:2]])}{where}"
    return f" ({clean(told[0].statement, 200).rstrip('.')}){where}" if told else where


def _places(told: Sequence[Told]) -> list[str]:
    """The places in the code to which the findings' stack traces point."""
    return [clean(match.group(1), 200) for each in told if (match := _PLACE.search(each.statement))]


def _change_sentence(made: Picture) -> str:
    """The change that explains it: one that speaks of the same things, or the newest one."""
    if made.change is None:
        return ""
    said = made.change.statement.strip().removeprefix("A recent change").split(". The one before it was ")[0]
    what = clean(said, 260).strip(" .:,")
    if made.linked:
        return f"It came with the recent change {what}; both speak of {listed(sorted(made.linked)[:4])}."
    return f"The likely trigger is the recent change {what}, the newest that is known."


def _case(heard: Heard) -> Iterator[str]:
    task = heard.case.get("task")
    if isinstance(task, str) and task.strip():
        said = clean(task, _LONGEST_TASK)
        if said.endswith("…") and ". " in said:
            said = said.rsplit(". ", 1)[0] + "."
        yield f"The case: {said}" if said.endswith((".", "?", "!", "…")) else f"The case: {said}."
    began = heard.case.get("incident_started_at")
    if isinstance(began, str):
        yield f"It began at {clean(began, 40)}."


def _contradictions(made: Picture, grade: str, given: Mapping[str, str]) -> Iterator[str]:
    graded = {agent: own for agent, own in given.items() if own in SEVERITIES}
    observed = [each for each in made.told if each not in made.runbooks]
    speaking = {each.agent for each in observed}
    if len({own for agent, own in graded.items() if agent in speaking}) > 1:
        said = listed([f"{agent} {own}" for agent, own in graded.items() if agent in speaking])
        yield f"The specialists judge the severity differently ({said}); {grade} follows the most severe of them."
    silent = sorted(agent for agent in graded if agent not in {each.agent for each in made.told})
    if silent and made.failing:
        yield f"{listed(silent)} saw nothing of it."
    if made.unexplained:
        named = "; ".join(_lower(signal.says) for signal in made.unexplained[:4])
        yield f"Not explained by this cause: {named}. Look at it separately."


def _lower(text: str) -> str:
    """A sentence as it stands inside another one; abbreviations stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
