"""A budget over several runs: what all of them have spent and set aside, kept as one sum."""

from __future__ import annotations

from sre_runner.models.estimates import Amount
from sre_runner.specs import BudgetSpec

_ROUNDING = 1e-9
"""Dollars that sums of many parts may be off by."""


def broken(limits: BudgetSpec, needed: Amount) -> list[str]:
    """The limits that an amount would break, in words."""
    return [
        f"{name} ({has:g} needed, {limit:g} allowed)"
        for name, has, limit in (
            ("tokens", needed.tokens, limits.tokens),
            ("usd", needed.usd, limits.usd),
            ("model_calls", needed.model_calls, limits.model_calls),
        )
        if limit is not None and has > limit + _ROUNDING
    ]


class Pool:
    """The budget of several runs. `held` is what ended runs have spent, and what those under way may still take."""

    def __init__(self, limits: BudgetSpec, spent: Amount | None = None) -> None:
        self.limits = limits
        self.held = spent or Amount()

    def over(self, more: Amount) -> list[str]:
        """The limits that would be broken by so much more."""
        return broken(self.limits, self.held + more)

    def begin(self, least: Amount) -> Share:
        """The share of a run that begins, and that needs at least so much."""
        return Share(self, least)


class Share:
    """One run's part of a pool: what it has spent and set aside, and until it ends never less than what it needs."""

    def __init__(self, pool: Pool, least: Amount) -> None:
        self._pool = pool
        self._least = least
        self._held = Amount()
        self.spent = Amount()
        self.hold(Amount(), Amount())

    def over(self, needed: Amount) -> list[str]:
        """The limits that would be broken if the run needed so much in all."""
        return self._pool.over(needed.at_least(self._least) - self._held)

    def hold(self, needed: Amount, spent: Amount) -> None:
        """The run needs so much in all, of which it has `spent` a part."""
        self.spent = spent
        self._post(needed.at_least(self._least))

    def end(self) -> None:
        """The run ended: only what it has spent stays in the pool."""
        self._post(self.spent)

    def _post(self, held: Amount) -> None:
        self._pool.held += held - self._held
        self._held = held
