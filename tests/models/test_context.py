"""A prompt that has grown too long is known by what servers say of it."""

from __future__ import annotations

import pytest

from sre_runner.models.context import says_too_long


@pytest.mark.parametrize(
    "said",
    [
        "prompt is too long: 215000 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 199000 + 4000 > 200000",
        "Input is too long for requested model.",
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
        "the request exceeds the available context size, try increasing it",
        "request (9000 tokens) exceeds the available context size (8192 tokens)",
        "litellm.ContextWindowExceededError: litellm.BadRequestError",
        "context_length_exceeded",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "Please reduce the length of the messages or completion.",
        "input length exceeds the context length",
        "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
    ],
)
def test_too_long(said: str) -> None:
    assert says_too_long(400, "invalid_request_error", said)
    assert not says_too_long(401, "authentication_error", said)


def test_the_type_alone_may_say_it() -> None:
    assert says_too_long(400, "context_length_exceeded", "")
    assert says_too_long(500, "exceed_context_size_error", "the request exceeds the available context size")


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens: 500000 > 64000, which is the maximum allowed number of output tokens",
        "messages: text content blocks must be non-empty",
        "tools.0.name: String should have at most 64 characters",
        "Your credit balance is too low",
        "rate limit: too many requests",
    ],
)
def test_other_refusals_are_not_about_length(said: str) -> None:
    assert not says_too_long(400, "invalid_request_error", said)
