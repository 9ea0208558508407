"""Example configurations, good and bad; loading, settings, validation; and whatever is fed in, specs or problems."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.config import find_directory, from_source, load, validate
from sre_runner.errors import ConfigError, Problem, RunnerError
from sre_runner.render.problems import format_problems
from sre_runner.specs import Configuration, Price, Role, SimulatedQuery

CONFIGS = Path(__file__).parent / "configs"
GOOD = sorted(path.name for path in (CONFIGS / "good").iterdir())
BAD = sorted(path.name for path in (CONFIGS / "bad").iterdir())
EVERYTHING = CONFIGS / "good" / "everything"


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
        try:
            load(playbook)
        except ConfigError as error:
            assert places(error.problems) <= told


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
    assert not isinstance(answers, SimulatedQuery)
    assert answers[0].outputs == ("Name: api-1\nState: {{ verbatim }}\n",)
    query = made.tools["search_logs"].simulated
    assert isinstance(query, SimulatedQuery)
    assert [row["level"] for row in query.rows] == ["ERROR", "WARN"]


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


def test_an_unknown_input_is_told_with_the_names_that_there_are() -> None:
    (problem,) = problems_of(lambda: everything(inputs={"servce": "x\ny"}))
    assert str(problem) == "--input:1:9: the playbook checkout has no input `servce`"
    assert problem.hint.startswith("Did you mean `service`? There are `service`, `namespace`,")
    assert problem.source == "--input servce=x"


def test_an_input_for_a_playbook_without_any() -> None:
    (problem,) = problems_of(lambda: load(CONFIGS / "good/smallest/playbooks/watch.yaml", inputs={"a": "b"}))
    assert problem.hint == "It has none: add it under `inputs` in the playbook."


def test_a_task_of_ones_own_needs_no_template_in_the_file() -> None:
    playbook = CONFIGS / "bad" / "templates" / "playbooks" / "billing.yaml"
    told = places(problems_of(lambda: load(playbook)))
    assert told - places(problems_of(lambda: load(playbook, task="Billing is down."))) == {("billing.yaml", 3, 7)}


def test_text_of_any_size_is_told_before_the_run() -> None:
    (problem,) = problems_of(lambda: everything(inputs={"service": "x" * 100_000, "namespace": "y" * 100_001}))
    assert "more than 200,000 characters" in problem.message


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


# --- --set ----------------------------------------------------------------------------------------------------------


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
            "coordinator.strategy:1:28: `strategy` must be one of `single`, `sequential`, `parallel`, not `sequental`",
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


# --- Where the directory is -----------------------------------------------------------------------------------------


def test_the_directory_is_above_the_playbook_or_given(copied: Callable[[str], Path], tmp_path: Path) -> None:
    root = copied("good/everything")
    playbook = root / "playbooks" / "team" / "deep.yaml"
    playbook.parent.mkdir()
    shutil.copy(root / "playbooks" / "checkout.yaml", playbook)
    assert find_directory(playbook) == find_directory(Path("playbooks/../playbooks/team/deep.yaml")) == root
    elsewhere = tmp_path / "elsewhere.yaml"
    shutil.copy(playbook, elsewhere)
    with pytest.raises(RunnerError, match="no folder agents.d was found above"):
        load(elsewhere)
    assert load(elsewhere, directory=Path()).digest != load(playbook).digest  # its name is another
    with pytest.raises(RunnerError, match="has no folder agents.d"):
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
ROOT = Path(__file__).parents[1]
SOURCES = {
    (root.name, path.relative_to(root)): path.read_text(encoding="utf-8")
    for root in (EVERYTHING, ROOT)
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


@settings(max_examples=60)
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
        try:
            made = load(playbook)
        except ConfigError as error:
            assert error.problems
            assert places(error.problems) <= told
        else:
            assert from_source(json.loads(json.dumps(made.source))) == made
    shutil.rmtree(root)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["task", "inputs", "inputs.service", "specialists", "specialists.0", "coordinator", "model"]
            )
            | st.sampled_from(
                ["coordinator.strategy", "coordinator.planner", "model.price", "model.price.input", "x.y"]
            )
            | st.text(max_size=8),
            st.sampled_from(["", "single", "[pods]", "{a: 1}", "3", "pods", "synthesizer", "null", "{name: m}", *JUNK])
            | st.text(max_size=8),
        ),
        max_size=4,
    ),
    st.dictionaries(st.sampled_from(["service", "x", ""]), st.text(max_size=5), max_size=2),
    st.none() | st.text(max_size=5),
)
def test_any_settings_give_specs_or_problems(wishes: Any, inputs: dict[str, str], task: str | None) -> None:
    try:
        made = everything(settings=wishes, inputs=inputs, task=task)
    except ConfigError as error:
        assert error.problems
        assert format_problems(error.problems, color=False)
    else:
        assert from_source(made.source) == made
