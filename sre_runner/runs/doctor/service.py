"""Looks at the credentials and at the model service, which is asked for its models: that costs no tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sre_runner.errors import ServiceError
from sre_runner.models.anthropic import AnthropicModel
from sre_runner.models.credentials import HINT, VARIABLES, signs_of_credentials
from sre_runner.models.model import ModelError
from sre_runner.tools.backends.look import Look, Seen

SECONDS = 15.0
"""In which the service has to answer."""
OWN = "ANTHROPIC_BASE_URL"
_PASSING = frozenset({"api_error", "overloaded_error", "rate_limit_error", "timeout_error"})
"""Kinds of errors by which the service shows that it is there."""


def looks(models: Sequence[str], environ: Mapping[str, str], home: Path) -> Iterator[Look]:
    """The credentials, and the models that a configuration names."""
    sign = signs_of_credentials(environ, home)

    async def credentials() -> list[Seen]:
        if sign is None:
            return [Seen("fail", "no credentials for a model service were found", HINT)]
        names = [name for name in VARIABLES if environ.get(name)] or [sign]
        return [Seen("ok", ", ".join(names))]

    yield Look("credentials", credentials)
    for model in models if sign is not None else ():
        yield _of_model(model, bool(environ.get(OWN)))


def _of_model(name: str, own: bool) -> Look:
    """`own` says that the service is not Anthropic's, and may have no list of models."""

    async def see() -> list[Seen]:
        try:
            model = AnthropicModel()
        except ServiceError as error:
            return [Seen("fail", error.message, error.hint)]
        try:
            await model.look_up(name, SECONDS)
        except ModelError as error:
            return [_failed(error, model.address, own)]
        finally:
            await model.close()
        return [Seen("ok", f"known to {model.address}")]

    return Look(f"model {name}", see)


def _failed(error: ModelError, address: str, own: bool) -> Seen:
    if own and error.kind in ("not_found_error", "malformed"):
        hint = "Servers other than Anthropic's may not list their models: a short run tells."
        return Seen("warn", f"{address} answers, and does not say whether it has this model", hint)
    return Seen("warn" if error.kind in _PASSING else "fail", error.message, error.hint)
