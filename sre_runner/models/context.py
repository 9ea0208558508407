"""Whether a service's refusal says that the prompt has grown longer than the model's context window."""

from __future__ import annotations

import re

WORDINGS = (
    r"prompt is too long",  # Anthropic: "prompt is too long: 215000 tokens > 200000 maximum"
    r"input is too long",  # Bedrock: "Input is too long for requested model."
    r"input length and `?max_tokens`? exceed",  # Anthropic: "input length and `max_tokens` exceed context limit"
    # llama.cpp: "the request exceeds the available context size"; Moonshot: "exceeded model token limit: 8192"
    r"exceed\w* (?:the |available |maximum |max |model'?s? )*(?:context|token|input) ?(?:size|length|limit|window)",
    # vLLM: "This model's maximum context length is 8192 tokens"; xAI: "maximum prompt length is 131072"
    r"maximum (?:context|input|sequence|model|prompt) length",
    r"context length (?:of|is) only",  # LM Studio: "loaded with context length of only 4096 tokens"
    # SGLang: "is longer than the model's context length"; llama.cpp: "prompt is too big compared to KV size"
    r"(?:longer|greater|larger|too big|too long).{0,30}(?:context|kv size)",
    r"(?:context|(?:input|prompt) token limit)[_ ]exceeded",  # "context_exceeded", "input token limit exceeded"
    # Copilot: "prompt token count of 130000 exceeds the limit"; "total tokens 9000 exceed max_model_len 8192"
    r"(?<![_\w])(?<!output )(?<!completion )token(?:s| count).{0,40}exceeds?.{0,30}(?:limit|max)",
    r"(?:prompt|input) exceeds max",  # Z.ai: "Prompt exceeds max length"
    r"tokens`? \+ `?max_new_tokens`? must be",  # TGI: "`inputs` tokens + `max_new_tokens` must be <= 4096"
    r"range of input length",  # DashScope: "Range of input length should be [1, 30720]"
    r"context[_ ](?:length|window|size|limit)[_ ]?(?:is )?exceed",  # OpenAI's code, LiteLLM: "context_length_exceeded"
    r"contextwindowexceeded",  # LiteLLM: "ContextWindowExceededError"
    r"context (?:window|length) (?:of|is) .{0,40}(?:exceed|too (?:long|large))",
    r"(?:prompt|input|request|messages?).{0,60}(?:too (?:long|large|many tokens)|exceeds?).{0,60}(?:context|tokens)",
    r"too many (?:input |prompt )?tokens",
    r"reduce the length of the (?:messages|prompt|input)",
    r"input token count.{0,40}exceeds",  # Vertex
)
"""What servers say, as patterns in any case; they were read in public reports."""

_RATES = re.compile(r"rate limit|quota|per[- ](?:minute|hour|day)|\bTPM\b", re.IGNORECASE)
"""What is too much for an hour is not too long by itself: waiting helps, and a shorter prompt does not."""
_SAID = re.compile("|".join(WORDINGS), re.IGNORECASE)
_STATUSES = (400, 413, 422, 500)
"""llama.cpp says it with 400 or 500, proxies with 413 or 422."""


def says_too_long(status: int, kind: str, said: str) -> bool:
    """Whether an error status, its type and its message mean that only a shorter prompt can help."""
    said, kind = said[:2000], kind[:200]
    return status in _STATUSES and not _RATES.search(said) and bool(_SAID.search(said) or _SAID.search(kind))
