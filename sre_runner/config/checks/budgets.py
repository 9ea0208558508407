"""Whether a budget can be kept: its models have prices, and its limits leave room for the least that a run needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from sre_runner.casefile import Usage
from sre_runner.config.directory import File
from sre_runner.config.sources import model_of, schema
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.errors import Problem
from sre_runner.models.estimates import minimum
from sre_runner.models.prices import cost
from sre_runner.specs import Configuration, ModelSpec
from sre_runner.text.naming import said

LIMITS = ("tokens", "usd", "seconds", "model_calls")


def budget_problems(file: File, agents: Iterable[File]) -> Iterator[Problem]:
    """What is wrong with a playbook's budget, however high its limits are. `agents` are those that it reaches."""
    names = file.names("budget")
    if file.sound("budget") is not None and not set(names) & set(LIMITS):
        hint = f"Give it at least one of {', '.join(LIMITS)}, or leave it out."
        yield file.problem(("budget",), "the budget has no limit", hint, key=True)
    if file.sound("budget", "usd") is not None:
        yield from price_problems(file, agents, ("budget", "usd"), "limit tokens")


def price_problems(file: File, agents: Iterable[File], place: Place, instead: str) -> Iterator[Problem]:
    """A problem where what stands at a place takes prices, and not every model of the agents has one; `instead` is what
    else could be done."""
    unpriced: dict[str, list[str]] = {}
    for agent in agents:
        model = _model(agent, file)
        if model and cost(Usage(), model.name, model.price) is None:
            unpriced.setdefault(model.name, []).extend([agent.name] if "model" in agent.names() else [])
    if unpriced:
        each = [f"{said(model)} (of {', '.join(of)})" if of else said(model) for model, of in unpriced.items()]
        hint = f"State it, or 0, with `model: {{name: …, price: {{input: …, output: …}}}}`, or {instead} instead."
        yield file.problem(place, f"no price is known for {', '.join(each)}", hint, key=True)


def _model(agent: File, playbook: File) -> ModelSpec | None:
    """The model that answers for an agent; None where that cannot be told."""
    named = agent if "model" in agent.names() else playbook
    default = schema("playbook")["properties"]["model"]["default"]
    given = named.sound("model") if "model" in named.names() else default
    return model_of(given) if given is not None else None


def shortfalls(file: File, made: Configuration) -> Iterator[Problem]:
    """A problem for each limit that is too low for a playbook that has no other problems."""
    coordinator, limits, least = made.playbook.coordinator, made.playbook.budget, minimum(made)
    if limits.mode == "audit":
        return
    plan, conclusion = "a plan, " * bool(coordinator.planner), ", and the conclusion" * bool(coordinator.synthesizer)
    hint = f"That is the estimate for {plan}a turn and a report of every specialist{conclusion}, repairs included."
    for key, limit, needed in (
        ("tokens", limits.tokens, str(math.ceil(least.tokens))),
        ("usd", limits.usd, _dollars(least.usd)),
        ("model_calls", limits.model_calls, str(math.ceil(least.model_calls))),
    ):
        if limit is not None and limit < float(needed):
            yield file.problem(("budget", key), f"`{key}` must be at least {needed} for this playbook", hint)


def _dollars(amount: float) -> str:
    """The amount in whole cents, or in hundredths of them where it is less than one; never less than it is."""
    decimals = 2 if amount >= 0.01 else 4
    return f"{math.ceil(amount * 10**decimals) / 10**decimals:.{decimals}f}"
