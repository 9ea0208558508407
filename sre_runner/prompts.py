"""Everything that is put into words for a model: the templates of the configuration and the engine's own messages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sre_runner.casefile import Json

_OWN = Environment(  # noqa: S701 - plain text for a model, no HTML
    loader=PackageLoader("sre_runner", ""), undefined=StrictUndefined
)


def message(name: str, **values: Any) -> str:
    """The engine's own message of that name (a macro of `messages.j2`)."""
    return str(getattr(_OWN.get_template("messages.j2").module, name)(**values))


def user_message(blocks: Iterable[tuple[str, Json]]) -> str:
    """The labelled JSON blocks of an assignment as the text of a user message.

    `<` is escaped inside the JSON, so that no text in it can close its block.
    """
    return message("blocks", blocks=[(label, block_json(data)) for label, data in blocks])


def block_json(data: Json) -> str:
    """JSON for a labelled block: one line, no `<`."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def read_blocks(text: str) -> dict[str, Json]:
    """The labelled blocks of a user message, the inverse of `user_message`; what is no block is passed over."""
    blocks: dict[str, Json] = {}
    lines = text.split("\n")
    for opening, body, closing in zip(lines, lines[1:], lines[2:], strict=False):
        label = opening.strip("<>")
        if opening == f"<{label}>" and closing == f"</{label}>":
            blocks[label] = json.loads(body)
    return blocks
