"""From a playbook's path, or a configuration directory, to frozen specs, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.config.alerts import fitted
from sre_runner.config.checks.agents import agent_problems, idle_prompt_problems, prompt_problems, tools_of
from sre_runner.config.checks.budgets import shortfalls
from sre_runner.config.checks.inputs import Wishes, filled, input_problems, inputs_of, task_of
from sre_runner.config.checks.playbooks import playbook_problems
from sre_runner.config.checks.strategies import agents_of
from sre_runner.config.checks.tools import tools_problems, twice_defined, unanswered
from sre_runner.config.directory import BUILT_IN, BUILT_IN_TOOLS, FOLDERS, Directory, File, absolute, shown, yaml_files
from sre_runner.config.places import nearest_directory
from sre_runner.config.playbook_source import playbook_source
from sre_runner.config.settings import changed
from sre_runner.config.sources import agent_source, configuration, tool_source
from sre_runner.documents.hints import choices
from sre_runner.documents.rendering import MOST_OUTPUT, render_prompt
from sre_runner.documents.templates import most_output
from sre_runner.errors import ConfigError, Problem, RunnerError
from sre_runner.specs import Configuration, World
from sre_runner.text.naming import said
from sre_runner.tools.backends.table import backend_of


def find_directory(start: Path, given: Path | None = None) -> Path:
    """The configuration directory: the one given, or the nearest folder from `start` upwards that has `agents.d`.

    `start` is a playbook or a folder. Raises `RunnerError` where there is none.
    """
    if given is not None:
        if (given / FOLDERS["agent"]).is_dir():
            return absolute(given)
        raise RunnerError(f"{given} has no folder agents.d", "Give the folder that holds agents.d and tools.d.")
    if found := nearest_directory(start):
        return found
    raise RunnerError(
        f"no folder agents.d was found above {start}",
        "Say where it is with --config DIR, or write a configuration to start from: sre-run init DIR",
    )


def load(
    playbook: Path,
    *,
    directory: Path | Directory | None = None,
    inputs: Mapping[str, str] | None = None,
    task: str | None = None,
    settings: Sequence[tuple[str, str]] = (),
    case: str | None = None,
    alert: Json = None,
    only_shown: bool = False,
) -> Configuration:
    """The configuration of one run of a playbook, or of one of its `tests`: the `case` of that name.

    A `Directory` keeps the files that it has read, for whoever loads several playbooks.

    `inputs` replace values of the playbook's, `task` its task word for word, and `settings` are dotted keys of it with
    values in YAML. `alert` and `only_shown` are as in `Wishes`. Raises `ConfigError` with all problems of what the
    playbook reaches, and `RunnerError` where there is no such case.
    """
    folder = directory if isinstance(directory, Directory) else Directory(find_directory(playbook, directory))
    file = changed(folder.playbook(playbook), settings)
    wishes = Wishes(dict(inputs or {}), task, case, alert, only_shown)
    found = [*file.problems, *input_problems(file, wishes.inputs)]
    own_team = all(key.partition(".")[0] != "specialists" for key, _ in settings)
    found += playbook_problems(file, folder, own_task=task is None, own_team=own_team)
    found += [problem for other in _reached(file, folder) for problem in _of_file(other, folder)]
    found += _between(file, folder)
    if found:
        raise ConfigError(found)
    if case is not None and case not in file.names("tests"):
        hint = choices(case, file.names("tests"), "It has none: state them under `tests`.")
        raise RunnerError(f"the playbook {file.name} has no case {said(case)}", hint)
    return _made(file, folder, wishes)


def _made(file: File, folder: Directory, wishes: Wishes) -> Configuration:
    """The configuration of a playbook without problems; raise `ConfigError` for what can only be told of it as a
    whole: inputs that an alert should have, texts of a size that depends on the inputs, and limits that are too low."""
    try:
        made = _placed(configuration(_source(file, folder, wishes)), folder)
        for spec in made.agents.values():
            own: dict[str, str | int] = {"agent": spec.name, "max_iterations": spec.max_iterations}
            values = {**made.playbook.inputs, **own}
            if most_output(spec.prompt, values) > MOST_OUTPUT:
                render_prompt(spec.prompt, values)
    except ConfigError:
        raise
    except RunnerError as error:
        raise ConfigError([Problem(file.shown, 0, 0, error.message, error.hint)]) from error
    found = list(shortfalls(file, made))
    if found:
        raise ConfigError(found)
    return made


@dataclass(frozen=True)
class Checked:
    """What `validate` looked at, and what it found. `tools` has the names of each family's tools by its file."""

    problems: tuple[Problem, ...]
    agents: tuple[str, ...]
    tools: Mapping[str, tuple[str, ...]]
    playbooks: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether there are no problems, or only warnings."""
        return all(problem.warning for problem in self.problems)


def validate(paths: Sequence[Path] = (), directory: Path | None = None) -> Checked:
    """Check the whole configuration directory, or what `paths` name in it and what that reaches.

    A path is a playbook, a file of `agents.d` or `tools.d`, one of the folders, or a configuration directory; without
    any, the directory is looked for from the working directory upwards. Raises `RunnerError` where there is none, or
    where a path names nothing of a configuration.
    """
    for path in paths:
        if not path.exists():
            raise RunnerError(f"there is no file or folder {path}")
    roots = dict.fromkeys(find_directory(path, directory) for path in paths or [Path()])
    for path in paths:
        if not _names_something(absolute(path), roots):
            raise RunnerError(
                f"{shown(path)} is no part of a configuration",
                "Name a playbook, a YAML file of agents.d or tools.d, one of these folders, or the folder they are in.",
            )
    parts = [_validate(Directory(root), [absolute(path) for path in paths]) for root in roots]
    return Checked(
        problems=tuple(sorted({problem for part in parts for problem in part.problems})),
        agents=tuple(name for part in parts for name in part.agents),
        tools={file: names for part in parts for file, names in part.tools.items()},
        playbooks=tuple(name for part in parts for name in part.playbooks),
    )


def _names_something(path: Path, roots: Iterable[Path]) -> bool:
    """Whether there is anything at a path that would be checked: else a mistyped one would seem to be in order."""
    for root in roots:
        own = [root / name for name in FOLDERS.values()]
        if root.is_relative_to(path) or path in own:
            return True
        if any(path.is_relative_to(one) for one in own):
            return path in yaml_files(path.parent) and path.parent in own
    return not path.is_dir() or bool(yaml_files(path))


def _validate(folder: Directory, paths: Sequence[Path]) -> Checked:
    whole = not paths or any(folder.root.is_relative_to(path) for path in paths)

    def chosen(file: File) -> bool:
        return whole or any(file.path.is_relative_to(path) for path in paths)

    everyone = [agent for name in folder.agents if (agent := folder.agent(name))]
    known = [folder.playbook(found) for found, *_ in folder.playbooks.values()]
    known += [folder.playbook(path) for path in _elsewhere(folder, paths)]
    playbooks = [file for file in known if chosen(file)]
    reached = {name for playbook in playbooks for name in agents_of(playbook)}
    agents = [agent for agent in everyone if chosen(agent) or agent.name in reached]
    needed = {family.path for family in _families((tool for agent in agents for tool in tools_of(agent)), folder)}
    families = [family for family in folder.tools if chosen(family) or family.path in needed]

    flaws = {file.path: _of_file(file, folder) for file in (*playbooks, *agents, *families)}
    found = [problem for flaw in flaws.values() for problem in flaw]
    offered = [name for playbook in known for name in playbook.names("inputs")]
    users: dict[str, list[File]] = {}
    for playbook in known:
        for name in agents_of(playbook):
            users.setdefault(name, []).append(playbook)
    for agent in agents:
        using = [one for one in users.get(agent.name, ()) if chosen(agent) or chosen(one)]
        found += _prompt_problems(agent, using)
        if not using:
            found += [problem for problem in idle_prompt_problems(agent, offered) if known or not problem.warning]
    for tool in dict.fromkeys(name for family in families for name in family.names("tools")):
        found += twice_defined(tool, folder)
    for playbook in playbooks:
        unanswerable = list(_worlds(playbook, folder))
        found += unanswerable
        flawed = unanswerable or any(flaws[file.path] for file in (playbook, *_reached(playbook, folder)))
        if not flawed and not any(_between(playbook, folder)):
            found += _as_a_whole(playbook, folder)
    # What is wrong may be just why something is unused.
    if whole and all(problem.warning for problem in found):
        found += _unused(known, everyone, folder.tools)
    return Checked(
        problems=tuple(found),
        agents=tuple(agent.name for agent in agents),
        tools={family.shown: family.names("tools") for family in families},
        playbooks=tuple(playbook.name for playbook in playbooks),
    )


def _elsewhere(folder: Directory, paths: Iterable[Path]) -> list[Path]:
    """The playbooks among the paths that are in none of the directory's own folders."""
    own = [folder.root / name for name in FOLDERS.values()]
    others = [path for path in paths if not any(path.is_relative_to(one) for one in own) and path != folder.root]
    found = [one for path in others for one in (yaml_files(path) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


def _unused(playbooks: Sequence[File], agents: Sequence[File], families: Sequence[File]) -> Iterator[Problem]:
    """Warnings for what nothing uses; of agents, only where there is a playbook at all."""
    used = {name for playbook in playbooks for name in agents_of(playbook)}
    for agent in agents:
        if playbooks and agent.name not in used:
            yield agent.problem((), f"no playbook uses the agent {agent.name}", warning=True)
    called = {tool for agent in agents for tool in tools_of(agent)}
    for family in families:
        for tool in family.names("tools"):
            if tool not in called:
                yield family.problem(("tools", tool), f"no agent uses the tool {tool}", key=True, warning=True)
    yield from _unused_servers(families)


def _unused_servers(families: Sequence[File]) -> Iterator[Problem]:
    tools = (family.at("tools", name) for family in families for name in family.names("tools"))
    used = {server for tool in tools for server in _gone_to(tool)}
    for family in families:
        for server in family.names("servers"):
            if server not in used:
                words = f"no tool uses the server {said(server)}"
                yield family.problem(("servers", server), words, key=True, warning=True)


def _of_file(file: File, folder: Directory) -> list[Problem]:
    """Everything that is wrong inside a file but for an agent's prompt."""
    inside = {"playbook": playbook_problems, "agent": agent_problems, "tools": tools_problems}[file.kind]
    return [*file.problems, *inside(file, folder)]


def _between(playbook: File, folder: Directory) -> Iterator[Problem]:
    """What is wrong between the files that a playbook reaches: prompts, and tools that are defined twice."""
    agents = _agents(playbook, folder)
    for agent in agents:
        yield from _prompt_problems(agent, [playbook])
    for tool in dict.fromkeys(tool for agent in agents for tool in tools_of(agent)):
        yield from twice_defined(tool, folder)
    yield from _worlds(playbook, folder)


def _worlds(playbook: File, folder: Directory) -> Iterator[Problem]:
    """The tools that nothing answers in the world that a playbook asks for, and unknown ones that it leaves out."""
    tools = dict.fromkeys(tool for agent in _agents(playbook, folder) for tool in tools_of(agent))
    left_out = set(playbook.sound("without") or ())
    world: World = playbook.sound("backend") or "simulated"
    for tool in tools:
        if tool in folder.definitions and tool not in (*left_out, *BUILT_IN_TOOLS):
            yield from unanswered(tool, world, folder.definitions[tool][0], playbook.name)
    for number, name in enumerate(playbook.sound("without") or ()):
        if name not in tools:
            hint = choices(name, sorted(tools), "Its agents have no tools.")
            yield playbook.problem(("without", number), f"no agent of the playbook has a tool {said(name)}", hint)


def _as_a_whole(playbook: File, folder: Directory) -> tuple[Problem, ...]:
    """What can only be told of a playbook that has no other problems."""
    found: dict[tuple[str, int, int], Problem] = {}
    for case in (None, *playbook.names("tests")):
        try:
            _made(playbook, folder, Wishes(case=case, only_shown=True))
        except ConfigError as error:
            for problem in error.problems:
                found.setdefault((problem.file, problem.line, problem.column), problem)
    return tuple(found.values())


def _reached(playbook: File, folder: Directory) -> list[File]:
    """The agents of a playbook, and the families that define their tools."""
    agents = _agents(playbook, folder)
    return [*agents, *_families((tool for agent in agents for tool in tools_of(agent)), folder)]


def _agents(playbook: File, folder: Directory) -> list[File]:
    return [agent for name in agents_of(playbook) if (agent := folder.agent(name))]


def _families(needed: Iterable[str], folder: Directory) -> list[File]:
    """The files that define the tools; and, if some are defined nowhere, those that cannot be read and might."""
    needed = list(needed)
    defining = {family.path: family for name in needed for family in folder.definitions.get(name, ())}
    missing = any(name not in folder.definitions for name in needed)
    return [*(one for one in defining.values() if one is not BUILT_IN), *(folder.unread if missing else ())]


def _prompt_problems(agent: File, playbooks: Sequence[File]) -> Iterator[Problem]:
    """The prompt is not judged by a playbook whose inputs cannot be told."""
    known = (playbook for playbook in playbooks if isinstance(playbook.at("inputs") or {}, dict))
    uses = {playbook.name: playbook.names("inputs") for playbook in known}
    yield from prompt_problems(agent, uses)


def _source(file: File, folder: Directory, wishes: Wishes) -> dict[str, Json]:
    """The plain data of a configuration that has no problems."""
    cases = {name: {**file.at("tests", name), "inputs": inputs_of(file, "tests", name)} for name in file.names("tests")}
    inputs = filled(file, wishes)
    text = task_of(file, wishes, inputs)
    left_out = set(file.at("without") or ())
    agents = {agent.name: _without(agent_source(agent.at()), left_out) for agent in _agents(file, folder)}
    tools = {}
    for name in dict.fromkeys(tool for agent in agents.values() for tool in agent["tools"]):
        family = folder.definitions[name][0]
        tools[name] = tool_source(family.at("tools", name), family.at("data") or {}, folder.text)
    data = {**file.at(), "tests": cases} if cases else file.at()
    playbook = playbook_source(file.name, data, text, inputs, agents)
    if wishes.case is not None:
        playbook["expect"] = playbook["tests"][wishes.case]["expect"]
    payload = file.at("alert", "payload")
    if payload is not None:
        playbook["received"] = fitted(payload, ())[0]
        playbook["alert"] = {key: path for key, path in playbook["alert"].items() if key != "payload"}
    if wishes.alert is not None:
        playbook["received"] = wishes.alert
    servers = {
        name: folder.servers[name] for name in sorted({one for tool in tools.values() for one in _gone_to(tool)})
    }
    more = {"servers": servers, "secrets": dict(folder.secrets)}
    return {"playbook": playbook, "agents": agents, "tools": tools, **{key: data for key, data in more.items() if data}}


def _without(agent: dict[str, Json], left_out: Collection[str]) -> dict[str, Json]:
    return {**agent, "tools": [tool for tool in agent["tools"] if tool not in left_out]}


def _gone_to(tool: Mapping[str, Json]) -> tuple[str, ...]:
    """The servers that the calls of a tool may go to."""
    live = tool.get("live")
    return backend_of("live", live).servers(live, tool["input_schema"]) if live else ()


def _placed(made: Configuration, folder: Directory) -> Configuration:
    """The configuration with where its tools and servers stand, for what is found out of them later."""
    tools = {("tool", name): folder.definitions[name][0].problem(("tools", name, "live"), "") for name in made.tools}
    servers = {("server", name): folder.serving[name].problem(("servers", name), "") for name in made.servers}
    return replace(made, directory=folder.root, places={**tools, **servers})
