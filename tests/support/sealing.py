"""Seals lines of a journal anew, as sre-run would have written them: for journals that tests make or change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sre_runner.journal.seals import KEYS, Chain


def sealed(lines: Iterable[str | bytes | Mapping[str, Any]], key: bytes = b"") -> bytes:
    """A journal of these lines, each JSON or data, whose own seals do not count."""
    chain, written = Chain(key=key), []
    for line in lines:
        data = json.loads(line) if isinstance(line, str | bytes) else line
        event = {name: value for name, value in data.items() if name not in KEYS}
        done, chain = chain.add(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
        written.append(done)
    return b"".join(written)
