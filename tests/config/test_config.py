"""Example configurations, good and bad; loading, settings, validation; and whatever is fed in, specs or problems."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.config.loading import find_directory, load, validate
from sre_runner.config.sources import configuration as from_source
from sre_runner.coordination.assignments import report_schema
from sre_runner.errors import ConfigError, Problem, RunnerError
from sre_runner.models.estimates import minimum
from sre_runner.render.problems import format_problems
from sre_runner.specs import (
    BudgetSpec,
    Configuration,
    ExpectSpec,
    FeedbackSpec,
    Mention,
    Price,
    Role,
    VoteSpec,
)

CONFIGS = Path(__file__).parents[1] / "configs"
GOOD = sorted(path.name for path in (CONFIGS / "good").iterdir())
BAD = sorted(path.name for path in (CONFIGS / "bad").iterdir())
EVERYTHING = CONFIGS / "good" / "everything"
TEAMS = CONFIGS / "good" / "teams"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A copy of an example configuration, as the working directory."""

    def copy(example: str) -> Path:
        root = tmp_path / "copy"
        shutil.copytree(CONFIGS / example, root)
        monkeypatch.chdir(root)
        return root

    return copy


def everything(**wishes: Any) -> Configuration:
    return load(EVERYTHING / "playbooks" / "checkout.yaml", **wishes)


