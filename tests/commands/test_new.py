"""`sre-run new`: every variant validates as it is, and with what its comments show; nothing is overwritten."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.cli import cli
from sre_runner.commands.init import init
from sre_runner.commands.new import LIVE as KINDS
from sre_runner.commands.new import new
from sre_runner.commands.new_files import check_name, check_tool_name, create
from sre_runner.commands.new_texts import LIVE, scalar
from sre_runner.config.checks.tools import TOOL_NAME
from sre_runner.config.directory import FILE_NAME, FOLDERS, Directory
from sre_runner.config.loading import validate
from sre_runner.config.sources import Kind, schema
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.documents.yaml.document import read_value
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.specs import Role
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.table import BACKENDS, backend_of

New = Callable[..., Result]

STARTER = (
    "tool get_queue_depth",
    "tool restart-consumer --effect write",
    "agent queue-expert --tools get_queue_depth,list_pods",
    "agent no-tools",
    *(f"agent other-{role} --role {role}" for role in Role if role is not Role.SPECIALIST),
    "playbook as-it-comes",
    *(f"playbook all-{strategy} --strategy {strategy}" for strategy in STRATEGIES),
    "playbook chosen --specialist queue-expert --specialist no-tools --specialist triage",
    "playbook alone --strategy single --specialist queue-expert",
)
EMPTY = (
    "tool get_queue_depth",
    "tool 0x1f --effect write",
    "agent queue-expert --tools get_queue_depth,0x1f",
    "playbook first",
    "agent synthesizer --role synthesizer",
    "playbook second",
    "playbook third --strategy pipeline",
    "agent null",
    "agent judge --role judge",
    "playbook fourth --strategy debate",
    "playbook fifth --strategy single",
    "agent reviewer --role reviewer",
    "playbook sixth --strategy sequential",
    "agent planner --role planner",
    "playbook seventh",
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> New:
    """`sre-run new` in an empty directory of its own."""
    monkeypatch.chdir(tmp_path)
    return run


def run(*arguments: str) -> Result:
    return CliRunner().invoke(new, arguments, standalone_mode=False)


def refusal(result: Result) -> tuple[str, str]:
    assert isinstance(result.exception, RunnerError), result.exception
    assert result.exception.exit_code == ExitCode.USAGE
    assert result.stdout == ""
    return result.exception.message, result.exception.hint


def tree(folder: Path) -> dict[str, str]:
    return {str(path): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}


def wrong(folder: Path) -> list[str]:
    """The problems of a configuration, but for warnings that something is unused."""
    return [str(one) for one in validate([folder]).problems if not (one.warning and "no " in one.message)]


# --- What is written ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The starter configuration and an empty one, each with every variant written into it."""
    starter, empty = tmp_path_factory.mktemp("starter"), tmp_path_factory.mktemp("empty")
    assert CliRunner().invoke(init, [str(starter)], standalone_mode=False).return_value == 0
    for folder, variants in ((starter, STARTER), (empty, EMPTY)):
        before = set(tree(folder))
        for variant in variants:
            result = run(*variant.split(), "--config", str(folder))
            assert (result.return_value, result.exception) == (0, None), (variant, result.stderr)
            written = Path(result.stdout.removesuffix("\n"))
            assert str(written) in set(tree(folder)) - before
    return {"starter": starter, "empty": empty}


@pytest.mark.parametrize("room", ["starter", "empty"])
def test_every_variant_validates(rooms: dict[str, Path], room: str) -> None:
    assert wrong(rooms[room]) == []
    assert len(validate([rooms[room]]).playbooks) >= 6


NEW_FILES = {
    "agent": ("queue-expert", *(f"other-{role}" for role in Role if role is not Role.SPECIALIST)),
    "tools": ("get-queue-depth", "restart-consumer"),
    "playbook": ("as-it-comes", *(f"all-{strategy}" for strategy in STRATEGIES)),
}
COMMENTED = re.compile(r"^( *)# (?=[a-z_]+: )", re.MULTILINE)
"""A key that a comment shows, ready to be used."""


