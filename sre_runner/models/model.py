"""The `Model` protocol; each kind is one small file or folder beside this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sre_runner.casefile import ModelAnswer, ModelRequest
from sre_runner.errors import ServiceError
from sre_runner.models.pacing import Pace

CONTEXT_TOO_LONG = "context_too_long"
"""The kind of a `ModelError` where the prompt has grown longer than the model takes."""
TOO_LONG = frozenset({CONTEXT_TOO_LONG, "request_too_large"})
"""The kinds that only a shorter request can help."""


class ModelError(ServiceError):
    """A model call that gave no answer, after every retry that could help.

    `kind` is one of the API's error types, or ours (`connection`, `context_too_long`, `cut_short`, `malformed`,
    `redirect`, `timeout`); the message is safe to show and to record. `ends_run` says that the service refuses the
    credentials, so that no other call of the run would be answered.
    """

    def __init__(self, kind: str, message: str, hint: str = "", *, ends_run: bool = False) -> None:
        super().__init__(message, hint)
        self.kind = kind
        self.ends_run = ends_run


class Model(Protocol):
    """Anything that answers a request of the Messages API."""

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        """Answer one request; raise `ModelError` where no answer can be had."""
        ...

    def for_run(self, on_wait: Callable[[str], None], pace: Pace) -> Model:
        """The same model for a further run, which shares its connections. To close it lets go of nothing.

        `on_wait` is told a sentence while the run waits, `pace` says when its attempts are made.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
