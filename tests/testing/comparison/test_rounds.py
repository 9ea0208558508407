"""Configurations that are compared: checked together, carried out in turn, and kept whatever stops them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sre_runner.config.loading import load
from sre_runner.errors import ConfigError, ExitCode, RunnerError, ServiceError
from sre_runner.journal.events import JournalError
from sre_runner.journal.record import Record
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
from sre_runner.testing.comparison.rounds import Way, checked, compared
from sre_runner.testing.comparison.sides import Comparison

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"
NAMES = ("payment-gateway-single", "payment-gateway-parallel")


def way(name: str, *varied: tuple[str, str], settings: Sequence[tuple[str, str]] = (), **options: Any) -> Way:
    playbook = PLAYBOOKS / f"{name}.yaml"
    return Way(name, RunOptions(playbook, settings=(*settings, *varied), offline=True, **options), varied)


WAYS = [way(name) for name in NAMES]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    room = tmp_path_factory.mktemp("runs")
    return {each.name: run(replace(each.options, runs=room))[0] for each in WAYS}


def test_the_problems_of_all_are_told_at_once() -> None:
    ways = [
        way("payment-gateway", settings=[("model.max_tokens", "none")]),
        way("payment-gateway", ("coordinator.strategy", "paralel"), settings=[("model.max_tokens", "none")]),
    ]
    with pytest.raises(ConfigError) as refused:
        checked(ways)
    places = [(problem.file, problem.column) for problem in refused.value.problems]
    assert places == [("--set model.max_tokens", 24), ("--vary coordinator.strategy", 29)]
    told = refused.value.problems[1]
    assert told.source == "--vary coordinator.strategy=paralel"
    assert told.source[told.column - 1 :] == "paralel"


def test_other_inputs_are_another_incident() -> None:
    ways = [way("payment-gateway"), way("severity-debate")]
    with pytest.raises(RunnerError, match="payment-gateway has service=`payment-gateway`") as refused:
        checked(ways)
    assert "severity-debate has service=`checkout-api`, namespace=`shop`" in refused.value.message
    assert "--input NAME=VALUE" in refused.value.hint
    same = {"service": "payment-gateway", "namespace": "payments"}
    loaded = checked([way(each.name, inputs=same) for each in ways])
    assert len({configuration.playbook.task for configuration in loaded}) == 2


def test_without_inputs_the_task_says_which_incident_it_is(tmp_path: Path) -> None:
    files = {
        "agents.d/pods.yaml": "description: Pods.\nprompt: Look.\n",
        "playbooks/one.yaml": "task: One.\nspecialists: [pods]\ncoordinator: {strategy: single}\n",
        "playbooks/two.yaml": "task: Two.\nspecialists: [pods]\ncoordinator: {strategy: single}\n",
        "playbooks/three.yaml": "inputs: {a: b}\ntask: One.\nspecialists: [pods]\ncoordinator: {strategy: single}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    one, two, three = [
        Way(name, RunOptions(tmp_path / "playbooks" / f"{name}.yaml")) for name in ("one", "two", "three")
    ]
    with pytest.raises(RunnerError, match="one and two have no inputs, and not the same task"):
        checked([one, two])
    with pytest.raises(RunnerError, match="one has no inputs, three has a=`b`"):
        checked([one, three])
    same = [replace(each, options=replace(each.options, task="Look.")) for each in (one, two)]
    assert [each.playbook.task for each in checked(same)] == ["Look."] * 2


def comparison(
    rehearsed: dict[str, Record], repeat: int, changed: Callable[[int, Record], Awaitable[None] | None]
) -> tuple[Comparison, ExitCode, list[str]]:
    """A comparison of runs that were made before, each of which `changed` may do something to."""
    order: list[str] = []

    async def carry_out(each: Way, number: int) -> Record:
        order.append(each.name)
        record = deepcopy(rehearsed[each.name])
        doing = changed(number, record)
        if doing:
            await doing
        return record

    configurations = [load(each.options.playbook) for each in WAYS]
    made, code = asyncio.run(compared(WAYS, configurations, repeat, carry_out))
    return made, code, order


def test_the_configurations_take_turns(rehearsed: dict[str, Record]) -> None:
    made, code, order = comparison(rehearsed, 3, lambda number, record: None)
    assert order == [*NAMES] * 3
    assert code is ExitCode.OK
    assert (made.repeat, made.stopped, made.rehearsal, len(made.tasks)) == (3, "", True, 1)
    assert made.inputs == {"service": "payment-gateway", "namespace": "payments"}
    assert [len(side.runs) for side in made.sides] == [3, 3]
    assert all(run.met == run.expected > 0 for side in made.sides for run in side.runs)
    assert made.sides[0].digest != made.sides[1].digest


def fail(number: int, error: BaseException) -> Callable[[int, Record], None]:
    def at(now: int, _: Record) -> None:
        if now == number:
            raise error

    return at


def exit_with(number: int, code: ExitCode) -> Callable[[int, Record], None]:
    def at(now: int, record: Record) -> None:
        record.exit_code = code if now == number else record.exit_code

    return at


async def press(key: signal.Signals) -> None:
    os.kill(os.getpid(), key)
    await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("changed", "code", "kept", "said"),
    [
        (fail(4, JournalError("disk full")), ExitCode.PARTIAL, [2, 1], "disk full"),
        (fail(2, ServiceError("no key")), ExitCode.SERVICE, [1, 0], "no key"),
        (exit_with(2, ExitCode.PARTIAL), ExitCode.PARTIAL, [3, 3], ""),
        (exit_with(3, ExitCode.SERVICE), ExitCode.SERVICE, [2, 1], "no other run was begun"),
        (
            lambda number, record: press(signal.SIGINT) if number == 3 else None,
            ExitCode.INTERRUPTED,
            [1, 1],
            "The comparison was interrupted",
        ),
        (
            lambda number, record: (
                setattr(record, "started", replace(record.started, digest="x")) if number > 2 else None
            ),
            ExitCode.PARTIAL,
            [1, 1],
            "The files of payment-gateway-single were changed while it was compared",
        ),
    ],
)
def test_what_came_to_its_end_is_kept_whatever_stops_the_rest(
    rehearsed: dict[str, Record], changed: Any, code: ExitCode, kept: list[int], said: str
) -> None:
    made, ended, order = comparison(rehearsed, 3, changed)
    assert ended is code
    assert [len(side.runs) for side in made.sides] == kept
    assert said in made.stopped
    assert bool(said) is bool(made.stopped)
    assert len(order) <= 6


def test_where_nothing_came_to_its_end_there_is_no_comparison(rehearsed: dict[str, Record]) -> None:
    with pytest.raises(ServiceError):
        comparison(rehearsed, 2, fail(1, ServiceError("no key")))
    with pytest.raises(RunnerError) as interrupted:
        comparison(rehearsed, 2, lambda number, record: press(signal.SIGTERM))
    assert interrupted.value.exit_code is ExitCode.INTERRUPTED