def test_what_comments_show_validates_as_well(rooms: dict[str, Path], tmp_path: Path) -> None:
    for path, text in tree(rooms["starter"]).items():
        copy = tmp_path / Path(path).relative_to(rooms["starter"])
        copy.parent.mkdir(parents=True, exist_ok=True)
        ours = copy.stem in NEW_FILES.get(
            {folder: kind for kind, folder in FOLDERS.items()}.get(copy.parent.name, ""), ()
        )
        uncommented, count = COMMENTED.subn(r"\1", text)
        assert not ours or count > 0, path
        copy.write_text(uncommented if ours else text, encoding="utf-8")
    assert wrong(tmp_path) == []


@pytest.mark.parametrize("kind", LIVE)
def test_a_live_tool_validates_once_what_it_names_is_there(here: New, kind: str) -> None:
    Path("runbooks").mkdir()
    for name, effect in (("first", "read"), ("second", "write"), ("0x1f", "read")):
        result = here("tool", name, "--live", kind, "--effect", effect, "--config", ".")
        assert (result.return_value, result.exception) == (0, None), result.stderr
        assert "sre-run doctor   # " in result.stderr
        path = Path(result.stdout.strip())
        text = path.read_text(encoding="utf-8")
        assert f"\n    effect: {effect}\n" in text
        assert max(map(len, text.splitlines())) <= 120
        assert "@" not in text
        path.write_text(COMMENTED.sub(r"\1", text), encoding="utf-8")
    assert wrong(Path()) == []
    folder = Directory(Path().absolute())
    assert [kind_of(folder.servers[name]).key for name in folder.servers] == [LIVE[kind]] * bool(LIVE[kind])
    live = [folder.definitions[name][0].at("tools", name, "live") for name in ("first", "second", "0x1f")]
    assert {backend_of("live", one).key for one in live} == {kind}


def test_a_server_that_is_there_is_used_and_a_name_that_is_taken_is_not(here: New) -> None:
    Path("tools.d").mkdir()
    text = "servers:\n  metrics: {mcp: {command: [x]}}\n  a b: {url: http://localhost}\ntools: {}\n"
    Path("tools.d/servers.yaml").write_text(text, encoding="utf-8")
    here("tool", "first", "--live", "http", "--config", ".")
    assert '\n        server: "a b"\n' in Path("tools.d/first.yaml").read_text(encoding="utf-8")
    Path("tools.d/servers.yaml").write_text(text.replace("  a b: {url: http://localhost}\n", ""), encoding="utf-8")
    here("tool", "second", "--live", "http")
    assert "\nservers:\n  metrics-2: {url: " in Path("tools.d/second.yaml").read_text(encoding="utf-8")


def test_a_folder_of_runbooks_that_is_missing_is_told(here: New) -> None:
    result = here("tool", "search", "--live", "runbooks", "--config", ".")
    assert result.return_value == ExitCode.USAGE
    assert "there is no folder `runbooks`" in result.stderr


def test_kinds_of_live_tools_are_those_that_there_are() -> None:
    assert {*KINDS} == {*LIVE} == {backend.key for backend in BACKENDS["live"]}


@pytest.mark.parametrize("effect", ["read", "write"])
def test_the_tool_that_searches_validates_as_its_comment_shows_it(here: New, effect: str) -> None:
    here("tool", "find", "--effect", effect, "--config", ".")
    path = Path("tools.d/find.yaml")
    text = path.read_text(encoding="utf-8")
    (data,) = re.findall(r"^#   (data: .*?)  +beside `tools`$", text, re.MULTILINE)
    (rows,) = re.findall(r"^#   (simulated: .*)$", text, re.MULTILINE)
    path.write_text(f"{data}\n" + text.partition("    simulated:\n")[0] + f"    {rows}\n", encoding="utf-8")
    assert wrong(Path()) == []
    assert validate([path]).tools == {"tools.d/find.yaml": ("find",)}


