"""May this turn be admitted? One budget over the whole fan-out, kept as plain bookkeeping."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sre_runner.casefile import ModelAnswer, ModelRequest, Usage
from sre_runner.prices import cost
from sre_runner.prompts import block_json
from sre_runner.specs import BudgetSpec, Configuration, Price

CHARACTERS_PER_TOKEN = 3
"""Of a prompt, on the safe side: English has about four, JSON and logs about three."""
RESULTS_PER_TURN = 4000
"""Tokens of tool output that a turn is expected to bring into the next one's prompt at most."""
ENGINE_TOKENS = 1500
"""What the engine's own words and the base of a report's schema add to a prompt."""
REPORT_SHARE, CONCLUDE_SHARE = 0.6, 0.8
"""The shares of `seconds` after which only reports are admitted, and after which the conclusion begins."""


@dataclass(frozen=True)
class Amount:
    """Something spent, or estimated: tokens of all kinds, US dollars, model calls."""

    tokens: float = 0.0
    usd: float = 0.0
    model_calls: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.usd + other.usd, self.model_calls + other.model_calls)


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


class Admission:
    """What is spent, in flight and set aside, against the limits of one run.

    A turn is admitted only if all of that, the turn, one report for every active assignment and the conclusion fit.
    `spent` is what went before. `conclusion` is set aside until `begin_conclusion`. `clock` gives seconds since the
    run began. `tell` is told once where the mode is `audit` and a turn goes over.
    """

    def __init__(
        self,
        limits: BudgetSpec | None = None,
        conclusion: Amount | None = None,
        clock: Callable[[], float] = lambda: 0.0,
        tell: Callable[[str], None] = lambda _: None,
        spent: Amount | None = None,
    ) -> None:
        self.spent = spent or Amount()
        self._limits = limits or BudgetSpec()
        self._conclusion = conclusion or Amount()
        self._in_flight: dict[str, Amount] = {}
        self._set_aside: dict[str, Amount] = {}
        self._clock = clock
        self._tell = tell
        self._told = False

    def admit(self, assignment: str, request: ModelRequest, price: Price | None, *, last: bool) -> str:
        """Admit a model call, or say which limit it would break; then nothing is booked.

        A `last` call brings a report, after which only a repair may follow.
        """
        prompt = prompt_tokens(request)
        wanted = turn_amount(prompt, request.max_tokens, request.model, price)
        if last:
            then = turn_amount(prompt + 2 * request.max_tokens, request.max_tokens, request.model, price)
        else:
            longer = prompt + request.max_tokens + RESULTS_PER_TURN
            then = report_amount(longer, request.max_tokens, request.model, price)
        over = self._over(assignment, wanted + then, last)
        if over and self._limits.mode == "audit":
            if not self._told:
                self._tell(f"Budget (audit): {assignment} goes over it: {over}.")
            self._told, over = True, ""
        if not over:
            self._in_flight[assignment] = wanted
            self._set_aside[assignment] = then
        return over

    def full(self) -> str:
        """Which limits leave no room for a call before the conclusion, or no time; "" where there is room."""
        if self._limits.mode == "audit":
            return ""
        late = f"seconds ({self._clock():.3g} used, {self._limits.seconds} allowed)"
        over = [
            self._over("", Amount(tokens=1, model_calls=1), last=True),
            "" if self.seconds_to_conclusion() else late,
        ]
        return ", ".join(filter(None, over))

    def settle(self, assignment: str, request: ModelRequest, price: Price | None, answer: ModelAnswer | None) -> None:
        """A model call ended. One without an answer counts as a call; what it cost is not known."""
        self._in_flight.pop(assignment, None)
        usage = answer.usage if answer else Usage()
        self.spent += amount(usage, request.model, price)

    def close(self, assignment: str) -> None:
        """An assignment ended, and needs nothing more."""
        self._set_aside.pop(assignment, None)

    def seconds_left(self) -> float:
        """Until the hard deadline; infinity where there is none, or where it is only reported."""
        if self._limits.seconds is None or self._limits.mode == "audit":
            return math.inf
        return max(0.0, self._limits.seconds - self._clock())

    def seconds_to_conclusion(self) -> float:
        """Until the conclusion begins at the latest."""
        if self._limits.seconds is None or self._limits.mode == "audit":
            return math.inf
        return max(0.0, CONCLUDE_SHARE * self._limits.seconds - self._clock())

    def begin_conclusion(self) -> None:
        """What was set aside for the conclusion may be used for it now."""
        self._conclusion = Amount()

    def _over(self, assignment: str, wanted: Amount, last: bool) -> str:
        others = [each for key, each in self._set_aside.items() if key != assignment]
        needed = sum([*self._in_flight.values(), *others, self._conclusion, wanted], self.spent)
        limits = self._limits
        broken = [
            f"{name} ({has:g} needed, {limit:g} allowed)"
            for name, has, limit in (
                ("tokens", needed.tokens, limits.tokens),
                ("usd", needed.usd, limits.usd),
                ("model_calls", needed.model_calls, limits.model_calls),
            )
            if limit is not None and has > limit
        ]
        if not last and limits.seconds is not None and self._clock() > REPORT_SHARE * limits.seconds:
            broken.append(f"seconds (after {REPORT_SHARE * limits.seconds:g} of {limits.seconds:g}, reports only)")
        return ", ".join(broken)
