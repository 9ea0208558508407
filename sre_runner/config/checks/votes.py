"""What a schema cannot say of votes: who votes on which values, and whether the rule can ever be obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.config.checks.strategies import specialists_of
from sre_runner.config.directory import Directory, File
from sre_runner.config.sources import schema, with_defaults
from sre_runner.coordination.report_schemas import SEVERITY_FIELD, specialist_schema
from sre_runner.coordination.voting.rules import RULES
from sre_runner.documents.hints import choices
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.errors import Problem
from sre_runner.text.naming import listed, said

SEVERITY = "severity"
"""The name under which the conclusion's severity is expected, whatever decided it."""
FALLBACKS = tuple(sorted(name for name, rule in RULES.items() if rule.stands_in))
"""What may decide otherwise, besides an option."""

_VOTES: Place = ("coordinator", "votes")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class _Vote:
    """One vote: its place, what is said of it with defaults, and for each specialist that votes the `enum` of its
    field. Where the reports cannot be told, `voters` is None. `fields` has what else could be voted on, `able` who
    could vote."""

    place: Place
    data: Mapping[str, Json]
    voters: Mapping[str, Json] | None
    fields: Sequence[str]
    able: Sequence[str] = ()

    @property
    def values(self) -> Sequence[str] | None:
        """The values that the field can have; None where it cannot be told, or agents do not agree on it."""
        if self.data["field"] == SEVERITY_FIELD:
            return SEVERITIES
        first, *others = [*(self.voters or {}).values()] or [None]
        agree = all(_enumerated(values) and set(values) == set(first) for values in (first, *others))
        return list(first) if agree else None

    @property
    def options(self) -> Sequence[str] | None:
        """The options, stated or not; None where they cannot be told."""
        return list(self.data["options"]) if "options" in self.data else self.values


def vote_problems(file: File, directory: Directory) -> Iterator[Problem]:
    """Everything that is wrong with the votes of a playbook."""
    decided = ""
    for name in file.names(*_VOTES):
        if not _NAME.fullmatch(name):
            hint = "A name has letters, digits, `_` and `-`, so that --set can lead to it."
            yield file.problem((*_VOTES, name), f"{said(name)} is no name for a vote", hint, key=True)
        vote = _vote(file, directory, name)
        if vote is None:
            continue
        severity = vote.data["field"] == SEVERITY_FIELD
        if severity and decided:
            message = f"the vote {said(decided)} decides the severity already"
            yield _of_field(file, vote, message, "Leave one of the two out.")
        elif name == SEVERITY and not severity:
            message = f"a vote of the name {said(name)} is one over {said(SEVERITY_FIELD)}"
            yield file.problem(vote.place, message, "Choose another name.", key=True)
        decided = name if severity else decided
        yield from (
            *_field(file, vote),
            *_voters(file, vote),
            *_options(file, vote),
            *_order(file, vote),
            *_rule(file, vote),
        )


def verdict_values(file: File, directory: Directory) -> dict[str, Sequence[str] | None]:
    """The verdicts of a run of the playbook, and the values that each can have; None where they cannot be told."""
    votes = {name: _vote(file, directory, name) for name in file.names(*_VOTES)}
    over = [vote for vote in votes.values() if vote and vote.data["field"] == SEVERITY_FIELD]
    severities = over[0].options if over else SEVERITIES
    return {SEVERITY: severities, **{name: vote.options if vote else None for name, vote in votes.items()}}


def _vote(file: File, directory: Directory, name: str) -> _Vote | None:
    """The vote of that name; None where it does not fit the schema."""
    place = (*_VOTES, name)
    given = file.sound(*place)
    if given is None:
        return None
    data = with_defaults(schema("playbook")["$defs"]["vote"]["properties"], given)
    reports = _reports(file, directory)
    if reports is None:
        return _Vote(place, data, None, ())
    field = data["field"]
    enumerated = [name for report in reports.values() for name, enum in report.items() if _enumerated(enum)]
    able = {name: report[field] for name, report in reports.items() if field in report}
    voters = {name: enum for name, enum in able.items() if name in data.get("voters", able)}
    return _Vote(place, data, voters if voters or not able else able, list(dict.fromkeys(enumerated)), list(able))


def _reports(file: File, directory: Directory) -> dict[str, dict[str, Json]] | None:
    """The report of each specialist: its fields, each with its `enum` or None; None where one cannot be told."""
    reports = {}
    for name in specialists_of(file):
        agent = directory.agent(name)
        own = agent.own_fields if agent else None
        if own is None:
            return None
        fields = specialist_schema(own)["properties"]
        reports[name] = {field: shape.get("enum") for field, shape in fields.items()}
    return reports if reports and isinstance(file.at("specialists"), list) else None


def _enumerated(values: Json) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) and value for value in values)


def _of_field(file: File, vote: _Vote, message: str, hint: str) -> Problem:
    """A complaint about the field where it is stated, or else about the vote."""
    if "field" in file.names(*vote.place):
        return file.problem((*vote.place, "field"), message, hint)
    return file.problem(vote.place, message, hint, key=True)


