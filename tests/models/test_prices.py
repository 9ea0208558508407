"""Prices: the table against the documentation's figures, the tier, ids, and laws that any price must keep."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Usage
from sre_runner.models.prices import LONG_PROMPTS, PRICES, PRICES_AS_OF, cost
from sre_runner.specs import Price

MILLION = 1_000_000
tokens = st.integers(min_value=0, max_value=5 * MILLION)
usages = st.builds(Usage, tokens, tokens, tokens, tokens)
rates = st.floats(min_value=0, max_value=1000, allow_nan=False)
prices = st.builds(Price, rates, rates, rates, rates)


@pytest.mark.parametrize(
    ("model", "per_million"),
    [
        ("claude-opus-5-5", (4, 20, 5, 0.20)),
        ("claude-sonnet-5-5", (2, 10, 2.5, 0.10)),
        ("claude-sonnet-5", (2, 10, 2.5, 0.20)),
        ("claude-sonnet-4-6", (3, 15, 3.75, 0.30)),
        ("claude-haiku-4-5", (1, 5, 1.25, 0.10)),
    ],
)
def test_a_million_tokens_cost_what_the_documentation_says(model: str, per_million: tuple[float, ...]) -> None:
    kinds = (
        Usage(input_tokens=MILLION),
        Usage(output_tokens=MILLION),
        Usage(cache_write_tokens=MILLION),
        Usage(cache_read_tokens=MILLION),
    )
    assert tuple(cost(usage, model) for usage in kinds) == per_million


def test_haiku_5_5_costs_more_above_100k_tokens_of_prompt_cached_ones_included() -> None:
    assert cost(Usage(100_000, 1000), "claude-haiku-5-5") == pytest.approx(0.0105)
    assert cost(Usage(100_001, 1000), "claude-haiku-5-5") == pytest.approx(0.0525005)
    assert cost(Usage(1, 0, cache_read_tokens=100_000), "claude-haiku-5-5") == pytest.approx(0.0050005)
    assert cost(Usage(0, 0, cache_write_tokens=100_001), "claude-haiku-5-5") == pytest.approx(100_001 * 0.625 / MILLION)
    assert cost(Usage(50_000, 90_000), "claude-haiku-5-5") == pytest.approx(0.05), "output is no part of the prompt"


@pytest.mark.parametrize(
    "model",
    ["claude-sonnet-5", "claude-sonnet-5-20260915", "anthropic/claude-sonnet-5", "anthropic/claude-sonnet-5-20260915"],
)
def test_the_same_model_by_another_id(model: str) -> None:
    assert cost(Usage(MILLION), model) == 2


@pytest.mark.parametrize(
    "model",
    [
        "",
        "claude",
        "claude-sonnet-4-5",
        "claude-sonnet-4-5-20250514",
        "claude-sonnet-5-5-5",
        "claude-sonnet-5-fast",
        "claude-sonnet-5-2026",
        "my-claude-sonnet-5",
        "ollama/claude-sonnet-5",
        "us.anthropic.claude-sonnet-5-v1:0",
        "claude-sonnet-5\n",
        "qwen3:8b",
    ],
)
def test_no_price_is_invented(model: str) -> None:
    assert cost(Usage(MILLION, MILLION), model) is None


@given(usages, prices, st.sampled_from(["claude-sonnet-5", "claude-haiku-5-5", "qwen3:8b"]))
def test_the_configured_price_goes_before_the_table(usage: Usage, price: Price, model: str) -> None:
    parts = [
        usage.input_tokens * price.input,
        usage.output_tokens * price.output,
        usage.cache_write_tokens * price.cache_write,
        usage.cache_read_tokens * price.cache_read,
    ]
    assert cost(usage, model, price) == pytest.approx(sum(parts) / MILLION)


@given(usages, usages, st.sampled_from(sorted(set(PRICES) - set(LONG_PROMPTS))))
def test_without_a_tier_costs_add_up(one: Usage, other: Usage, model: str) -> None:
    assert (cost(one, model) or 0) + (cost(other, model) or 0) == pytest.approx(cost(one + other, model))


@given(usages, usages, st.sampled_from(sorted(PRICES)))
def test_more_tokens_never_cost_less_and_none_cost_nothing(usage: Usage, more: Usage, model: str) -> None:
    less, all_of_it = cost(usage, model), cost(usage + more, model)
    assert less is not None
    assert all_of_it is not None
    assert 0 <= less <= all_of_it * (1 + 1e-12)
    assert cost(Usage(), model) == 0


def test_the_table_is_dated_and_cached_reads_are_the_cheapest() -> None:
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", PRICES_AS_OF)
    assert set(LONG_PROMPTS) <= set(PRICES)
    for price in [*PRICES.values(), *(long.price for long in LONG_PROMPTS.values())]:
        assert price.cache_read < price.input < price.cache_write < price.output
        assert price.cache_write == pytest.approx(1.25 * price.input)


@pytest.mark.parametrize(
    ("usage", "price"),
    [
        (Usage(2_000_000), Price(1e308, 1, 1, 1)),
        (Usage(10**400), Price(1.5, 1, 1, 1)),
        (Usage(10**400), Price(1, 1, 1, 1)),
    ],
)
def test_what_cannot_be_counted_with_has_no_price(usage: Usage, price: Price) -> None:
    assert cost(usage, "any", price) is None
