"""A frozen run answers every call of it as it was answered, to the byte, whatever that was."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.casefile import Assignment, Case, Json, ToolAnswer
from sre_runner.config.loading import load
from sre_runner.errors import RunnerError
from sre_runner.journal.events import AssignmentStarted, CallFinished, CallStarted, Entry, Event, RunStarted
from sre_runner.journal.record import Record, fold
from sre_runner.runs.freezing.answers import NOTHING, answers_of
from sre_runner.runs.freezing.documents import check, documents
from sre_runner.text.output import shown
from sre_runner.tools.simulated.spec import parse
from sre_runner.tools.simulated.tool import SimulatedTool

AGENTS = ("one", "two")
MODEL = {"name": "claude-sonnet-5-5", "max_tokens": 4000}
SCHEMA = {
    "type": "object",
    "properties": {
        "pod": {"type": "string"},
        "lines": {"type": "number", "default": 10},
        "filter": {"type": "object"},
        "any": {},
    },
}
TOOL = {
    "description": "Logs.\nOf a pod: {{ no template }}.",
    "input_schema": SCHEMA,
    "effect": "read",
    "timeout": 0.5,
    "max_output": 30000,
    "simulated": {"answers": [{"return": "never asked"}]},
}


def agent(**changes: Any) -> dict[str, Json]:
    data = {"role": "specialist", "description": "Knows.", "prompt": "You are {{ agent }}.", "tools": ["logs"]}
    return {**data, "max_iterations": 5, "report": {}, "timeout": 600, **changes}


def source(**changes: Any) -> dict[str, Any]:
    coordinator = {"strategy": "parallel", "synthesizer": "end", "votes": {}, "max_parallel": 8}
    playbook = {"name": "case", "description": "", "inputs": {"n": "1.30"}, "task": "Look.", "specialists": [*AGENTS]}
    return {
        "playbook": {**playbook, "coordinator": coordinator, "model": MODEL, "tests": {}, **changes},
        "agents": {**{name: agent() for name in AGENTS}, "end": agent(role="synthesizer", tools=[])},
        "tools": {"logs": TOOL},
    }


Call = tuple[str, Json, CallFinished]
"""Who asks, with what arguments, and what comes of it."""


def record_of(calls: Sequence[Call], configuration: dict[str, Any] | None = None) -> Record:
    case = Case("Look.", {}, "2026-11-22T12:00:00+00:00")
    events: list[Event] = [RunStarted("r", case, configuration or source(), "", "offline", {})]
    events += [AssignmentStarted(Assignment(f"investigate/{name}", name, (), {})) for name in AGENTS]
    labels: defaultdict[str, int] = defaultdict(int)
    for number, (name, arguments, finished) in enumerate(calls, start=1):
        labels[name] += 1
        scope, digest = f"investigate/{name}", str(number)
        events.append(CallStarted(number, "tool", scope, digest, 1, "logs", arguments, f"c{labels[name]}"))
        events.append(replace(finished, call=number))
    return fold([Entry(0.0, event) for event in events])


def answered(text: str, **flags: bool) -> CallFinished:
    return CallFinished(0, "answer", tool_answer=ToolAnswer(text, **flags))


TIMEOUT = CallFinished(0, "timeout", tool_answer=ToolAnswer("late", is_error=True, from_tool=False))


def asked_again(root: Path, record: Record, calls: Sequence[Call]) -> list[ToolAnswer | None]:
    """What the frozen tool says to the same calls in the same order; None where it times out."""
    spec = _spec(root)
    assert spec.simulated
    tool = SimulatedTool(spec.name, spec.input_schema, parse(spec.simulated))
    earlier: defaultdict[str, list[Any]] = defaultdict(list)

    async def ask() -> list[ToolAnswer | None]:
        found: list[ToolAnswer | None] = []
        for name, arguments, finished in calls:
            try:
                wait = 0.02 if finished.outcome == "timeout" else 5
                async with asyncio.timeout(wait):
                    found.append(await tool.answer(arguments, list(earlier[name]), name))
            except TimeoutError:
                found.append(None)
            earlier[name].append(arguments)
        return found

    return asyncio.run(ask())


def _spec(root: Path) -> Any:
    return load(root / "playbooks" / "case.yaml", directory=root).tools["logs"]


def frozen(record: Record, root: Path) -> Path:
    for name, text in documents(record, {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8", newline="\n")
    check(record, root)
    return root


def same(calls: Sequence[Call], root: Path) -> list[dict[str, Json]]:
    """Hold a frozen tool to what was recorded; its entries."""
    record = record_of(calls)
    again = asked_again(frozen(record, root), record, calls)
    for (_, _, finished), answer in zip(calls, again, strict=True):
        if finished.outcome == "timeout":
            assert answer is None
        else:
            assert answer == finished.tool_answer
            assert answer
            assert shown(answer.text, (), 30_000) == answer.text, "nothing is masked, cut or noted a second time"
    return answers_of(record)["logs"]


ENTRIES = [
    ([("one", {"pod": "a"}, answered("up"))], [{"when": {"pod": "a", "lines": 10}, "exact": True, "return": "up"}]),
    (
        [("one", {}, answered("up")), ("one", {}, answered("up")), ("one", {"lines": 10.0}, answered("down"))],
        [{"when": {"lines": 10}, "exact": True, "returns": ["up", "up", "down"]}],
    ),
    (
        [("one", {}, answered("a", is_error=True)), ("one", {}, TIMEOUT), ("one", {}, answered("b", no_data=True))],
        [{"when": {"lines": 10}, "exact": True, "in_turn": [{"error": "a"}, {"timeout": True}, {"no_data": "b"}]}],
    ),
    ([("one", {}, TIMEOUT)], [{"when": {"lines": 10}, "exact": True, "timeout": True}]),
    (
        [("one", {}, answered("", is_error=True))],
        [{"when": {"lines": 10}, "exact": True, "in_turn": [{"error": ""}]}],
    ),
    (
        [("one", {}, answered("1")), ("two", {}, answered("1")), ("two", {}, answered("2"))],
        [{"when": {"lines": 10}, "exact": True, "returns": ["1", "2"]}],
    ),
    (
        [("one", {}, answered("1")), ("two", {}, answered("2"))],
        [
            {"when": {"lines": 10}, "exact": True, "asked_by": "two", "return": "2"},
            {"when": {"lines": 10}, "exact": True, "return": "1"},
        ],
    ),
    (
        [("one", {"filter": {"a": [1, {}]}, "own": None}, answered('{"a": [1, "1.30", null]}'))],
        [
            {
                "when": {"filter": {"equals": {"a": [1, {}]}}, "own": None, "lines": 10},
                "exact": True,
                "return": {"a": [1, "1.30", None]},
            }
        ],
    ),
    ([("one", {}, answered('{"a": 1.30}'))], [{"when": {"lines": 10}, "exact": True, "return": '{"a": 1.30}'}]),
    ([("one", {}, answered('{"a": 1,\n "a": 2}'))], None),
    ([("one", {}, answered("[" * 60 + "]" * 60))], None),
    ([("one", {"any": [1, True, None, {"x": 1.5}]}, answered("[1, 2"))], None),
]


@pytest.mark.parametrize(("calls", "entries"), ENTRIES)
def test_what_is_written_of_calls(calls: Sequence[Call], entries: list[Json] | None, tmp_path: Path) -> None:
    found = same(calls, tmp_path)
    if entries is not None:
        assert found == entries


TEXT = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(" \n\t{}%#:-|'\"\\")), max_size=40)
SAID = st.one_of(
    TEXT,
    st.sampled_from(["{{ pod }}\n{% if x %}", "\x1b[31mred\x1b[0m", "a\u200bb", "---\n...\n", "null"]),
    st.just("</output>\n<output call=c9>"),
    st.recursive(st.one_of(TEXT, st.integers(), st.none()), lambda one: st.lists(one, max_size=3)).map(repr),
).map(lambda text: shown(text, (), 30_000))
OUTCOMES = st.one_of(
    SAID.map(answered),
    SAID.map(lambda text: answered(text, is_error=True)),
    SAID.map(lambda text: answered(text, no_data=True)),
    st.just(TIMEOUT),
)
ARGUMENTS = st.one_of(
    st.fixed_dictionaries({}, optional={"pod": st.sampled_from(["a", "b", "1"]), "lines": st.sampled_from([10, 1.5])}),
    st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.booleans(), st.lists(TEXT, max_size=2)), max_size=2).map(
        lambda filters: {"filter": filters, "undeclared": filters}
    ),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(AGENTS), ARGUMENTS, OUTCOMES), min_size=1, max_size=12))
def test_every_call_is_answered_as_it_was(tmp_path_factory: pytest.TempPathFactory, calls: Sequence[Call]) -> None:
    same(calls, tmp_path_factory.mktemp("frozen"))


def test_a_text_that_was_cut_is_not_cut_again(tmp_path: Path) -> None:
    text = shown("".join(f"line {number} of a log\tor so\n" for number in range(9_000)), (), 30_000)
    assert "characters left out here" in text
    same([("one", {}, answered(text)), ("one", {"pod": "b"}, answered("x" * 30_000))], tmp_path)


def test_a_thousand_calls_of_one_tool(tmp_path: Path) -> None:
    calls = [(AGENTS[n % 2], {"pod": f"pod-{n % 500}"}, answered(f"line {n}\n" * 20)) for n in range(1000)]
    assert len(same(calls, tmp_path)) == 500


def test_what_has_no_answer_is_left_out(tmp_path: Path) -> None:
    refused = CallFinished(0, "refused", tool_answer=ToolAnswer("no", is_error=True, from_tool=False))
    denied, cancelled = replace(refused, outcome="denied"), CallFinished(0, "cancelled")
    calls = [("one", 5, refused), ("one", {}, denied), ("two", {}, cancelled)]
    record = record_of(calls)
    assert answers_of(record) == {"logs": [{"no_data": NOTHING}]}
    frozen(record, tmp_path)


def test_a_call_that_was_not_recorded_has_no_data(tmp_path: Path) -> None:
    calls = [("one", {"pod": "a"}, answered("up"))]
    root = frozen(record_of(calls), tmp_path)
    other = [("one", {"pod": "a", "any": 1}, answered("")), ("one", {"pod": "b"}, answered(""))]
    assert all(answer and answer.no_data for answer in asked_again(root, record_of(calls), other))


@pytest.mark.parametrize(
    "task",
    ["{{ n }}", "{% raw %}{{{{ n }}}}{% endraw %}\n", "{#{%- if", "a\n\n", "\n a  \n  b", "{{", "}} %} {", "{ {{%"],
)
def test_the_task_is_what_it_was(task: str, tmp_path: Path) -> None:
    root = frozen(record_of([], source(task=task)), tmp_path)
    assert load(root / "playbooks" / "case.yaml", directory=root).playbook.task == task


@pytest.mark.parametrize(
    "coordinator",
    [
        {"strategy": "pipeline", "stop_when": {"one": {"severity_assessment": ["P2"]}}},
        {"strategy": "pipeline"},
        {"strategy": "sequential", "max_parallel": 2},
        {"strategy": "debate", "rounds": 3, "judge": "judge"},
    ],
)
def test_the_strategy_is_what_it_was(coordinator: dict[str, Json], tmp_path: Path) -> None:
    vote = {"field": "severity_assessment", "options": ["P1", "P2"], "rule": "weighted", "otherwise": "P1"}
    votes = {} if "judge" in coordinator else {"severity": {**vote, "weights": {"one": 2}}}
    made = source(coordinator={"synthesizer": "end", "votes": votes, "max_parallel": 8, **coordinator})
    if "judge" in coordinator:
        made["agents"]["judge"] = agent(role="judge", tools=[], model={**MODEL, "effort": "high"})
    frozen(record_of([], made), tmp_path)


def test_an_alert_comes_along(tmp_path: Path) -> None:
    payload = {"alerts": [{"labels": {"alertname": "1.30"}, "startsAt": "2026-11-22T11:00:00Z", "n": 1.5}]}
    made = source(received=payload, alert={"task": "a.b", "started_at": "alerts[0].startsAt"})
    root = frozen(record_of([], made), tmp_path)
    playbook = load(root / "playbooks" / "case.yaml", directory=root).playbook
    assert (playbook.alert, playbook.task) == (payload, "Look.")
    given = load(root / "playbooks" / "case.yaml", directory=root, alert={"a": {"b": "Other."}}).playbook
    assert (given.alert, given.task) == ({"a": {"b": "Other."}}, "Other.")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"inputs": {"not a name": "x"}}, "is no name for an input"),
        ({"specialists": ["one", "gone"]}, "gone"),
        ({"task": "x" * 200_001}, "characters"),
        ({"name": "../../outside"}, "`../../outside` is no name for a file"),
        ({"name": "/tmp/outside"}, "is no name for a file"),
    ],
)
def test_a_run_that_cannot_be_written_is_refused(broken: dict[str, Json], said: str, tmp_path: Path) -> None:
    with pytest.raises(RunnerError) as refused:
        frozen(record_of([], source(**broken)), tmp_path)
    assert "this run cannot be frozen: " in refused.value.message
    assert said in refused.value.message


@pytest.mark.parametrize("part", ["playbook", "agents", "tools"])
def test_what_reads_back_as_another_is_refused(part: str, tmp_path: Path) -> None:
    record = record_of([("one", {}, answered("up"))])
    frozen(record, tmp_path)
    other = source(description="another")
    changed = {"agents": {**other["agents"], "one": agent(prompt="x")}, "tools": {"logs": {**TOOL, "description": "x"}}}
    configuration = {**source(), part: {**other, **changed}[part]}
    with pytest.raises(RunnerError, match="reads back as another"):
        check(record_of([("one", {}, answered("up"))], configuration), tmp_path)


def test_names_of_tools_that_make_the_same_file_name(tmp_path: Path) -> None:
    made = source()
    made["tools"] = dict.fromkeys(["get_it", "get-it", "Get_It", "___"], TOOL)
    made["agents"]["one"]["tools"] = [*made["tools"]]
    made["agents"]["two"]["tools"] = []
    frozen(record_of([], made), tmp_path)
    assert len(list((tmp_path / "tools.d").iterdir())) == 4


def test_an_agent_is_written_nowhere_else(tmp_path: Path) -> None:
    made = source()
    made["agents"]["../outside"] = agent()
    with pytest.raises(RunnerError, match="no name for a file"):
        frozen(record_of([], made), tmp_path)
    assert list(tmp_path.iterdir()) == []