def test_of_very_many_names_some_are_listed(here: New) -> None:
    tools = {f"tool_{number:02}": {"description": "x"} for number in range(40)}
    Path("tools.d").mkdir()
    Path("tools.d/many.yaml").write_text(json.dumps({"tools": {"x\ny: z": {}, **tools}}), encoding="utf-8")
    here("agent", "a", "--config", ".")
    text = Path("agents.d/a.yaml").read_text(encoding="utf-8")
    assert '\n# There are: "x\\ny: z", tool_00, ' in text
    assert "tool_28 and 11 more.\ntools: []\n" in text


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_key_is_taught(rooms: dict[str, Path], kind: Kind) -> None:
    """In the file itself or in a comment; a role, or a strategy, leaves out what it has no use for."""
    whole = schema(kind)
    tool, answer, coordinator = ({}, {}, {})
    if kind == "tools":
        tool, answer = whole["$defs"]["tool"]["properties"], whole["$defs"]["answer"]["properties"]
    if kind == "playbook":
        coordinator = whole["properties"]["coordinator"]["properties"]
    for name in NEW_FILES[kind]:
        text = (rooms["starter"] / FOLDERS[kind] / f"{name}.yaml").read_text(encoding="utf-8")
        told = set(re.findall(r"([a-z_]+):", text))
        unused = {
            "agent": {"tools", "report"} if "role: specialist" not in text else set(),
            "tools": set(),
            "playbook": set(),
        }[kind]
        assert set(whole["properties"]) | set(tool) | set(answer) <= told | unused, name
        if name == "all-parallel":
            assert set(coordinator) <= told


def test_lines_are_no_longer_than_they_should_be(rooms: dict[str, Path]) -> None:
    for kind, names in NEW_FILES.items():
        for name in names:
            text = (rooms["starter"] / FOLDERS[kind] / f"{name}.yaml").read_text(encoding="utf-8")
            assert max(map(len, text.splitlines())) <= 120, name
            assert text.endswith("\n")
            assert "@" not in text


def test_playbooks_name_agents_that_there_are(rooms: dict[str, Path]) -> None:
    text = (rooms["starter"] / "playbooks" / "as-it-comes.yaml").read_text(encoding="utf-8")
    for line in ("specialists: [runbook-advisor, k8s-expert]", "  planner: planner", "  service: payment-gateway"):
        assert f"\n{line}\n" in text
    assert "# There are also: deployment-expert, generalist" in text
    first = (rooms["empty"] / "playbooks" / "first.yaml").read_text(encoding="utf-8")
    assert "\n  strategy: single\n" in first
    assert "# There are no others yet: sre-run new agent NAME\n" in first
    second = (rooms["empty"] / "playbooks" / "second.yaml").read_text(encoding="utf-8")
    assert "\n  strategy: parallel\n" in second
    assert "\n  # There is no agent of role reviewer yet: sre-run new agent reviewer --role reviewer\n" in second


def test_the_first_files_of_a_configuration_can_be_rehearsed(here: New) -> None:
    here("tool", "get_queue_depth", "--config", ".")
    here("agent", "queue-expert", "--tools", "get_queue_depth")
    here("agent", "synthesizer", "--role", "synthesizer")
    assert here("playbook", "queue-full").stdout == "playbooks/queue-full.yaml\n"
    done = CliRunner().invoke(cli, ["run", "playbooks/queue-full.yaml", "--offline", "--json"], standalone_mode=False)
    data = json.loads(done.stdout)
    assert (done.return_value, data["status"]) == (0, "complete")
    assert [call["name"] for call in data["calls"] if call["kind"] == "tool"] == ["get_queue_depth"]
    assert data["verified"]["findings"] > 0


def test_inputs_that_prompts_need_are_in_the_playbook(here: New) -> None:
    here("agent", "regional", "--config", ".")
    path = Path("agents.d/regional.yaml")
    path.write_text(path.read_text().replace("  You are the regional", "  {{ region }} {% if class %}{% endif %}"))
    result = here("playbook", "regions")
    assert "\n  region: change-me\n" in Path("playbooks/regions.yaml").read_text()
    assert result.return_value == ExitCode.USAGE, "the prompt uses a word of Python's, which cannot be an input"
    assert "agents.d/regional.yaml:" in result.stderr
    assert "error: it was written, and needs these first" in result.stderr


