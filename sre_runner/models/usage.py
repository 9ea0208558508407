"""The token counts of a reply, and an estimate in the place of those that a server does not give."""

from __future__ import annotations

from sre_runner.casefile import Json, ModelRequest, Usage
from sre_runner.models.estimates import CHARACTERS_PER_TOKEN, prompt_tokens
from sre_runner.text.blocks import block_json

MOST_TOKENS = 10**9
"""Of one count: far beyond any context window. A larger number is no count."""

_OF_THE_PROMPT = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def usage_of(stated: Json, request: ModelRequest, content: list[Json]) -> tuple[Usage, bool]:
    """What a call took, by the `usage` that its reply states, and whether some of it had to be estimated.

    A number that is no count is taken for absent. What came from the cache, or went into it, may be absent; but no
    prompt is without tokens, and no reply with content is.
    """
    counts = stated if isinstance(stated, dict) else {}
    given, read, written = (_count(counts.get(name)) for name in _OF_THE_PROMPT)
    said = _count(counts.get("output_tokens"))
    cached = (read or 0) + (written or 0)
    odd = any(counts.get(name) is not None and _count(counts[name]) is None for name in _OF_THE_PROMPT)
    prompt_known = not odd and bool(given or cached)
    reply_known = bool(said) or (said == 0 and not content)
    if not prompt_known:
        given = max(0, prompt_tokens(request) - cached)
    if not reply_known:
        said = -(-len(block_json(content)) // CHARACTERS_PER_TOKEN) if content else 0
    return Usage(given or 0, said or 0, read or 0, written or 0), not (prompt_known and reply_known)


def _count(value: Json) -> int | None:
    """A whole number of tokens, None where the value is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_TOKENS:
        return None
    return int(value) if value == int(value) else None
