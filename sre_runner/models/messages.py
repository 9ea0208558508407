"""Everything that is put into words for a model: the templates of the configuration and the engine's own messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sre_runner.casefile import Json
from sre_runner.documents.templates import TemplateProblem as TemplateProblem
from sre_runner.text.blocks import block_json

_OWN = Environment(  # noqa: S701 - plain text for a model, no HTML
    loader=PackageLoader("sre_runner.models", ""), undefined=StrictUndefined, auto_reload=False
)


def message(name: str, **values: Any) -> str:
    """The engine's own message of that name (a macro of `messages.j2`)."""
    return str(getattr(_OWN.get_template("messages.j2").module, name)(**values))


def user_message(blocks: Iterable[tuple[str, Json]]) -> str:
    """The labelled JSON blocks of an assignment as the text of a user message.

    `<` is escaped inside the JSON, so that no text in it can close its block.
    """
    return message("blocks", blocks=[(label, block_json(data)) for label, data in blocks])