def test_next_steps_go_to_stderr_and_can_be_copied(here: New) -> None:
    Path("two words").mkdir()
    result = here("agent", "a", "--config", "two words")
    assert result.stdout == "two words/agents.d/a.yaml\n"
    assert "\n  sre-run validate 'two words/agents.d/a.yaml'\n" in result.stderr
    assert "specialists: [a]" in result.stderr


# --- What is not written --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("existing", ["agents.d/a.yaml", "agents.d/a.yml"])
def test_nothing_is_overwritten(here: New, existing: str) -> None:
    Path("agents.d").mkdir()
    Path(existing).write_text("mine")
    assert refusal(here("agent", "a")) == (
        f"nothing was written, as {existing} is there already",
        "Choose another name.",
    )
    assert tree(Path()) == {existing: "mine"}


def test_what_somebody_else_wrote_meanwhile_stays(here: New) -> None:
    folder = Directory(Path.cwd())
    assert folder.agents == {}
    here("agent", "a", "--config", ".")
    with pytest.raises(RunnerError, match=r"nothing was written, as agents\.d/a\.yaml is there already"):
        create(folder, "agent", "a", "mine")
    assert wrong(Path()) == []


def test_a_link_to_nowhere_is_not_written_through(here: New) -> None:
    Path("agents.d").mkdir()
    Path("playbooks").mkdir()
    Path("tools.d").symlink_to("playbooks")
    (Path("playbooks") / "t.yaml").symlink_to("../elsewhere")
    assert "is there already" in refusal(here("tool", "t"))[0]
    assert not Path("elsewhere").exists()


