"""What is known of models: US dollars for their tokens and the size of their context, from a dated table."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sre_runner.casefile import Usage
from sre_runner.specs import Price

PRICES_AS_OF = "2026-11"
"""The month in which the table was read in Anthropic's documentation."""


@dataclass(frozen=True)
class LongPrompt:
    """What a call costs instead when its prompt, cached tokens included, has more than `above` tokens."""

    above: int
    price: Price


PRICES: Mapping[str, Price] = {
    "claude-opus-5-5": Price(input=4, output=20, cache_write=5, cache_read=0.20),
    "claude-sonnet-5-5": Price(input=2, output=10, cache_write=2.5, cache_read=0.10),
    "claude-haiku-5-5": Price(input=0.10, output=0.50, cache_write=0.125, cache_read=0.01),
    "claude-sonnet-5": Price(input=2, output=10, cache_write=2.5, cache_read=0.20),
    "claude-sonnet-4-6": Price(input=3, output=15, cache_write=3.75, cache_read=0.30),
    "claude-haiku-4-5": Price(input=1, output=5, cache_write=1.25, cache_read=0.10),
}
"""US dollars per million tokens by model id; cache writes are those that live five minutes."""

LONG_PROMPTS: Mapping[str, LongPrompt] = {
    # The documentation states input and output; cache writes and reads keep their ratio to the input (1.25, 0.1).
    "claude-haiku-5-5": LongPrompt(100_000, Price(input=0.50, output=2.50, cache_write=0.625, cache_read=0.05)),
}

CONTEXT_WINDOWS: Mapping[str, int] = {
    **dict.fromkeys(PRICES, 1_000_000),
    "claude-haiku-4-5": 200_000,
}
"""Tokens that a prompt and its reply may have together, by model id."""

# Only what names the same model at the same price: LiteLLM's provider, a snapshot's date. A cloud's own ids and regions
# have their own prices, and an unknown suffix may be another model.
_MODEL_ID = re.compile(r"(?:anthropic/)?(?P<name>claude-[a-z0-9-]+?)(?:-20[0-9]{6})?")


def cost(usage: Usage, model: str, price: Price | None = None) -> float | None:
    """US dollars for the `usage` of one model call, or None where no price is known, or none that can be counted with.

    `price` is the one that the configuration states; it goes before the table. Add up the costs of calls rather than
    their usages: a long prompt may cost more per token.
    """
    if price is None:
        price = _listed(model, usage.total - usage.output_tokens)
    if price is None:
        return None
    counts = (usage.input_tokens, usage.output_tokens, usage.cache_write_tokens, usage.cache_read_tokens)
    rates = (price.input, price.output, price.cache_write, price.cache_read)
    try:
        usd = sum(count * rate for count, rate in zip(counts, rates, strict=True)) / 1_000_000
    except OverflowError:  # a journal of before such numbers were refused
        return None
    return usd if math.isfinite(usd) else None


def context_window(model: str) -> int | None:
    """Tokens that a prompt and its reply may have together; None where that is not known."""
    return CONTEXT_WINDOWS.get(_name(model))


def _name(model: str) -> str:
    match = _MODEL_ID.fullmatch(model)
    return match["name"] if match else ""


def _listed(model: str, prompt_tokens: int) -> Price | None:
    name = _name(model)
    long = LONG_PROMPTS.get(name)
    return long.price if long and prompt_tokens > long.above else PRICES.get(name)
