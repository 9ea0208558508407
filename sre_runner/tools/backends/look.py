"""What backends and servers bring to `sre-run doctor`: things that can be looked at, and what is seen of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Level = Literal["ok", "warn", "fail"]


class Seen(NamedTuple):
    """What was found of one thing, in a line; `hint` says what helps where it is not `ok`."""

    level: Level
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Look:
    """Something that has to be there. Two are equal where they look at the same, which is then looked at once.

    `subject` is what a person calls it; `key` tells apart what has the same name. `see` changes nothing. It may raise
    `RunnerError` or `OSError`, which is a failure of this look.
    """

    subject: str
    see: Callable[[], Awaitable[Iterable[Seen]]] = field(compare=False, repr=False)
    key: Hashable = ""