def problems_of(attempt: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        attempt()
    return caught.value.problems


def attempted(playbook: Path) -> tuple[Configuration | None, tuple[Problem, ...]]:
    """The specs, or the problems of which there is then at least one."""
    try:
        return load(playbook), ()
    except ConfigError as error:
        return None, error.problems or (Problem("no problems", 0, 0, "but an error"),)


def places(problems: tuple[Problem, ...]) -> set[tuple[str, int, int]]:
    return {(Path(problem.file).name, problem.line, problem.column) for problem in problems}


# --- Example configurations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BAD)
def test_bad_configurations_have_the_problems_expected(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / name)
    checked = validate()
    assert not checked.usable
    assert format_problems(checked.problems, color=False) == Path("expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BAD)
def test_no_place_of_a_bad_configuration_is_told_twice(name: str) -> None:
    found = [(problem.file, problem.line, problem.column) for problem in validate([CONFIGS / "bad" / name]).problems]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", BAD)
def test_a_run_is_stopped_by_nothing_that_validate_does_not_tell(name: str) -> None:
    root = CONFIGS / "bad" / name
    told = places(validate([root]).problems)
    for playbook in sorted(root.glob("playbooks/*")):
        assert places(attempted(playbook)[1]) <= told


@pytest.mark.parametrize("name", GOOD)
def test_good_configurations_load(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "good" / name)
    checked = validate()
    expected = Path("expected.txt")
    assert format_problems(checked.problems, color=False) == (expected.read_text("utf-8") if expected.exists() else "")
    assert checked.usable
    for playbook in sorted(Path("playbooks").iterdir()):
        made = load(playbook)
        assert from_source(made.source) == made
        assert from_source(json.loads(json.dumps(made.source))) == made


def test_the_least_that_one_can_write() -> None:
    made = load(CONFIGS / "good" / "smallest" / "playbooks" / "watch.yaml")
    assert made.playbook.task == "Something is wrong."
    assert made.playbook.coordinator.strategy == "single"
    assert made.agents["watcher"].role is Role.SPECIALIST
    assert (made.agents["watcher"].max_iterations, made.agents["watcher"].timeout) == (5, 600.0)
    assert made.tools == {}


# --- What is loaded -------------------------------------------------------------------------------------------------


def test_everything_that_a_playbook_reaches_is_there_and_nothing_else() -> None:
    made = everything()
    assert list(made.agents) == ["pods", "logs", "lead-planner", "synthesizer"]
    assert list(made.tools) == ["list_pods", "describe-pod", "search_logs", "count_errors"]
    assert made.agents["logs"].model is not None
    assert made.agents["logs"].model.price == Price(1, 2, 1.25, 0)
    answers = made.tools["describe-pod"].simulated
    assert answers
    assert answers["answers"][0]["return"] == "Name: api-1\nState: {{ verbatim }}\n"
    query = made.tools["search_logs"].simulated
    assert query
    assert [row["level"] for row in query["rows"]] == ["ERROR", "WARN"]


def test_inputs_are_text_as_it_is_written() -> None:
    expected = {"ratio": "1.50", "replicas": "3", "urgent": "true", "since": "14:23", "region": ""}
    made = everything()
    assert expected.items() <= made.playbook.inputs.items()
    assert made.playbook.task == "checkout in payments is down, 3 replicas, urgent true, ratio 1.50."


def test_inputs_and_task_can_be_given() -> None:
    made = everything(inputs={"service": "billing", "region": "{{ eu }}"}, task="{{ word for word")
    assert made.playbook.task == "{{ word for word"
    assert made.playbook.inputs["service"] == "billing"
    assert made.playbook.inputs["region"] == "{{ eu }}"
    assert everything(inputs={"service": "billing"}).playbook.task.startswith("billing in payments")


def test_a_task_of_ones_own_needs_no_template_in_the_file() -> None:
    playbook = CONFIGS / "bad" / "templates" / "playbooks" / "billing.yaml"
    told = places(problems_of(lambda: load(playbook)))
    assert told - places(problems_of(lambda: load(playbook, task="Billing is down."))) == {("billing.yaml", 3, 7)}


def test_text_of_any_size_is_told_before_the_run() -> None:
    long = {"service": "x" * 100_000, "namespace": "y" * 100_001}
    (problem,) = problems_of(lambda: everything(inputs=long))
    assert "more than 200,000 characters" in problem.message
    (of_a_prompt,) = problems_of(lambda: everything(inputs={"service": "x" * 200_001}, task="Billing is down."))
    assert of_a_prompt == problem
    assert everything(inputs={"service": "x" * 60_000}, task="Billing is down.").playbook.inputs["service"]


# --- Teams ----------------------------------------------------------------------------------------------------------


def team(playbook: str, **settings: str) -> Configuration:
    """A playbook of `teams` with settings; `__` stands for a dot."""
    pairs = [(key.replace("__", "."), text) for key, text in settings.items()]
    return load(TEAMS / "playbooks" / f"{playbook}.yaml", settings=pairs)


def test_a_team_with_all_that_it_can_have() -> None:
    made = team("parallel")
    assert list(made.agents) == ["pods", "logs", "traffic", "planner", "reviewer", "synthesizer"]
    coordinator = made.playbook.coordinator
    assert coordinator.feedback == FeedbackSpec(2, 0, "medium")
    assert coordinator.votes == (
        VoteSpec(
            "severity", "severity_assessment", ("P1", "P2", "P3"), "weighted", "P2", {"pods": 2, "traffic": 0.5}, 2
        ),
        VoteSpec("cause", "cause_class", ("deploy", "network", "capacity"), "confidence", "plurality"),
    )
    assert made.playbook.budget == BudgetSpec(2_000_000, 50, 100, 600)
    assert made.playbook.expect == ExpectSpec(
        {
            "status": "complete",
            "verdicts": {"severity": ("P1",), "cause": ("deploy",)},
            "mentions": (Mention("checkout"),),
            "tools_called": ("list_pods", "delete_pod"),
            "min_findings_verified": 0.5,
        }
    )


def test_a_case_is_the_playbook_with_other_inputs_or_another_task() -> None:
    playbook = TEAMS / "playbooks" / "cases.yaml"
    plain, quiet, words = load(playbook), load(playbook, case="quiet"), load(playbook, case="other-words")
    assert (plain.playbook.task, plain.playbook.inputs["ratio"]) == ("checkout is down.", "1.50")
    assert (quiet.playbook.task, quiet.playbook.inputs) == ("cart is down.", {"service": "cart", "ratio": "0.10"})
    assert words.playbook.task == "Is checkout up at 1.50?"
    expected = {case.name: case.expect for case in plain.playbook.tests}
    assert {"quiet": quiet.playbook.expect, "other-words": words.playbook.expect} == expected
    assert plain.playbook.expect.values["specialists"]["pods"].values["report"] == {
        "severity_assessment": ("P1", "P2"),
        "customers": (True,),
    }
    assert len({made.digest for made in (plain, quiet, words)}) == 3
    assert load(playbook, case="quiet", inputs={"ratio": "2"}, task="{{ x }}").playbook.task == "{{ x }}"


def test_a_case_that_is_not_there() -> None:
    with pytest.raises(RunnerError) as caught:
        load(TEAMS / "playbooks" / "cases.yaml", case="quite")
    assert caught.value.message == "the playbook cases has no case `quite`"
    assert caught.value.hint.startswith("Did you mean `quiet`?")
    with pytest.raises(RunnerError) as caught:
        load(TEAMS / "playbooks" / "alone.yaml", case="quiet")
    assert caught.value.hint == "It has none: state them under `tests`."


def test_limits_are_measured_for_every_case(copied: Callable[[str], Path]) -> None:
    playbook = copied("good/teams") / "playbooks" / "cases.yaml"
    needed = minimum(load(playbook, case="other-words")).tokens
    text = playbook.read_text(encoding="utf-8")
    long = f"  long: {{task: {'x' * 9000}, expect: {{mentions: [x]}}}}\n"
    playbook.write_text(text + long + f"budget: {{tokens: {needed}}}\n")
    load(playbook)
    load(playbook, case="other-words")
    told = problems_of(lambda: load(playbook, case="long"))
    assert validate([playbook]).problems == told
    playbook.write_text(text + long + "budget: {tokens: 9}\n")
    assert len(validate([playbook]).problems) == 1
    assert told[0].message.startswith("`tokens` must be at least")


def test_nothing_is_guessed_of_expectations_that_cannot_be_told(copied: Callable[[str], Path]) -> None:
    root = copied("good/teams")
    playbook = root / "playbooks" / "cases.yaml"
    text = playbook.read_text(encoding="utf-8")
    for path, broken in (("tools.d/pods.yaml", "{"), ("agents.d/synthesizer.yaml", "{"), ("agents.d/pods.yaml", "{")):
        before = (root / path).read_text(encoding="utf-8")
        (root / path).write_text(broken, encoding="utf-8")
        assert {Path(problem.file).name for problem in problems_of(lambda: load(playbook))} == {Path(path).name}
        (root / path).write_text(before, encoding="utf-8")
    for old, new in (
        ("specialists: [pods, logs]", "specialists: 3"),
        ("inputs: {service: checkout, ratio: 1.50}", "inputs: 3"),
    ):
        assert text.count(old) == 1
        playbook.write_text(text.replace(old, new), encoding="utf-8")
        lines = {problem.line for problem in problems_of(lambda: load(playbook)) if problem.line}
        assert lines <= {text.split("\n").index(old) + 1, 3, 5}
    playbook.write_text(text.replace("mentions: [heap, {text: roll back, in: immediate_actions}]", "mentions: 3"))
    assert [problem.message for problem in problems_of(lambda: load(playbook))] == [
        "`mentions` must be a list, not the number 3"
    ]


def test_the_judge_of_a_debate_is_reached_and_its_price_is_known() -> None:
    made = team("debate")
    assert list(made.agents) == ["pods", "traffic", "judge", "synthesizer"]
    assert (made.playbook.coordinator.parameters, made.playbook.coordinator.judge) == ({"rounds": 3}, "judge")
    (problem,) = problems_of(lambda: team("debate", model="qwen3"))
    assert problem.message == "no price is known for `qwen3`"
    team("debate", model="{name: qwen3, price: {input: 0, output: 0}}")


def test_the_options_of_a_vote_narrow_the_field_in_every_report() -> None:
    made = team("parallel")
    fields = report_schema(made, "traffic")["properties"]
    assert fields["severity_assessment"]["enum"] == ["P1", "P2", "P3"]
    assert report_schema(made, "logs")["properties"]["cause_class"]["enum"] == ["deploy", "network", "capacity"]


def test_the_least_that_is_told_is_enough() -> None:
    """Each limit as it is told is taken, and one below it is not."""
    limits = {"budget__tokens": "1", "budget__model_calls": "1", "budget__usd": "0.001"}
    told = problems_of(lambda: team("parallel", **limits))
    least = {problem.message.split("`")[1]: re.findall(r"[0-9.]+", problem.message)[0] for problem in told}
    assert set(least) == {"tokens", "usd", "model_calls"}
    needed = minimum(team("parallel"))
    assert (int(least["tokens"]), int(least["model_calls"])) == (needed.tokens, needed.model_calls)
    assert needed.usd <= float(least["usd"]) < needed.usd + 0.01
    team("parallel", **{f"budget__{key}": text for key, text in least.items()})
    below = {"tokens": "-1", "usd": "-0.01", "model_calls": "-1"}
    for key, text in least.items():
        lower = {f"budget__{key}": str(round(float(text) + float(below[key]), 2)).removesuffix(".0")}
        (problem,) = problems_of(lambda lower=lower: team("parallel", **lower))
        assert problem.message == f"`{key}` must be at least {text} for this playbook"
        team("parallel", budget__mode="audit", **lower)


def test_the_least_of_models_that_cost_next_to_nothing() -> None:
    price = "{name: m, price: {input: 0.001, output: 0.001}}"
    told = problems_of(lambda: team("debate", model=price, budget__usd="0.00001"))
    assert [problem.message for problem in told] == ["`usd` must be at least 0.0002 for this playbook"]
    team("debate", model=price, budget__usd="0.0002")


def test_limits_are_measured_with_the_inputs_and_the_task_of_the_run() -> None:
    playbook = TEAMS / "playbooks" / "alone.yaml"
    needed = minimum(load(playbook)).tokens
    limit = [("budget", f"{{tokens: {needed}}}")]
    load(playbook, settings=limit)
    for longer in ({"task": "x" * 10_000}, {"inputs": {"service": "x" * 10_000}}):
        (problem,) = problems_of(lambda longer=longer: load(playbook, settings=limit, **longer))
        assert problem.message.startswith("`tokens` must be at least")


def test_limits_are_not_measured_against_a_playbook_that_has_other_problems() -> None:
    told = problems_of(lambda: team("parallel", budget__tokens="1", coordinator__reviewer="reviwer"))
    assert [problem.message for problem in told] == ["there is no agent `reviwer`"]


@pytest.mark.parametrize(
    "broken",
    [
        ("agents.d/pods.yaml", "{"),
        ("agents.d/pods.yaml", "description: x\nprompt: y\nreport: [1]\ntools: 3\n"),
        (
            "agents.d/pods.yaml",
            "description: x\nprompt: y\nreport: {cause_class: {enum: 3}, customers: {type: flag}}\ntools: 3\n",
        ),
        ("agents.d/pods.yaml", None),
    ],
)
def test_nothing_is_guessed_of_a_team_whose_files_cannot_be_told(
    copied: Callable[[str], Path], broken: tuple[str, str | None]
) -> None:
    """One problem makes no others: of votes, expected values and tools, or weights."""
    root = copied("good/teams")
    path, text = broken
    if text is None:
        (root / path).unlink()
    else:
        (root / path).write_text(text, encoding="utf-8")
    for playbook in ("parallel", "pipeline", "debate"):
        told = problems_of(lambda playbook=playbook: load(root / "playbooks" / f"{playbook}.yaml"))
        assert {Path(problem.file).name for problem in told} <= {"pods.yaml", f"{playbook}.yaml"}
        inside = [problem.message for problem in told if Path(problem.file).name == f"{playbook}.yaml"]
        assert inside == (["there is no agent `pods`"] if text is None else [])


def test_feedback_without_anyone_who_could_review(copied: Callable[[str], Path]) -> None:
    root = copied("good/teams")
    for name in ("reviewed", "parallel", "pipeline"):
        (root / "playbooks" / f"{name}.yaml").unlink()
    (root / "agents.d" / "reviewer.yaml").unlink()
    (problem,) = problems_of(lambda: load(root / "playbooks" / "line.yaml", settings=[("coordinator.feedback", "{}")]))
    assert problem.hint == "Add an agent of role reviewer, and name it, or leave `feedback` out."


# --- Digest and source ----------------------------------------------------------------------------------------------


def test_the_digest_is_of_the_content(copied: Callable[[str], Path]) -> None:
    root = copied("good/everything")
    playbook = root / "playbooks" / "checkout.yaml"
    before = load(playbook).digest
    text = playbook.read_text(encoding="utf-8")
    moved = text.replace("specialists:\n  - pods\n  - logs\n", "").replace(
        "task:", "# Why\nspecialists: [pods, 'logs']\ntask:"
    )
    assert moved != text
    playbook.write_text(moved.replace("\n", "\r\n"), encoding="utf-8")
    assert load(playbook).digest == before
    playbook.write_text(moved.replace("ratio: 1.50", "ratio: 1.5"), encoding="utf-8")
    assert load(playbook).digest != before


def test_what_a_default_says_is_the_same_as_saying_it() -> None:
    said = [("coordinator.max_parallel", "8"), ("description", "''")]
    smallest = CONFIGS / "good" / "smallest" / "playbooks" / "watch.yaml"
    assert load(smallest, settings=said).digest == load(smallest).digest


# --- What stops a run, and what does not ----------------------------------------------------------------------------


def test_files_that_a_playbook_does_not_reach_stop_nothing(copied: Callable[[str], Path]) -> None:
    root = copied("good/everything")
    (root / "agents.d" / "broken.yaml").write_text("{", encoding="utf-8")
    (root / "tools.d" / "broken.yaml").write_text("tools: [", encoding="utf-8")
    (root / "playbooks" / "broken.yaml").write_text("- a list", encoding="utf-8")
    load(root / "playbooks" / "checkout.yaml")
    assert {problem.file for problem in validate().problems} == {
        "agents.d/broken.yaml",
        "playbooks/broken.yaml",
        "tools.d/broken.yaml",
    }


def test_a_broken_family_that_may_define_a_tool_is_told_instead_of_the_tool(copied: Callable[[str], Path]) -> None:
    root = copied("good/everything")
    (root / "tools.d" / "logs.yaml").write_text("tools: [", encoding="utf-8")
    told = problems_of(lambda: load(root / "playbooks" / "checkout.yaml"))
    assert [problem.file for problem in told] == ["tools.d/logs.yaml"]


def test_a_tool_in_two_families_stops_only_who_needs_it(copied: Callable[[str], Path]) -> None:
    root = copied("good/everything")
    again = "tools: {restart: {description: Again., input_schema: {type: object}, simulated: {answers: [{return: x}]}}}"
    (root / "tools.d" / "zebra.yaml").write_text(again, encoding="utf-8")
    load(root / "playbooks" / "checkout.yaml")
    (problem,) = problems_of(lambda: load(root / "playbooks" / "alone.yml"))
    assert problem.message == "the tool `restart` is defined in tools.d/pods.yaml:40 as well"
    assert validate().problems == (problem,)


def test_links_out_of_the_directory_are_not_followed(copied: Callable[[str], Path], tmp_path: Path) -> None:
    root = copied("good/everything")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    fixture = root / "tools.d" / "fixtures" / "api-1.txt"
    fixture.unlink()
    fixture.symlink_to(tmp_path / "secret.txt")
    (problem,) = problems_of(lambda: load(root / "playbooks" / "checkout.yaml"))
    assert problem.message == "the file must be inside the configuration's directory"
    assert problem.hint == "A link leads out of it."
    fixture.unlink()
    fixture.write_bytes(b"x" * 1_000_001)
    (problem,) = problems_of(lambda: load(root / "playbooks" / "checkout.yaml"))
    assert problem.message == "`fixtures/api-1.txt` is too large"


def test_a_file_with_a_name_that_no_file_has(copied: Callable[[str], Path]) -> None:
    root = copied("good/everything")
    pods = root / "tools.d" / "pods.yaml"
    pods.write_text(pods.read_text("utf-8").replace("fixtures/api-1.txt", '"a\\0b"'), encoding="utf-8")
    (problem,) = problems_of(lambda: load(root / "playbooks" / "checkout.yaml"))
    assert "cannot be read" in problem.message


def test_a_playbook_that_is_not_there() -> None:
    (problem,) = problems_of(lambda: load(EVERYTHING / "playbooks" / "chekout.yaml"))
    assert (problem.line, problem.message) == (0, "there is no such file")


def test_a_folder_that_cannot_be_listed() -> None:
    with pytest.raises(RunnerError, match="cannot be read: File name too long"):
        load(Path("x" * 300) / "checkout.yaml", directory=EVERYTHING)


def test_columns_are_looked_for_in_enum_and_default(copied: Callable[[str], Path]) -> None:
    root = copied("good/everything")
    logs = root / "tools.d" / "logs.yaml"
    by = "{type: string, enum: [service, level], default: service}"
    for rule, expected in (("{type: integer, default: 3}", []), ("{type: string, default: pod}", ["`pod`"])):
        logs.write_text((EVERYTHING / "tools.d" / "logs.yaml").read_text("utf-8").replace(by, rule), encoding="utf-8")
        assert [problem.message for problem in validate().problems] == [f"no row has a column {x}" for x in expected]


# --- Where the directory is -----------------------------------------------------------------------------------------


def test_the_directory_is_above_the_playbook_or_given(copied: Callable[[str], Path], tmp_path: Path) -> None:
    root = copied("good/everything")
    playbook = root / "playbooks" / "team" / "deep.yaml"
    playbook.parent.mkdir()
    shutil.copy(root / "playbooks" / "checkout.yaml", playbook)
    assert find_directory(playbook) == find_directory(Path("playbooks/../playbooks/team/deep.yaml")) == root
    elsewhere = tmp_path / "elsewhere.yaml"
    shutil.copy(playbook, elsewhere)
    with pytest.raises(RunnerError, match=r"no folder agents\.d was found above"):
        load(elsewhere)
    assert load(elsewhere, directory=Path()).digest != load(playbook).digest  # its name is another
    with pytest.raises(RunnerError, match=r"has no folder agents\.d"):
        load(playbook, directory=tmp_path)


def test_playbooks_outside_are_shown_by_their_whole_path(copied: Callable[[str], Path], tmp_path: Path) -> None:
    copied("good/everything")
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text("task: [", encoding="utf-8")
    (problem,) = problems_of(lambda: load(elsewhere, directory=Path()))
    assert problem.file == str(elsewhere)


# --- validate -------------------------------------------------------------------------------------------------------


def test_validate_says_what_it_checked() -> None:
    checked = validate([EVERYTHING])
    assert checked.problems == ()
    assert checked.agents == ("alone", "lead-planner", "logs", "pods", "synthesizer")
    assert {Path(file).name: names for file, names in checked.tools.items()} == {
        "logs.yaml": ("search_logs", "count_errors"),
        "pods.yaml": ("list_pods", "describe-pod", "restart"),
    }
    assert checked.playbooks == ("alone", "checkout")


@pytest.mark.parametrize(
    ("paths", "agents", "families", "playbooks"),
    [
        (["playbooks/checkout.yaml"], ("lead-planner", "logs", "pods", "synthesizer"), ["logs", "pods"], ("checkout",)),
        (
            ["playbooks"],
            ("alone", "lead-planner", "logs", "pods", "synthesizer"),
            ["logs", "pods"],
            ("alone", "checkout"),
        ),
        (["agents.d/logs.yml"], ("logs",), ["logs"], ()),
        (["agents.d/synthesizer.yaml", "tools.d/pods.yaml"], ("synthesizer",), ["pods"], ()),
        (["tools.d"], (), ["logs", "pods"], ()),
        (["extra"], ("logs", "synthesizer"), ["logs"], ("more",)),
        (["extra/more.yaml"], ("logs", "synthesizer"), ["logs"], ("more",)),
    ],
)
def test_validate_looks_at_what_is_named_and_what_that_reaches(
    copied: Callable[[str], Path], paths: list[str], agents: tuple[str], families: list[str], playbooks: tuple[str]
) -> None:
    root = copied("good/everything")
    (root / "extra").mkdir()
    more = "inputs: {service: x}\ntask: T\nspecialists: [logs]\ncoordinator: {synthesizer: synthesizer}\n"
    (root / "extra" / "more.yaml").write_text(more, encoding="utf-8")
    checked = validate([Path(path) for path in paths])
    assert checked.problems == ()
    assert checked.agents == agents
    assert [Path(file).stem for file in checked.tools] == families
    assert checked.playbooks == playbooks


def test_validate_names_the_playbooks_that_lack_an_input() -> None:
    agent = CONFIGS / "bad" / "templates" / "agents.d" / "pods.yaml"
    messages = {problem.message for problem in validate([agent]).problems}
    assert "nothing provides the name `region` in the playbook `billing`" in messages
    checkout = CONFIGS / "bad" / "templates" / "playbooks" / "checkout.yaml"
    messages = {problem.message for problem in validate([checkout]).problems}
    assert "nothing provides the name `namespce` in the playbook `checkout`" in messages
    assert not any("region` in" in message for message in messages)


def test_validate_of_a_path_that_is_not_there() -> None:
    with pytest.raises(RunnerError, match="there is no file or folder"):
        validate([EVERYTHING / "nothing"])


def test_without_playbooks_nothing_is_called_unused(copied: Callable[[str], Path]) -> None:
    root = copied("good/everything")
    shutil.rmtree(root / "playbooks")
    assert validate().problems == ()


# --- Whatever is fed in ---------------------------------------------------------------------------------------------

JUNK = [
    "{{ x }}",
    "- ",
    ": ",
    "\t",
    "null",
    "[",
    "}",
    "&a ",
    "*a",
    "!!python/name:os.system ",
    "\x1b[2J",
    "é",
    "~",
    "0",
]
ROOT = Path(__file__).parents[2]
SOURCES = {
    (root.name, path.relative_to(root)): path.read_text(encoding="utf-8")
    for root in (EVERYTHING, TEAMS, ROOT)
    for folder in ("agents.d", "tools.d", "playbooks")
    for path in sorted((root / folder).rglob("*"))
    if path.is_file()
}
FILES = [key for key in SOURCES if key[1].suffix in (".yaml", ".yml")]


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, dict[Path, str]]:
    """One configuration, and some of its files with lines deleted, swapped, indented, or characters changed."""
    root, _ = draw(st.sampled_from(FILES))
    changed: dict[Path, str] = {}
    for _, path in draw(st.lists(st.sampled_from([key for key in FILES if key[0] == root]), min_size=1, max_size=2)):
        lines = SOURCES[root, path].split("\n")
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from(["delete", "swap", "indent", "insert", "cut", "value", "double"]))
            at, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
            match kind:
                case "delete" if len(lines) > 1:
                    del lines[at]
                case "swap":
                    lines[at], lines[other] = lines[other], lines[at]
                case "indent":
                    lines[at] = draw(st.sampled_from(["  ", "    ", "\t"])) + lines[at]
                case "insert":
                    place = draw(st.integers(0, len(lines[at])))
                    lines[at] = lines[at][:place] + draw(st.sampled_from(JUNK)) + lines[at][place:]
                case "cut":
                    lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
                case "value":
                    key, colon, _ = lines[at].partition(":")
                    lines[at] = key + colon + " " + lines[other].partition(":")[2].strip()
                case "double":
                    lines.insert(at, lines[other])
        changed[path] = "\n".join(lines)
    return root, changed


@pytest.mark.no_cover
@settings(max_examples=20)
@given(mutations())
def test_mutated_files_give_specs_or_problems(tmp_path_factory: pytest.TempPathFactory, mutated: Any) -> None:
    name, changed = mutated
    root = tmp_path_factory.mktemp("mutated")
    for (owner, path), text in SOURCES.items():
        if owner == name:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(changed.get(path, text), encoding="utf-8")
    told = places(validate([root]).problems)
    for playbook in sorted(root.glob("playbooks/*")):
        made, found = attempted(playbook)
        assert places(found) <= told
        if made:
            assert from_source(json.loads(json.dumps(made.source))) == made
    shutil.rmtree(root)
