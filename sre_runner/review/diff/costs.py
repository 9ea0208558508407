"""What a run of a playbook can take at most, before and after, in model calls, tokens and dollars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from sre_runner.errors import ConfigError
from sre_runner.review.diff.changes import Change, Group, Place, Risk
from sre_runner.review.diff.pairs import Both
from sre_runner.review.diff.sides import Side
from sre_runner.review.worst_case import worst_case
from sre_runner.specs import Configuration

LEAST_SHARE = 0.01
"""Of tokens or dollars; a difference that is smaller, such as that of a word in a prompt, is not told."""
MUCH_TEXT = 400
"""Characters, of about a hundred tokens; of a text that grows or shrinks by less, the worst case is not looked at."""
FIGURES = ("usd", "tokens", "model_calls")
"""What a worst case counts and a budget may limit, dollars first."""
MUCH, MORE = 2.0, 1.1
"""How many times the worst case before is a high risk, and a medium one."""


@dataclass(frozen=True)
class Worst:
    """The most that a run can take; `usd` is None where a model has no known price, and no budget holds it.

    `enforced` names the figures that are not what agents could use, but the smaller limit of an enforced budget.
    """

    model_calls: float
    tokens: float
    usd: float | None
    enforced: tuple[str, ...] = ()


@dataclass(frozen=True)
class Range:
    """A playbook's worst case before and after; None where it is not there."""

    before: Worst | None
    after: Worst | None

    @property
    def differs(self) -> bool:
        """Whether it is worth telling."""
        if self.before is None or self.after is None:
            return self.before is not self.after
        if self.before.model_calls != self.after.model_calls or (self.before.usd is None) != (self.after.usd is None):
            return True
        return any(abs(now - was) > LEAST_SHARE * was for was, now in self._numbers())

    @property
    def times(self) -> float:
        """The most that any of the figures grows by; 1 where none can be told."""
        return max((now / was if was else 1.0 for was, now in self._numbers()), default=1.0)

    def _numbers(self) -> Iterator[tuple[float, float]]:
        if self.before and self.after:
            for figure in FIGURES:
                was, now = getattr(self.before, figure), getattr(self.after, figure)
                if was is not None and now is not None:
                    yield was, now


_COSTS_NOTHING = (
    *("expectation-weakened", "expectation-removed", "expectation-changed", "expectation-strengthened"),
    *("test-added", "test-removed", "test-changed", "data-changed", "simulated-answers-changed"),
    *("secret-added", "secret-removed"),
)
"""Kinds that change nothing of what is sent to a model, and how often."""


def may_cost(change: Change) -> bool:
    """Whether the worst case can be another by more than is worth telling."""
    if change.group is Group.DOCUMENTATION or change.kind in _COSTS_NOTHING:
        return False
    texts = [text for text in (change.before, change.after) if isinstance(text, str)]
    if change.kind in ("prompt-changed", "task-changed", "input-changed", "agent-description-changed"):
        return abs(len(texts[0]) - len(texts[1])) >= MUCH_TEXT
    return True


def ranges(both: Both, playbooks: Iterable[str]) -> dict[str, Range]:
    """The worst cases of these playbooks, by their names in HEAD, where they differ; none of what has problems."""
    found: dict[str, Range] = {}
    for name in playbooks:
        before, after = _made(both.base, both.was("playbook", name)), _made(both.head, name)
        if isinstance(before, ConfigError) or isinstance(after, ConfigError):
            continue
        if before is None or after is None or before.digest != after.digest:
            range_ = Range(_worst(before), _worst(after))
            found |= {name: range_} if range_.differs else {}
    return found


def _made(side: Side, playbook: str) -> Configuration | ConfigError | None:
    return side.configuration(playbook) if playbook in side.playbooks else None


def cost_changes(both: Both, found: Mapping[str, Range]) -> Iterator[Change]:
    """A change for each playbook whose worst case is another."""
    for name, range_ in found.items():
        if range_.before is None or range_.after is None:
            continue
        times = range_.times
        lost = range_.after.usd is None and range_.before.usd is not None
        risk = Risk.HIGH if times >= MUCH else Risk.MEDIUM if times > MORE or lost else Risk.LOW
        sentence = f"A run of {name} takes at most {_told(range_.before, range_.after)}."
        file = both.head.playbook_files[name]
        yield Change(
            "worst-case-changed",
            risk,
            both.subject("playbook", name),
            sentence,
            asdict(range_.before),
            asdict(range_.after),
            (name,),
            Place(file.shown, file.line("specialists")),
        )


def _worst(configuration: Configuration | None) -> Worst | None:
    if configuration is None:
        return None
    worst, budget = worst_case(configuration), configuration.playbook.budget
    found = {"usd": worst.usd, "tokens": worst.tokens, "model_calls": worst.model_calls}
    limits = {figure: getattr(budget, figure) for figure in FIGURES} if budget.mode == "enforce" else {}
    enforced = [
        figure
        for figure, limit in limits.items()
        if limit is not None and ((most := found[figure]) is None or limit < most)
    ]
    return Worst(**{**found, **{figure: limits[figure] for figure in enforced}}, enforced=tuple(enforced))


def _told(before: Worst, after: Worst) -> str:
    """Calls, tokens and dollars, before and after where they differ; what the budget enforces comes first."""
    calls = f"model call{'s' * (after.model_calls != 1)}"
    dollars = ["an unknown price" if each.usd is None else f"${each.usd:,.2f}" for each in (before, after)]
    told = {
        "model_calls": f"{_either(f'{before.model_calls:,g}', f'{after.model_calls:,g}')} {calls}",
        "tokens": f"{_either(f'{before.tokens:,.0f}', f'{after.tokens:,.0f}')} tokens",
        "usd": _either(*dollars),
    }
    held = [figure for figure in FIGURES if figure in after.enforced]
    first = [f"{told[figure]} (enforced by its budget)" for figure in held]
    return ", ".join([*first, *(words for figure, words in told.items() if figure not in held)])


def _either(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"
