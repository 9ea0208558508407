"""What the model calls of a run cost, by the prices of its configuration or of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sre_runner.prices import PRICES_AS_OF, cost
from sre_runner.record import Record
from sre_runner.specs import Price


@dataclass(frozen=True)
class Cost:
    """US dollars. `usd` is None where a model has no price; `would_be` is what a rehearsal's tokens would cost.

    `prices` says where the prices are from; `estimated` that some of the tokens are an estimate.
    """

    usd: float | None
    models: tuple[str, ...]
    prices: str
    would_be: float | None = None
    estimated: bool = False


def total_cost(record: Record, scope: str | None = None) -> Cost:
    """What a run's model calls cost, or those of one assignment, from the price table or the configuration's prices.

    Each call is priced by itself, because a price can depend on the length of its prompt. A rehearsal costs nothing;
    what its (estimated) tokens would cost is told apart.
    """
    priced: list[float | None] = []
    models: dict[str, None] = {}
    sources: dict[str, None] = {}
    for call in record.calls_of("model", scope):
        answer = call.outcome.model_answer if call.outcome else None
        if answer is None or (call.outcome and call.outcome.reused):
            continue
        spec = _model(record, call.request.scope)
        own = spec.get("price")
        name = str(spec.get("name", call.request.name)) if record.rehearsal else call.request.name
        models[name] = None
        sources["prices of the configuration" if own else f"price table of {PRICES_AS_OF}"] = None
        priced.append(cost(answer.usage, name, Price(**own) if own else None))
    usd = None if None in priced else sum(price for price in priced if price is not None)
    said = " and ".join(sources)
    paid, would_be = (0.0, usd) if record.rehearsal else (usd, None)
    return Cost(paid, tuple(models), said, would_be, record.estimated(scope))


def dollars(record: Record, scope: str | None = None) -> float | None:
    """What a run or an assignment costs, or would cost where it is a rehearsal; None where a price is unknown."""
    cost = total_cost(record, scope)
    return cost.would_be if record.rehearsal else cost.usd


def _model(record: Record, scope: str) -> Mapping[str, Any]:
    """The model of the agent that makes the calls of an assignment, as the configuration has it."""
    source, work = record.started.configuration, record.work.get(scope)
    own = source.get("agents", {}).get(work.assignment.agent, {}).get("model") if work else None
    spec = own or source.get("playbook", {}).get("model") or {}
    return spec if isinstance(spec, Mapping) else {"name": spec}
