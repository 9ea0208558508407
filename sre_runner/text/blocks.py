"""Labelled JSON blocks, in which data stands in a message: written so that no text can close its block, and read."""

from __future__ import annotations

import json
import re

from sre_runner.casefile import Json

_SURROGATE = re.compile("[\ud800-\udfff]")


def block_json(data: Json) -> str:
    """JSON for a labelled block: one line, no `<`, and nothing that UTF-8 does not have."""
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def read_blocks(text: str) -> dict[str, Json]:
    """The labelled blocks of a user message, the inverse of `user_message`; what is no block is passed over."""
    blocks: dict[str, Json] = {}
    lines = text.split("\n")
    for opening, body, closing in zip(lines, lines[1:], lines[2:], strict=False):
        label = opening.strip("<>")
        if opening == f"<{label}>" and closing == f"</{label}>":
            try:
                blocks[label] = json.loads(body)
            except (ValueError, RecursionError):  # no JSON, or more of it than can be read
                continue
    return blocks
