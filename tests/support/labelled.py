"""Reads the labelled blocks of a message, as a model would."""

from __future__ import annotations

import json

from sre_runner.casefile import Json


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
