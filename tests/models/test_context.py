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
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
        "Invalid request: Your request exceeded model token limit: 131072",
        "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
        "However, the model is loaded with context length of only 4096 tokens",
        "You passed 8193 input tokens. However, the model's context length is only 8192 tokens",
        "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
        "The number of tokens to keep from the initial prompt is greater than the context length",
        "Input prompt is too big compared to KV size. Please try increasing KV size.",
        "prompt too long; exceeded max context length by 4 tokens",
        "Prompt tokens (9000) exceeds context size (8192)",
        "prompt token count of 130000 exceeds the limit of 128000",
        "total tokens 9000 exceed max_model_len 8192",
        "Prompt exceeds max length",
        "input token limit exceeded",
        "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
        "Range of input length should be [1, 30720]",
        "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
    ],
)
def test_too_long(said: str) -> None:
    assert says_too_long(400, "invalid_request_error", said)
    assert not says_too_long(401, "authentication_error", said)


def test_the_type_alone_may_say_it() -> None:
    assert says_too_long(400, "context_length_exceeded", "")
    assert says_too_long(400, "context_exceeded", "")
    assert says_too_long(500, "exceed_context_size_error", "the request exceeds the available context size")


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens: 500000 > 64000, which is the maximum allowed number of output tokens",
        "messages: text content blocks must be non-empty",
        "tools.0.name: String should have at most 64 characters",
        "Your credit balance is too low",
        "rate limit: too many requests",
        "This request would exceed your account's rate limit of 30,000 input tokens per minute",
        "Request too large for model on tokens per minute (TPM): Limit 6000, Requested 8000",
        "requests exceed the quota of tokens per day",
        "`max_tokens` is too large: 500000. This model supports at most 16384 completion tokens",
        "max_tokens: 500000 exceeds the model's limit",
        "completion tokens exceed the maximum",
        "thinking.budget_tokens: exceeds max_tokens",
        "messages: too many images",
    ],
)
def test_other_refusals_are_not_about_length(said: str) -> None:
    assert not says_too_long(400, "invalid_request_error", said)
