"""May this turn be admitted? One budget over the whole fan-out, kept as plain bookkeeping."""

from __future__ import annotations

import math
from collections.abc import Callable

from sre_runner.casefile import ModelAnswer, ModelRequest, Usage
from sre_runner.investigation.pool import Share, broken
from sre_runner.models.estimates import RESULTS_PER_TURN, Amount, amount, prompt_tokens, report_amount, turn_amount
from sre_runner.specs import BudgetSpec, Price

REPORT_SHARE, CONCLUDE_SHARE = 0.6, 0.8
"""The shares of `seconds` after which only reports are admitted, and after which the conclusion begins."""


class Admission:
    """What is spent, in flight and set aside, against the limits of one run.

    A turn is admitted only if all of that, the turn, one report for every active assignment and the conclusion fit.
    `spent` is what went before. `conclusion` is set aside until `begin_conclusion`. `clock` gives seconds since the
    run began. `tell` is told once where the mode is `audit` and a turn goes over. `share` is the run's part of a budget
    over several runs, which is enforced whatever the mode.
    """

    def __init__(
        self,
        limits: BudgetSpec | None = None,
        conclusion: Amount | None = None,
        clock: Callable[[], float] = lambda: 0.0,
        tell: Callable[[str], None] = lambda _: None,
        spent: Amount | None = None,
        share: Share | None = None,
    ) -> None:
        self.spent = spent or Amount()
        self._limits = limits or BudgetSpec()
        self._conclusion = conclusion or Amount()
        self._in_flight: dict[str, Amount] = {}
        self._set_aside: dict[str, Amount] = {}
        self._clock = clock
        self._tell = tell
        self._told = False
        self._share = share
        self._hold()

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
        over = over or self._over_share(assignment, wanted + then)
        if not over:
            self._in_flight[assignment] = wanted
            self._set_aside[assignment] = then
            self._hold()
        return over

    def full(self) -> str:
        """Which limits leave no room for a call before the conclusion, or no time; "" where there is room."""
        least = Amount(tokens=1, model_calls=1)
        if self._limits.mode == "audit":
            return self._over_share("", least)
        late = f"seconds ({self._clock():.3g} used, {self._limits.seconds} allowed)"
        over = [
            self._over("", least, last=True),
            self._over_share("", least),
            "" if self.seconds_to_conclusion() else late,
        ]
        return ", ".join(filter(None, over))

    def settle(self, assignment: str, request: ModelRequest, price: Price | None, answer: ModelAnswer | None) -> None:
        """A model call ended. One without an answer counts as a call; what it cost is not known."""
        self._in_flight.pop(assignment, None)
        usage = answer.usage if answer else Usage()
        self.spent += amount(usage, request.model, price)
        self._hold()

    def close(self, assignment: str) -> None:
        """An assignment ended, and needs nothing more."""
        self._set_aside.pop(assignment, None)
        self._hold()

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
        self._hold()

    def _over(self, assignment: str, wanted: Amount, last: bool) -> str:
        limits = self._limits
        found = broken(limits, self._needed(assignment) + wanted)
        if not last and limits.seconds is not None and self._clock() > REPORT_SHARE * limits.seconds:
            found.append(f"seconds (after {REPORT_SHARE * limits.seconds:g} of {limits.seconds:g}, reports only)")
        return ", ".join(found)

    def _over_share(self, assignment: str, wanted: Amount) -> str:
        found = self._share.over(self._needed(assignment) + wanted) if self._share else []
        return f"the budget of the batch: {', '.join(found)}" if found else ""

    def _needed(self, without: str = "") -> Amount:
        """All that is spent, in flight or set aside, but for what is set aside for one assignment."""
        others = [each for key, each in self._set_aside.items() if key != without]
        return sum([*self._in_flight.values(), *others, self._conclusion], self.spent)

    def _hold(self) -> None:
        if self._share:
            self._share.hold(self._needed(), self.spent)
