"""A declarative runner for multi-agent incident investigations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sre_runner.api import Investigated, investigate, investigate_async
    from sre_runner.errors import RunnerError

__all__ = ["Investigated", "RunnerError", "investigate", "investigate_async"]


def __getattr__(name: str) -> object:
    """What programs use, imported when it is first asked for: the command line pays for what it needs alone."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "RunnerError":
        from sre_runner.errors import RunnerError

        return RunnerError
    from sre_runner import api

    return getattr(api, name)
