"""A budget over several runs: never exceeded by what is spent and set aside, and given back when a run ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import ModelAnswer, ModelRequest, Usage
from sre_runner.investigation.budget import Admission
from sre_runner.investigation.pool import Pool
from sre_runner.models.estimates import Amount
from sre_runner.specs import BudgetSpec

REQUEST = ModelRequest("claude-sonnet-5-5", 100, "s" * 300, (), ())


def admission(pool: Pool, mode: str = "enforce", least: float = 0) -> Admission:
    return Admission(BudgetSpec(mode=mode), share=pool.begin(Amount(model_calls=least)))


def answered(tokens: int) -> ModelAnswer:
    return ModelAnswer((), "end_turn", Usage(tokens), "m")


def test_what_one_run_holds_another_may_not_take() -> None:
    pool = Pool(BudgetSpec(model_calls=5))
    one, two = admission(pool), admission(pool)
    assert one.admit("a", REQUEST, None, last=True) == ""  # the call, and one report after it
    assert two.admit("a", REQUEST, None, last=True) == ""
    assert two.admit("b", REQUEST, None, last=True) == ("the budget of the batch: model_calls (6 needed, 5 allowed)")
    one.settle("a", REQUEST, None, answered(5))
    one.close("a")
    assert pool.held.model_calls == 3
    assert two.admit("b", REQUEST, None, last=True) == ""


def test_a_run_holds_what_it_needs_at_least_until_it_ends() -> None:
    pool = Pool(BudgetSpec(model_calls=10))
    share = pool.begin(Amount(model_calls=6))
    assert pool.over(Amount(model_calls=5))
    admitted = Admission(share=share)
    assert admitted.admit("a", REQUEST, None, last=True) == ""
    assert pool.held.model_calls == 6
    admitted.settle("a", REQUEST, None, None)
    share.end()
    assert pool.held.model_calls == 1
    assert not pool.over(Amount(model_calls=9))


def test_the_budget_of_all_is_enforced_where_a_run_only_reports_its_own() -> None:
    pool = Pool(BudgetSpec(tokens=10), Amount(tokens=10))
    audited = admission(pool, "audit")
    assert "the budget of the batch: tokens" in audited.full()
    assert "the budget of the batch: tokens" in audited.admit("a", REQUEST, None, last=True)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 150)), max_size=60))
def test_the_sum_is_that_of_its_parts_and_within_the_limit(steps: list[tuple[int, bool, int]]) -> None:
    pool = Pool(BudgetSpec(model_calls=12))
    runs = [admission(pool, least=1) for _ in range(4)]
    flying: set[int] = set()
    for number, end, tokens in steps:
        run = runs[number]
        if number in flying:
            flying.discard(number)
            run.settle("a", REQUEST, None, answered(tokens))
            if end:
                run.close("a")
        elif not run.admit("a", REQUEST, None, last=end):
            flying.add(number)
        assert pool.held.model_calls <= 12
        assert pool.held.tokens >= sum(each.spent.tokens for each in runs)
