"""The rolling digest that names a request by all that led to it."""

from __future__ import annotations

import hashlib
import json

from sre_runner.casefile import Json


def digest_of(previous: str, appended: Json) -> str:
    """SHA-256 over the previous digest and what was appended, as canonical JSON."""
    text = json.dumps(appended, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode(errors="surrogatepass")).hexdigest()
