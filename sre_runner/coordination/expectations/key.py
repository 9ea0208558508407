"""What a key of `expect` is: everything but how a record is held against it, which `testing/expectations/` knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sre_runner.casefile import Json
from sre_runner.errors import Problem
from sre_runner.text.naming import said


class ExpectDraft(Protocol):
    """What is expected in a playbook that is being checked: of the run as a whole, or of one specialist.

    A place begins with a key of `expect`: `("mentions", 0)`. What cannot be told is None.
    """

    @property
    def specialist(self) -> str:
        """The specialist of whom it is expected; "" for the run as a whole."""

    @property
    def verdicts(self) -> Mapping[str, Sequence[str] | None]:
        """The votes, and the values that each can come to."""

    @property
    def can_call(self) -> Sequence[str] | None:
        """The tools that the specialist, or anybody in the team, can call."""

    @property
    def defined(self) -> Sequence[str] | None:
        """All tools that are defined."""

    @property
    def fields(self) -> Sequence[str] | None:
        """The fields of the specialist's report, or of the conclusion."""

    def names(self, *place: str) -> tuple[str, ...]:
        """The keys of the mapping that stands there; none where there is no mapping."""

    def sound(self, *place: str | int) -> Json:
        """What stands there; None where there is nothing, or nothing that fits the schema."""

    def items(self, key: str) -> Iterator[tuple[int, Json]]:
        """The items of a list that fit the schema, with their numbers."""

    def wrong(self, place: tuple[str | int, ...], message: str, hint: str) -> Problem:
        """A complaint about what stands there."""

    def wrong_key(self, place: tuple[str | int, ...], message: str, hint: str) -> Problem:
        """A complaint about the last key of a place."""

    def unpriced(self, key: str, instead: str) -> Iterator[Problem]:
        """Complaints about a key that takes prices, if a model has none; `instead` is what else could be done."""

    def never_reported(self, key: str) -> Iterator[Problem]:
        """Complaints about the fields and values below a key that the specialist's report never has."""


Now = Literal["removed", "weakened", "changed", "strengthened"]


@dataclass(frozen=True)
class Shift:
    """One thing that is expected otherwise than before.

    `words` follow whose expectation it is. `at` leads on from the key. Where it is `gone` its place is in the old file;
    None says so of a key that the new file does not have.
    """

    now: Now
    words: str
    before: Json = None
    after: Json = None
    at: tuple[str, ...] = ()
    gone: bool | None = False


def replaced(key: str, old: Json, new: Json) -> Iterator[Shift]:
    """The shift of a value that is neither weaker nor stronger than another one."""
    was, now = ("not stated" if value is None else said(value) for value in (old, new))
    yield Shift("changed", f"`{key}` is {now}, no longer {was}.", old, new, gone=True if new is None else None)


def as_it_is(value: Json) -> Json:
    """The value of a key that is read as it stands in the file."""
    return value


def _no_problems(_: ExpectDraft) -> Iterator[Problem]:
    yield from ()


@dataclass(frozen=True)
class ExpectKey:
    """One key of `expect`, or of an entry of `expect.specialists`.

    `schema` is its JSON Schema, with `description` and, where it has one, its `default` in the file. `read` makes of
    what stands there the frozen value of a spec; `nothing` is that value where the key is not stated. `shifts` compares
    two values of the file, the key first; None is not stated. What is `of_report` says nothing of a specialist that
    does not complete one. `each` are the keys of every entry of a mapping by specialists; `tools` says that the items
    are names of tools, which a tool's new name goes for.
    """

    key: str
    schema: Mapping[str, Json]
    nothing: Json = None
    read: Callable[[Json], Json] = as_it_is
    problems: Callable[[ExpectDraft], Iterator[Problem]] = _no_problems
    shifts: Callable[[str, Json, Json], Iterator[Shift]] = replaced
    of_report: bool = False
    tools: bool = False
    each: Mapping[str, ExpectKey] | None = None


ExpectKeys = Mapping[str, ExpectKey]
"""By their names, in the order in which they are documented and checked."""
