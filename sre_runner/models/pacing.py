"""When the attempts of a run's model calls are made, beside those of other runs: the protocol, and no pace at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from sre_runner.casefile import ModelAnswer, ModelRequest


class Pace(Protocol):
    """Holds the attempts of one run back until there is room for them."""

    async def attempt(self, request: ModelRequest, make: Callable[[], Awaitable[ModelAnswer]]) -> ModelAnswer:
        """What `make` returns or raises, called once it is its turn. Each retry is an attempt of its own."""
        ...

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take note of a response's headers, whatever its status. The mapping finds lower-case names."""
        ...


class Unpaced:
    """Every attempt is made at once."""

    async def attempt(self, _: ModelRequest, make: Callable[[], Awaitable[ModelAnswer]]) -> ModelAnswer:
        """What `make` returns or raises."""
        return await make()

    def heard(self, headers: Mapping[str, str]) -> None:
        """Nothing depends on headers."""
