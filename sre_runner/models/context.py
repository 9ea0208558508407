"""Whether a service's refusal says that the prompt has grown longer than the model's context window."""

from __future__ import annotations

import re

WORDINGS = (
    r"prompt is too long",  # Anthropic: "prompt is too long: 215000 tokens > 200000 maximum"
    r"input is too long",  # Bedrock: "Input is too long for requested model."
    r"input length and `?max_tokens`? exceed",  # Anthropic: "input length and `max_tokens` exceed context limit"
    # llama.cpp: "the request exceeds the available context size"
    r"exceeds? (?:the )?(?:available |maximum |model'?s? )?(?:context|token) ?(?:size|length|limit|window)",
    r"maximum (?:context|input|sequence|model) length",  # vLLM: "This model's maximum context length is 8192 tokens"
    r"context[_ ](?:length|window|size|limit)[_ ]?(?:is )?exceed",  # OpenAI's code, LiteLLM: "context_length_exceeded"
    r"contextwindowexceeded",  # LiteLLM: "ContextWindowExceededError"
    r"context (?:window|length) (?:of|is) .{0,40}(?:exceed|too (?:long|large))",
    r"(?:prompt|input|request|messages?).{0,60}(?:too (?:long|large|many tokens)|exceeds?).{0,60}(?:context|tokens)",
    r"too many (?:input |prompt )?tokens",
    r"reduce the length of the (?:messages|prompt|input)",
    r"input token count.{0,40}exceeds",  # Vertex
)
"""What servers say, as patterns in any case; they were read in public reports."""

_SAID = re.compile("|".join(WORDINGS), re.IGNORECASE)
_STATUSES = (400, 413, 422, 500)
"""llama.cpp says it with 400 or 500, proxies with 413 or 422."""


def says_too_long(status: int, kind: str, said: str) -> bool:
    """Whether an error status, its type and its message mean that only a shorter prompt can help."""
    return status in _STATUSES and bool(_SAID.search(said[:2000]) or _SAID.search(kind[:200]))
