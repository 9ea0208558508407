"""Every optional key of a playbook left out, and every one given: the run, and all that is made of it, goes through."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sre_runner.errors import ConfigError
from sre_runner.journal.costs import total_cost
from sre_runner.journal.record import Record, record_of
from sre_runner.render.run.export import dump, to_json
from sre_runner.render.run.markdown import markdown
from sre_runner.render.run.timeline import timeline
from sre_runner.runs.options import RunOptions
from sre_runner.runs.replay import replay
from sre_runner.runs.run import run

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yaml"))
OPTIONAL = ("description", "backend", "inputs", "budget", "expect", "tests", "model")
OF_COORDINATOR = ("planner", "reviewer", "feedback", "votes", "max_parallel", "judge")
OF_VOTE = ("field", "options", "rule", "otherwise", "weights", "quorum", "voters")
PRICES: tuple[dict[str, float], ...] = (
    {"input": 1, "output": 1},
    {"input": 1, "output": 1, "cache_write": 2},
    {"input": 1, "output": 1, "cache_read": 0.5},
    {"input": 0, "output": 0, "cache_write": 0, "cache_read": 0},
)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    for folder in ("agents.d", "tools.d", "runbooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "playbooks").mkdir()
    return tmp_path


def data_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "playbooks" / f"{name}.yaml").read_text(encoding="utf-8"))
    return {**found, "backend": "simulated"}


def play(room: Path, data: dict[str, Any]) -> Record | None:
    """The record of a rehearsal, read again from its journal, with all that is shown of it; None where the playbook has
    problems, which are told as such."""
    path = room / "playbooks" / "p.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    try:
        record, folder = run(RunOptions(path, runs=room / "runs", offline=True))
    except ConfigError:
        return None
    again = record_of(folder)
    assert markdown(again, timeline)
    assert json.loads(dump(to_json(again)))["status"] == "complete"
    assert replay(again) == record.conclusion
    assert total_cost(again).models
    return again


def without(data: dict[str, Any], *place: str) -> dict[str, Any]:
    less = copy.deepcopy(data)
    inner = less
    for key in place[:-1]:
        inner = inner.get(key, {})
    inner.pop(place[-1], None)
    return less


def lesser(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The playbook with one optional key less, each in turn."""
    for key in OPTIONAL:
        yield without(data, key)
    for key in OF_COORDINATOR:
        yield without(data, "coordinator", key)
    for vote in data["coordinator"].get("votes", {}):
        for key in OF_VOTE:
            yield without(data, "coordinator", "votes", vote, key)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", SHIPPED)
def test_without_anything_optional(room: Path, name: str) -> None:
    data = data_of(name)
    data["task"] = "The service payment-gateway in the namespace payments is degraded."
    for key in OPTIONAL:
        data = without(data, key)
    for key in ("reviewer", "feedback", "votes", "max_parallel", "planner"):
        data = without(data, "coordinator", key)
    assert play(room, data)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["payment-gateway", "severity-debate"])
def test_with_each_optional_key_left_out(room: Path, name: str) -> None:
    different = {json.dumps(each): each for each in lesser(data_of(name))}
    played = [play(room, each) for each in different.values()]
    assert sum(record is not None for record in played) >= len(played) // 2


@pytest.mark.no_cover
@pytest.mark.parametrize("name", SHIPPED)
def test_with_everything_given(room: Path, name: str) -> None:
    data = data_of(name)
    price = PRICES[SHIPPED.index(name) % len(PRICES)]
    data["model"] = {"name": "m", "max_tokens": 500, "effort": "low", "price": price}
    data["budget"] = {"tokens": 10**7, "usd": 100, "model_calls": 1000, "seconds": 600, "mode": "enforce"}
    record = play(room, data)
    assert record
    cost = total_cost(record)
    assert cost.prices == "prices of the configuration"
    assert (cost.would_be or 0) >= 0


@pytest.mark.parametrize("price", PRICES)
def test_a_price_may_leave_out_what_the_cache_costs(room: Path, price: dict[str, float]) -> None:
    data = {**data_of("payment-gateway-single"), "model": {"name": "m", "max_tokens": 500, "price": price}}
    assert play(room, data)
