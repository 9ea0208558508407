"""What calls are expected to take before they are made: tokens and US dollars, on the safe side."""

from __future__ import annotations

from dataclasses import dataclass

from sre_runner.casefile import ModelRequest, Usage
from sre_runner.models.prices import cost
from sre_runner.specs import Configuration, Price
from sre_runner.text.blocks import block_json

CHARACTERS_PER_TOKEN = 3
"""Of a prompt, on the safe side: English has about four, JSON and logs about three."""


RESULTS_PER_TURN = 4000
"""Tokens of tool output that a turn is expected to bring into the next one's prompt at most."""


ENGINE_TOKENS = 1500
"""What the engine's own words and the base of a report's schema add to a prompt."""


@dataclass(frozen=True)
class Amount:
    """Something spent, or estimated: tokens of all kinds, US dollars, model calls."""

    tokens: float = 0.0
    usd: float = 0.0
    model_calls: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.usd + other.usd, self.model_calls + other.model_calls)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.usd - other.usd, self.model_calls - other.model_calls)

    def at_least(self, least: Amount) -> Amount:
        """The larger of both in each of the three."""
        return Amount(
            max(self.tokens, least.tokens), max(self.usd, least.usd), max(self.model_calls, least.model_calls)
        )


def amount(usage: Usage, model: str, price: Price | None) -> Amount:
    """What one model call of that usage takes; where no price is known, no dollars."""
    return Amount(usage.total, cost(usage, model, price) or 0.0, 1)


def prompt_tokens(request: ModelRequest) -> int:
    """The estimate of a request's prompt, in tokens."""
    text = len(request.system) + sum(len(block_json(part)) for part in (*request.tools, *request.messages))
    return -(-text // CHARACTERS_PER_TOKEN)


def turn_amount(prompt: int, max_tokens: int, model: str, price: Price | None) -> Amount:
    """The estimate of one turn: its whole prompt written to the cache, and a reply as long as it may be."""
    return amount(Usage(output_tokens=max_tokens, cache_write_tokens=prompt), model, price)


def report_amount(prompt: int, max_tokens: int, model: str, price: Price | None) -> Amount:
    """The estimate of a report from a prompt of that length: its turn, and the repair's."""
    repair = turn_amount(prompt + 2 * max_tokens, max_tokens, model, price)
    return turn_amount(prompt, max_tokens, model, price) + repair


def conclusion_amount(configuration: Configuration) -> Amount:
    """The estimate of the conclusion, from reports as long as they may be; nothing where a specialist makes it."""
    playbook = configuration.playbook
    if playbook.coordinator.synthesizer is None:
        return Amount()
    models = (configuration.agents[name].model or playbook.model for name in playbook.specialists)
    reports = sum(model.max_tokens for model in models)
    return _first_report(configuration, playbook.coordinator.synthesizer, reports)


def minimum(configuration: Configuration) -> Amount:
    """The least that a run of this playbook needs: a plan, a turn and a report of every specialist, and the conclusion.

    Of a debate also the judgement. With it, every specialist is admitted.
    """
    playbook = configuration.playbook
    leads = [name for name in (playbook.coordinator.planner, playbook.coordinator.judge) if name]
    reports = (_first_report(configuration, name) for name in (*leads, *playbook.specialists))
    return sum(reports, conclusion_amount(configuration))


def _first_report(configuration: Configuration, name: str, told: int = 0) -> Amount:
    """A report of an agent that is told so many tokens besides the task, after a turn with its tools if it has any."""
    agent = configuration.agents[name]
    model = agent.model or configuration.playbook.model
    tools = [configuration.tools[tool] for tool in agent.tools]
    texts = [agent.prompt, configuration.playbook.task, block_json(dict(agent.report))]
    texts += [tool.description + block_json(dict(tool.input_schema)) for tool in tools]
    prompt = ENGINE_TOKENS + told + sum(map(len, texts)) // CHARACTERS_PER_TOKEN
    if not tools:
        return report_amount(prompt, model.max_tokens, model.name, model.price)
    longer = prompt + model.max_tokens + RESULTS_PER_TURN
    after = report_amount(longer, model.max_tokens, model.name, model.price)
    return turn_amount(prompt, model.max_tokens, model.name, model.price) + after
