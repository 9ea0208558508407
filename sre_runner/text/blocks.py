"""Labelled JSON blocks, in which data stands in a message: written so that no text can close its block."""

from __future__ import annotations

import json
import re

from sre_runner.casefile import Json

_SURROGATE = re.compile("[\ud800-\udfff]")


def block_json(data: Json) -> str:
    """JSON for a labelled block: one line, no `<`, and nothing that UTF-8 does not have."""
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
