"""What --set and --input change in a playbook, and where their problems are told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.config.loading import load
from sre_runner.config.sources import configuration as from_source
from sre_runner.errors import ConfigError, Problem
from sre_runner.render.problems import format_problems
from sre_runner.specs import Configuration

CONFIGS = Path(__file__).parents[1] / "configs"
EVERYTHING = CONFIGS / "good" / "everything"
TEAMS = CONFIGS / "good" / "teams"
PARALLEL = TEAMS / "playbooks" / "parallel.yaml"
JUNK = ["{{ x }}", "- ", ": ", "\t", "[", "}", "&a ", "*a", "!!python/name:os.system ", "\x1b[2J", "~"]


def everything(**wishes: Any) -> Configuration:
    return load(EVERYTHING / "playbooks" / "checkout.yaml", **wishes)


def problems_of(attempt: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        attempt()
    return caught.value.problems


def test_settings_change_the_playbook() -> None:
    made = everything(
        settings=[
            ("coordinator.strategy", "parallel"),
            ("coordinator.max_parallel", "7"),
            ("specialists", "[logs]"),
            ("specialists.0", "pods"),
            ("inputs.service", "0123"),
            ("model", "{name: local}"),
            ("model.max_tokens", "1000"),
            ("task", "'{{ service }} it is: {a: b}'"),
        ]
    )
    assert (made.playbook.coordinator.strategy, made.playbook.coordinator.max_parallel) == ("parallel", 7)
    assert made.playbook.specialists == ("pods",)
    assert (made.playbook.model.name, made.playbook.model.max_tokens) == ("local", 1000)
    assert made.playbook.task == "0123 it is: {a: b}"


def test_settings_make_the_mappings_that_lead_to_them() -> None:
    watch = CONFIGS / "good" / "smallest" / "playbooks" / "watch.yaml"
    made = load(watch, settings=[("inputs.service", "checkout"), ("model.max_tokens", "512")])
    assert made.playbook.inputs == {"service": "checkout"}
    assert (made.playbook.model.name, made.playbook.model.max_tokens) == ("claude-sonnet-5-5", 512)
    alone = EVERYTHING / "playbooks" / "alone.yml"
    assert load(alone, settings=[("model.effort", "low")]).playbook.model.name == "claude-opus-5-5"


def test_a_single_agent_is_one_setting_and_its_name() -> None:
    (problem,) = problems_of(lambda: everything(settings=[("coordinator.strategy", "single")]))
    assert problem.hint == "Choose one: --set specialists=[alone]"
    made = everything(settings=[("coordinator.strategy", "single"), ("specialists", "[alone]")])
    assert made.playbook.coordinator.planner is made.playbook.coordinator.synthesizer is None
    assert list(made.agents) == ["alone"]


def test_a_setting_and_the_edited_line_are_the_same(tmp_path: Path) -> None:
    root = tmp_path / "teams"
    shutil.copytree(TEAMS, root)
    playbook = root / "playbooks" / "debate.yaml"
    for key, text, old, new in (
        ("coordinator.votes.severity.rule", "most_severe", "rule: unanimous", "rule: most_severe"),
        ("coordinator.votes.severity.options", "[P1, P2]", "rule: most_severe", "options: [P1, P2], rule: most_severe"),
        ("coordinator.strategy.debate.rounds", "5", "rounds: 3", "rounds: 5"),
        ("budget.mode", "audit", "{usd: 20}", "{usd: 20, mode: audit}"),
        ("expect.min_findings_verified", "0.5", "{verdicts", "{min_findings_verified: 0.5, verdicts"),
    ):
        before, changed = load(playbook), load(playbook, settings=[(key, text)])
        written = playbook.read_text(encoding="utf-8")
        assert old in written
        playbook.write_text(written.replace(old, new), encoding="utf-8")
        assert load(playbook) == changed
        assert load(playbook).digest == changed.digest != before.digest


@pytest.mark.parametrize("before", [[], [("coordinator.strategy", "sequential")]])
def test_a_strategy_can_be_set_by_what_it_needs_to_know(before: list[tuple[str, str]]) -> None:
    made = load(PARALLEL, settings=[*before, ("coordinator.strategy.debate.judge", "judge")])
    assert list(made.agents) == ["pods", "logs", "traffic", "judge", "synthesizer"]
    assert made.playbook.coordinator.feedback is None


@pytest.mark.parametrize(
    ("strategy", "left"),
    [
        ("single", ["pods"]),
        ("pipeline", ["pods", "reviewer", "synthesizer"]),
        ("{pipeline: {stop_when: {pods: {customers: [false]}}}}", None),
        ("{debate: {judge: judge}}", None),
        ("sequential", ["pods", "planner", "reviewer", "synthesizer"]),
    ],
)
def test_a_strategy_that_is_set_takes_away_what_it_has_none_of(strategy: str, left: list[str] | None) -> None:
    severity = [("coordinator.votes", "{}"), ("expect", "{verdicts: {severity: P1}}"), ("specialists", "[pods]")]
    wishes = [*severity, ("coordinator.strategy", strategy)]
    if left is None:
        wishes[2] = ("specialists", "[pods, logs]")
        left = ["pods", "logs", *(["judge"] if "debate" in strategy else ["reviewer"]), "synthesizer"]
    assert list(load(PARALLEL, settings=wishes).agents) == left


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (
            ["coordinator.feedback={rounds: 2}", "coordinator.strategy={debate: {judge: judge}}"],
            "--set coordinator.feedback:1:7: the strategy debate has no feedback",
        ),
        (
            ["coordinator.strategy={debate: {judge: judge}}", "coordinator.reviewer=reviewer"],
            "--set coordinator.reviewer:1:7: the strategy debate has no reviewer",
        ),
        (
            ["coordinator.votes.severity.rule=pluralty"],
            "--set coordinator.votes.severity.rule:1:39: `rule` must be one of",
        ),
        (
            ["coordinator.votes.severity.quorum=4"],
            "--set coordinator.votes.severity.quorum:1:41: the quorum of 4 is never reached",
        ),
        (
            ["coordinator.votes.blast={field: blast}"],
            "--set coordinator.votes.blast:1:39: no specialist of this playbook has a field `blast`",
        ),
        (
            ["coordinator.strategy.pipeline.stop_when.pods.customers=[1]", "coordinator.strategy.debate.judge=judge"],
            "--set coordinator.strategy.debate.judge:1:7: `debate` cannot stand beside `pipeline`",
        ),
        (["budget.usd=0.01"], "--set budget.usd:1:18: `usd` must be at least"),
        (["specialists=[pods, 3, logs]"], "--set specialists:1:26: `specialists[1]` must be text"),
        (["expect.tools_called=[list_pod]"], "--set expect.tools_called:1:28: no specialist of this playbook has"),
    ],
)
def test_problems_of_a_team_are_told_where_they_were_set(wishes: list[str], expected: str) -> None:
    pairs = [(key, text) for key, _, text in (wish.partition("=") for wish in wishes)]
    told = [str(problem) for problem in problems_of(lambda: load(PARALLEL, settings=pairs))]
    assert [one for one in told if one.startswith(expected)], told


@pytest.mark.parametrize(
    ("wishes", "place"),
    [
        (["coordinator.strategy=single", "coordinator.planner=lead-planner"], "coordinator.planner:1:7"),
        (["coordinator.planner=lead-planner", "coordinator.strategy=single"], "coordinator.planner:1:7"),
        (["coordinator={planner: lead-planner}", "coordinator.strategy=single"], "coordinator:1:20"),
        (["coordinator.strategy=single", "coordinator={strategy: single, planner: x}"], "coordinator:1:38"),
    ],
)
def test_a_planner_that_is_set_beside_single_is_told(wishes: list[str], place: str) -> None:
    pairs = [(key, text) for key, _, text in (wish.partition("=") for wish in ["specialists=[alone]", *wishes])]
    messages = {str(problem) for problem in problems_of(lambda: everything(settings=pairs))}
    assert f"--set {place}: the strategy single has no planner" in messages


def test_a_coordinator_that_is_no_mapping_is_told_once() -> None:
    wishes = [("coordinator.strategy", "single"), ("coordinator", "3")]
    (problem,) = problems_of(lambda: everything(settings=wishes))
    assert str(problem).startswith("--set coordinator:1:19: `coordinator` must be a mapping")


@pytest.mark.parametrize(
    ("setting", "expected", "hint"),
    [
        (
            "coordinator.strategy=sequental",
            "coordinator.strategy:1:28: `strategy` must be one of `single`, `sequential`, `parallel`, `pipeline`, not",
            "Did you mean `sequential`?",
        ),
        ("coordinator.strateg=single", "coordinator.strateg:1:7: unknown key `strateg`", "Did you mean `strategy`?"),
        (
            "coordinater.strategy=single",
            "coordinater.strategy:1:7: unknown key `coordinater`",
            "Did you mean `coordinator`?",
        ),
        ("specialists=[pods, podz]", "specialists:1:26: there is no agent `podz`", "Did you mean `pods`? There are"),
        ("specialists.1=podz", "specialists.1:1:21: there is no agent `podz`", "Did you mean `pods`?"),
        ("specialists.7=pods", "specialists.7:1:7: `specialists` has no `7`", "Write it as KEY.KEY=VALUE"),
        ("specialists.0.x=2", "specialists.0.x:1:7: `specialists.0` has no `x`", "Write it as KEY.KEY=VALUE"),
        ("description.x=2", "description.x:1:7: `description` has no `x`", "Write it as KEY.KEY=VALUE"),
        ("a..b=1", 'a..b:1:7: `a` has no ""', "Write it as KEY.KEY=VALUE"),
        ("=1", ":1:7: there is no key", "Write it as KEY.KEY=VALUE"),
        ("task=", "task:1:12: `task` is empty; it must be text", "What is to be investigated"),
        ("task={{ x }}", "task:1:12: {{ begins a mapping in YAML", 'Quote it: "{{ x }}"'),
        ("task='{{ x }}'", "task:1:16: nothing provides the name `x`", "Known here: "),
        ("specialists=[pods", "specialists:1:19: the list in brackets", "Items are separated"),
        ("model={name: m,\n  max_tokens: 1}", "model:2:15: `max_tokens` must be at least 256", "Most tokens"),
    ],
)
def test_problems_of_settings_are_told_where_they_stand(setting: str, expected: str, hint: str) -> None:
    key, _, text = setting.partition("=")
    (problem,) = problems_of(lambda: everything(settings=[(key, text)]))
    assert str(problem).startswith(f"--set {expected}")
    assert problem.hint.startswith(hint)
    if problem.line == 1:
        assert problem.source == f"--set {key}={text}".split("\n")[0]


def test_a_setting_mends_what_is_broken_in_the_file() -> None:
    playbook = CONFIGS / "bad" / "strategies" / "playbooks" / "no-such-strategy.yaml"
    (problem,) = problems_of(lambda: load(playbook, settings=[("coordinator.strategy", "parallel")]))
    assert problem.message.startswith("the strategy parallel needs a synthesizer")
    load(playbook, settings=[("coordinator.strategy", "parallel"), ("coordinator.synthesizer", "synthesizer")])


def test_settings_of_a_file_that_cannot_be_read_change_nothing() -> None:
    playbook = CONFIGS / "bad" / "yaml" / "playbooks" / "checkout.yaml"
    told = problems_of(lambda: load(playbook, settings=[("task", "x")]))
    assert [problem.message for problem in told] == ["{{ begins a mapping in YAML"]


def test_an_unknown_input_is_told_with_the_names_that_there_are() -> None:
    (problem,) = problems_of(lambda: everything(inputs={"servce": "x\ny"}))
    assert str(problem) == "--input:1:9: the playbook checkout has no input `servce`"
    assert problem.hint.startswith("Did you mean `service`? There are `service`, `namespace`,")
    assert problem.source == "--input servce=x"


def test_an_input_for_a_playbook_without_any() -> None:
    (problem,) = problems_of(lambda: load(CONFIGS / "good/smallest/playbooks/watch.yaml", inputs={"a": "b"}))
    assert problem.hint == "It has none: add it under `inputs` in the playbook."


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["task", "inputs", "inputs.service", "specialists", "specialists.0", "coordinator", "model"]
            )
            | st.sampled_from(
                ["coordinator.strategy", "coordinator.planner", "model.price", "model.price.input", "x.y"]
            )
            | st.sampled_from(
                [
                    "coordinator.votes",
                    "coordinator.votes.severity",
                    "coordinator.votes.v.weights",
                    "coordinator.reviewer",
                ]
            )
            | st.sampled_from(
                [
                    "budget",
                    "budget.usd",
                    "expect.verdicts",
                    "expect.tools_called",
                    "coordinator.strategy.pipeline.stop_when",
                ]
            )
            | st.text(max_size=8),
            st.sampled_from(["", "single", "[pods]", "{a: 1}", "3", "pods", "synthesizer", "null", "{name: m}", *JUNK])
            | st.sampled_from(["pipeline", "{debate: {judge: pods}}", "{v: {field: summary}}", "{pods: {a: [1]}}", "1"])
            | st.text(max_size=8),
        ),
        max_size=4,
    ),
    st.dictionaries(st.sampled_from(["service", "x", ""]), st.text(max_size=5), max_size=2),
    st.none() | st.text(max_size=5),
)
def test_any_settings_give_specs_or_problems(wishes: Any, inputs: dict[str, str], task: str | None) -> None:
    made, shown = None, ""
    try:
        made = everything(settings=wishes, inputs=inputs, task=task)
    except ConfigError as error:
        shown = format_problems(error.problems, color=False)
    assert shown or (made and from_source(made.source) == made)


def test_another_team_is_not_held_to_the_expectations_of_the_first() -> None:
    playbook = Path(__file__).parents[2] / "playbooks" / "payment-gateway.yaml"
    made = load(playbook, settings=[("specialists", "[log-analyst]")])
    assert made.playbook.specialists == ("log-analyst",)
    with pytest.raises(ConfigError):
        load(playbook, settings=[("expect.tools_called", "[fly]")])
