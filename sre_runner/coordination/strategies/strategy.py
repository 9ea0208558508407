"""What a strategy is: everything that the rest of the program asks of one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from sre_runner.casefile import Assignment, Investigation, Json, Report, Wave
from sre_runner.errors import Problem
from sre_runner.specs import CoordinatorSpec, Playbook, Role

Waves: TypeAlias = Callable[[Sequence[Assignment], CoordinatorSpec], Generator[Wave, Sequence[Report], Investigation]]
"""Yields waves of the assignments, is sent the wave's reports in its order, and returns what was found out."""


class Draft(Protocol):
    """A playbook that is being checked, as far as the checks of a strategy look into it.

    A place is inside the strategy's own mapping: `("stop_when", "pods")`.
    """

    @property
    def specialists(self) -> tuple[str, ...]:
        """The names that the playbook lists, each once."""

    @property
    def listed(self) -> int:
        """How many entries `specialists` has, those that are listed twice included."""

    def keys(self, *place: str) -> tuple[str, ...]:
        """The keys of the mapping that stands there; none where there is no mapping."""

    def wrong_team(self, message: str, hint: str) -> Problem:
        """A complaint about the specialists as a whole."""

    def wrong_key(self, place: tuple[str, ...], message: str, hint: str) -> Problem:
        """A complaint about the last key of a place."""

    def never_reported(self, specialist: str, place: tuple[str, ...]) -> Iterator[Problem]:
        """Complaints about the fields and values that stand there, and that the specialist's report never has."""

    def most_able(self) -> str | None:
        """The specialist that could do most of what the listed ones do together."""


@dataclass(frozen=True)
class Parameters:
    """What a mapping says of a strategy: `coordinator: {strategy: {NAME: {KEY: VALUE}}}`.

    `properties` and `required` are JSON Schema. `what` says what the mapping is for, `keys` what its keys are;
    `shape`, as in `{judge: NAME}`, is what a hint shows.
    Without the mapping the strategy is known by its name alone if they are `optional`.

    Of the keys, `leads` name agents of a role, and those `by_specialist` are mappings with a specialist for each key.
    `longest` has the values with which a run does most.
    """

    what: str
    keys: str
    shape: str
    example: Mapping[str, Json]
    properties: Mapping[str, Json]
    required: tuple[str, ...]
    optional: bool = False
    leads: Mapping[str, Role] = field(default_factory=dict)
    by_specialist: tuple[str, ...] = ()
    longest: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Again:
    """What sends a team to work again, as a box after it: its name, a line in it, and the label of the way back."""

    name: str
    line: str
    back: str


@dataclass(frozen=True)
class Edges:
    """What a graph draws besides the specialists: `passed` is what each hands to the next, `ends` the specialists
    after which the work may end and on what, in words."""

    passed: str = ""
    ends: Mapping[str, str] = field(default_factory=dict)
    again: Again | None = None


def _any_size(_: int) -> str:
    return ""


def _no_problems(_: Draft) -> Iterator[Problem]:
    yield from ()


def _no_edges(_: Playbook) -> Edges:
    return Edges()


@dataclass(frozen=True)
class Strategy:
    """How the specialists of a playbook work together.

    `summary` follows the name and a colon, where all strategies are listed; `sentences` are those of `plan`. `needs`
    are the roles that a coordinator must have, `has_no` its keys for which there is no use, each with what to do about
    it. `wrong_size` says what is wrong with so many specialists, or "". `in_a_row` is one specialist after the other.
    """

    name: str
    summary: str
    waves: Waves
    sentences: Callable[[Playbook], Iterator[str]]
    parameters: Parameters | None = None
    needs: tuple[Role, ...] = (Role.SYNTHESIZER,)
    has_no: Mapping[str, str] = field(default_factory=dict)
    wrong_size: Callable[[int], str] = _any_size
    problems: Callable[[Draft], Iterator[Problem]] = _no_problems
    in_a_row: bool = False
    edges: Callable[[Playbook], Edges] = _no_edges

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its own mapping."""
        return tuple(self.parameters.properties) if self.parameters else ()

    @property
    def leads(self) -> Mapping[str, Role]:
        """Those of its keys that name an agent, with the agent's role."""
        return self.parameters.leads if self.parameters else {}

    @property
    def concludes(self) -> bool:
        """Whether a synthesizer makes the conclusion, and not the one specialist that there is."""
        return Role.SYNTHESIZER in self.needs

    def takes(self, given: Json) -> bool:
        """Whether it can be given like this: by its name alone, or by a mapping."""
        by_name = self.parameters is None or self.parameters.optional
        return by_name if isinstance(given, str) else self.parameters is not None