def test_without_a_configuration_it_says_how_to_begin_one(here: New) -> None:
    message, hint = refusal(here("agent", "a"))
    assert message.startswith("no folder agents.d was found above")
    assert "--config DIR" in hint
    assert tree(Path()) == {}


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (
            "agent Queue_Expert",
            "`Queue_Expert` is no name for an agent",
            "Did you mean `queue-expert`? A name has lower",
        ),
        ("playbook ../up", "`../up` is no name for a playbook", "Did you mean `up`? A name has"),
        ("playbook …", "`…` is no name for a playbook", "A name has lower-case letters"),
        ("agent Ünïts", "`Ünïts` is no name for an agent", "Did you mean `units`?"),
        ("tool list.pods", "`list.pods` is no name for a tool", "Did you mean `list_pods`?"),
        ("tool __", "`__` is no name for a tool", "A name has at most 64 letters"),
        ("tool submit_report", "`submit_report` is the name of a report tool", "Choose another name."),
        ("tool get_depth", "there is a tool `get_depth` already, in tools.d/get-depth.yaml:5", "over all files."),
        ("tool get-depth", "nothing was written, as tools.d/get-depth.yaml is there already", "Choose another name."),
        ("agent a --tools get_dept", "there is no tool `get_dept`", "Did you mean `get_depth`?"),
        ("agent a --role judge --tools get_depth", "a judge has no tools", "Leave --tools out"),
        ("playbook p --specialist one --specialist onne", "there is no agent `onne`", "Did you mean `one`?"),
        ("playbook p --specialist boss", "`boss` is no agent of role specialist", "There are `one`, `two`."),
        ("playbook p --strategy parallel", "the strategy parallel needs an agent of role synthesizer", "--role synth"),
        ("playbook p --strategy debate", "the strategy debate needs an agent of role judge", "--role judge"),
        ("playbook p --strategy debate --specialist one", "a debate takes at least two specialists", "Name another"),
        ("playbook p --strategy single --specialist one --specialist two", "the strategy single takes", "Name one"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(here: New, arguments: str, message: str, hint: str) -> None:
    for first in ("tool get_depth", "agent one --tools get_depth", "agent two", "agent boss --role planner"):
        assert here(*first.split(), "--config", ".").return_value == 0
    before = tree(Path())
    refused = refusal(here(*arguments.split()))
    assert refused[0].startswith(message)
    assert hint in refused[1]
    assert tree(Path()) == before


def test_of_nothing_there_is_nothing_to_choose(here: New) -> None:
    assert refusal(here("playbook", "p", "--config", ".")) == (
        "a playbook needs a specialist, and there is no agent of that role",
        "Write one: sre-run new agent NAME",
    )
    assert refusal(here("agent", "a", "--config", ".", "--tools", "x")) == (
        "there is no tool `x`",
        "Write it first: sre-run new tool NAME",
    )
    assert not Path("agents.d").exists()


# --- The line for editors -------------------------------------------------------------------------------------------


def first_line(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").split("\n")[0]


def test_the_schema_of_init_is_used_or_written(here: New) -> None:
    result = here("agent", "a", "--config", ".")
    assert result.stderr.startswith(
        "Wrote .gitignore, so that runs stay out of git.\nWrote .schemas/agent.schema.json for your editor.\n"
    )
    assert Path(".gitignore").read_text() == "runs/\n"
    assert "Wrote" not in here("agent", "b").stderr
    for name in "ab":
        assert first_line(f"agents.d/{name}.yaml") == "# yaml-language-server: $schema=../.schemas/agent.schema.json"
    assert json.loads(Path(".schemas/agent.schema.json").read_text()) == schema("agent")


@pytest.mark.parametrize("room", ["starter", "empty"])
def test_the_line_of_every_file_leads_to_the_schema_of_its_kind(rooms: dict[str, Path], room: str) -> None:
    for kind in get_args(Kind):
        paths = list((rooms[room] / FOLDERS[kind]).glob("*.yaml"))
        assert len(paths) > 1
        for path in paths:
            _, _, target = first_line(str(path)).partition("# yaml-language-server: $schema=")
            assert json.loads((path.parent / target).read_text(encoding="utf-8")) == schema(kind)


def test_a_schema_that_other_files_use_is_used(here: New) -> None:
    Path("agents.d").mkdir()
    Path("house.json").write_text("{}")
    for name, line in (("a", "# $schema: x"), ("b", "# yaml-language-server: $schema=gone.json"), ("d", "\0")):
        Path(f"agents.d/{name}.yaml").write_text(f"{line}\n")
    Path("agents.d/c.yaml").write_text("# yaml-language-server: $schema=../house.json\n")
    Path("agents.d/0.yaml").mkdir()
    here("agent", "new")
    assert first_line("agents.d/new.yaml") == "# yaml-language-server: $schema=../house.json"
    assert not Path(".schemas").exists()


# --- Whatever is given ----------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(st.text(max_size=80) | st.from_regex(TOOL_NAME, fullmatch=True) | st.from_regex(FILE_NAME, fullmatch=True))
def test_a_name_is_taken_or_refused_and_what_is_meant_is_taken(name: str) -> None:
    for pattern, check in ((FILE_NAME, lambda one: check_name(one, "agent")), (TOOL_NAME, check_tool_name)):
        hint = hint_for(check, name)
        assert bool(pattern.fullmatch(name)) >= (hint is None)
        if hint and hint.startswith("Did you mean"):
            assert hint_for(check, hint.split("`")[1]) is None


def hint_for(check: Callable[[str], str | None], name: str) -> str | None:
    """What is said of a name that is refused; None of one that is taken."""
    try:
        stem = check(name)
    except RunnerError as refused:
        return refused.hint
    assert stem is None or FILE_NAME.fullmatch(stem)
    return None


@settings(max_examples=200)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(["no", "1e3", "-", "~", "0x1f"])
)
def test_a_scalar_reads_back(text: str) -> None:
    assert read_value(f"{{a: [{scalar(text)}], {scalar(text)}: b}}") == {"a": [text], text: "b"} or text == "a"