def _field(file: File, vote: _Vote) -> Iterator[Problem]:
    """A field that nobody has, that is not enumerated, or of which two agents say different things."""
    if vote.voters is None:
        return
    field = vote.data["field"]
    if not vote.voters:
        message = f"no specialist of this playbook has a field {said(field)} in its report"
        yield _of_field(file, vote, message, choices(field, vote.fields))
        return
    plain = [name for name, values in vote.voters.items() if not _enumerated(values)]
    if plain:
        hint = "Only a field with an `enum` of texts can be voted on."
        yield _of_field(file, vote, f"{said(field)} of {', '.join(plain)} is not enumerated", hint)
        return
    (first, values), *others = vote.voters.items()
    differ = [name for name, theirs in others if set(theirs) != set(values)]
    moved = [name for name, theirs in others if theirs != values]
    if differ:
        theirs = f"{differ[0]} ({listed(vote.voters[differ[0]])}) than with {first} ({listed(values)})"
        yield _of_field(file, vote, f"{said(field)} has other values with {theirs}", "Give it one `enum` in all files.")
    elif moved and "options" not in vote.data:
        hint = "State the order with `options`, the most severe first."
        message = f"{said(field)} has its values in another order with {moved[0]} than with {first}"
        yield _of_field(file, vote, message, hint)


def _options(file: File, vote: _Vote) -> Iterator[Problem]:
    place, values = (*vote.place, "options"), vote.values
    options: list[str] = vote.data.get("options", [])
    field = vote.data["field"]
    foreign = [option for option in options if values is not None and option not in values]
    for number, option in enumerate(options):
        if option in options[:number]:
            yield file.problem((*place, number), f"{said(option)} is listed twice", "Leave one out.")
        elif option in foreign:
            message = f"{said(option)} is no value of {said(field)}"
            yield file.problem((*place, number), message, choices(option, values or ()))
    if not options or values is None or foreign or len(set(options)) < len(options):
        return
    if field == SEVERITY_FIELD and options != sorted(options):
        hint = f"Write [{', '.join(sorted(options))}]."
        yield file.problem(place, "the options go from the most severe to the least", hint, key=True)
    lacking = [value for value in values if value not in options]
    if field != SEVERITY_FIELD and lacking:
        message = f"the options lack {listed(lacking)}, which {said(field)} can be"
        yield file.problem(place, message, "Only `severity_assessment` can be voted on with fewer values.", key=True)


def _voters(file: File, vote: _Vote) -> Iterator[Problem]:
    """Voters that could not vote, or are named twice."""
    named: list[str] = vote.data.get("voters", [])
    for number, name in enumerate(named):
        place = (*vote.place, "voters", number)
        if name in named[:number]:
            yield file.problem(place, f"{said(name)} is listed twice", "Leave one out.")
        elif vote.able and name not in vote.able:
            message = f"{said(name)} is not a specialist of this playbook whose report has {said(vote.data['field'])}"
            yield file.problem(place, message, choices(name, vote.able))


def _order(file: File, vote: _Vote) -> Iterator[Problem]:
    """A vote that needs to know which value is more severe, and is not told: the order of an `enum` does not say so."""
    rule, otherwise = vote.data["rule"], vote.data["otherwise"]
    if "options" in vote.data or vote.data["field"] == SEVERITY_FIELD or not vote.options:
        return
    first, *others = (vote.voters or {}).values()
    if any(values != first for values in others):
        return  # that the order has to be stated was said
    stated = file.names(*vote.place)
    hint = f"State `options`, the most severe first; the values are {listed(vote.options)}."
    if RULES[rule].ordered:
        place, key = ((*vote.place, "rule"), False) if "rule" in stated else (vote.place, True)
        yield file.problem(place, f"the rule {rule} needs to know which value is more severe", hint, key=key)
    elif otherwise in FALLBACKS:
        place, key = ((*vote.place, "otherwise"), False) if "otherwise" in stated else (vote.place, True)
        what = f"otherwise: {otherwise}" if RULES[otherwise].ordered else f"a tie of {otherwise}"
        yield file.problem(place, f"{what} needs to know which value is more severe", hint, key=key)


def _rule(file: File, vote: _Vote) -> Iterator[Problem]:
    options, rule, otherwise = vote.options, vote.data["rule"], vote.data["otherwise"]
    if options is not None and otherwise not in (*FALLBACKS, *options):
        hint = choices(otherwise, list(dict.fromkeys([*FALLBACKS, *options])))
        yield file.problem((*vote.place, "otherwise"), f"{said(otherwise)} is no option of this vote", hint)
    weights: Mapping[str, Json] = vote.data.get("weights", {})
    if weights and RULES[rule].counts != "weight":
        hint = "Write `rule: weighted`, or leave `weights` out."
        message = f"the rule {rule} does not look at weights"
        yield file.problem((*vote.place, "weights"), message, hint, key=True)
    voters = vote.voters
    if not voters:
        return
    for name in weights:
        if name not in voters:
            hint = choices(name, list(voters))
            yield file.problem(
                (*vote.place, "weights", name), f"{said(name)} casts no ballot in this vote", hint, key=True
            )
    if vote.data.get("quorum", 0) > len(voters):
        ballots = "1 ballot" if len(voters) == 1 else f"{len(voters)} ballots"
        message = f"the quorum of {vote.data['quorum']} is never reached: there are at most {ballots}"
        yield file.problem((*vote.place, "quorum"), message, f"The ballots are those of {listed(voters)}.")
