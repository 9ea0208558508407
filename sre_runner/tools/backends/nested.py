"""The schema of a backend or a server whose settings stand in a mapping of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def nested(key: str, title: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a mapping that has these settings under one key."""
    return {
        "title": title,
        "description": schema["description"],
        "type": "object",
        "additionalProperties": False,
        "required": [key],
        "properties": {key: schema},
    }
