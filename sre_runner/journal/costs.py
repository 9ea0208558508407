"""What the model calls of a run cost, by the prices of its configuration or of the table."""

from __future__ import annotations

from dataclasses import dataclass

from sre_runner.config.sources import model_of
from sre_runner.journal.record import Record
from sre_runner.models.prices import PRICES_AS_OF, cost
from sre_runner.specs import ModelSpec


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
        name = spec.name if spec and record.rehearsal else call.request.name
        price = spec.price if spec else None
        models[name] = None
        sources["prices of the configuration" if price else f"price table of {PRICES_AS_OF}"] = None
        priced.append(cost(answer.usage, name, price))
    usd = None if None in priced else sum(price for price in priced if price is not None)
    said = " and ".join(sources)
    paid, would_be = (0.0, usd) if record.rehearsal else (usd, None)
    return Cost(paid, tuple(models), said, would_be, record.estimated(scope))


def dollars(record: Record, scope: str | None = None) -> float | None:
    """What a run or an assignment costs, or would cost where it is a rehearsal; None where a price is unknown."""
    cost = total_cost(record, scope)
    return cost.would_be if record.rehearsal else cost.usd


def _model(record: Record, scope: str) -> ModelSpec | None:
    """The model of the agent that makes the calls of an assignment, read as the configuration reads it; None where the
    journal names none."""
    source, work = record.started.configuration, record.work.get(scope)
    own = source.get("agents", {}).get(work.assignment.agent, {}).get("model") if work else None
    given = own or source.get("playbook", {}).get("model")
    return model_of(given) if given else None
