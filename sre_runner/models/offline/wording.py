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
_MOST_EFFECTS = 3
_LONGEST_TASK = 260


def cause_sentence(made: Picture) -> str:
    """The root cause, what it leads to, the change that explains it, and who shows it."""
    if made.cause is None:
        return _undetermined(made)
    parts = [f"{made.cause.says}{_quoted(made.findings(made.cause))}."]
    if made.effects:
        effects = "; ".join(_effect(signal, made) for signal in made.effects[:_MOST_EFFECTS])
        parts.append(f"Effects: {effects}.")
    place = "" if _places(made.findings(made.cause)) else next(iter(_places(made.findings(*made.effects))), "")
    parts += [f"The stack trace points {place}." if place else "", _change_sentence(made)]
    agents = list(dict.fromkeys(each.agent for each in made.findings(made.cause, *made.effects) if each.agent))
    if len(agents) > 1:
        parts.append(f"Confirmed by {listed(agents)}.")
    return " ".join(part for part in parts if part)


def summary(made: Picture, heard: Heard, grade: str, given: Mapping[str, str], missing: Sequence[str]) -> Iterator[str]:
    """The paragraph about the incident, a sentence each: the case, the cause, disagreements, what is missing."""
    yield from _case(heard)
    if not made.failing:
        yield f"No known sign of failure in any answer.{_no_answer(made)} That does not prove that there is none."
    elif made.cause is None:
        yield _undetermined(made)
    else:
        yield f"Cause: {_lower(made.cause.says)}{_quoted(made.findings(made.cause))}."
        seen = listed([_lower(signal.says) for signal in made.effects[:_MOST_EFFECTS]])
        yield f"Effects: {seen}." if seen else ""
        yield _change_sentence(made)
    yield from _contradictions(made, grade, given)
    if missing:
        yield f"Missing: {' '.join(missing)}"


def communication(made: Picture, heard: Heard, grade: str, todo: Sequence[Mapping[str, Json]]) -> str:
    """The update for stakeholders: effect, cause, what is being done, next update."""
    what = clean(heard.inputs.get("service") or next(iter(heard.inputs.values()), "") or "The system", 80)
    if not made.failing:
        if made.silent:
            return f"We could not check all of {what}.{_no_answer(made)} We found no failure in what we saw."
        return f"We checked {what} and found no failure so far. We keep monitoring it."
    known = f"Probable cause: {_lower(made.cause.says)}" if made.cause else "The cause is not known yet"
    trigger = "; a recent change is the suspected trigger" if made.change else ""
    first = str(todo[0]["action"]).rstrip(".")
    step = f"Next step: {_lower(first)}. Next update in 30 minutes."
    return f"{what} is affected ({grade}). {known}{trigger}. {step}"


def _undetermined(made: Picture) -> str:
    """What can be said where no finding is one that an incident can be put down to."""
    seen = "; ".join(
        clean(each.statement, 220).rstrip(".") for each in [*made.findings(*made.effects), *made.others][:4]
    )
    if not seen:
        return f"Not determined: no answer shows a failure.{_no_answer(made)}"
    return " ".join(part for part in (f"Not determined. Seen: {seen}.", _change_sentence(made)) if part)


def _no_answer(made: Picture) -> str:
    """The sentence about the tools that only failed, after a space; "" where there are none."""
    return f" No answer from {listed(list(made.silent))}." if made.silent else ""


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
    said = made.change.statement.strip().removeprefix("A recent change").split(". Previous: ")[0]
    what = clean(said, 260).strip(" .:,")
    if made.linked:
        return f"Likely trigger: recent change {what}. Both mention {listed(sorted(made.linked)[:4])}."
    return f"Likely trigger: recent change {what}, the latest one known."


def _case(heard: Heard) -> Iterator[str]:
    task = heard.case.get("task")
    if isinstance(task, str) and task.strip():
        said = clean(task, _LONGEST_TASK)
        if said.endswith("…") and ". " in said:
            said = said.rsplit(". ", 1)[0] + "."
        yield said if said.endswith((".", "?", "!", "…")) else f"{said}."
    began = heard.case.get("incident_started_at")
    if isinstance(began, str):
        yield f"Start: {clean(began, 40)}."


def _contradictions(made: Picture, grade: str, given: Mapping[str, str]) -> Iterator[str]:
    graded = {agent: own for agent, own in given.items() if own in SEVERITIES}
    observed = [each for each in made.told if each not in made.runbooks]
    speaking = {each.agent for each in observed}
    if len({own for agent, own in graded.items() if agent in speaking}) > 1:
        said = listed([f"{agent} {own}" for agent, own in graded.items() if agent in speaking])
        yield f"Severity ballots differ ({said}); {grade} is the most severe."
    silent = sorted(agent for agent in graded if agent not in {each.agent for each in made.told})
    if silent and made.failing:
        yield f"No findings from {listed(silent)}."
    if made.unexplained:
        named = "; ".join(_lower(signal.says) for signal in made.unexplained[:4])
        yield f"Not explained by this cause: {named}. Investigate separately."


def _lower(text: str) -> str:
    """A sentence as it stands inside another one; abbreviations stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
