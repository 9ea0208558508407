"""`sre-run new`: writes an agent, a tool or a playbook that validates, with comments that teach."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sre_runner.commands.arguments import config_option
from sre_runner.commands.run import print_result
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.render.terminal.streams import has_color, tell, tell_painted
from sre_runner.specs import Role
from sre_runner.text.naming import said

if TYPE_CHECKING:
    from sre_runner.config.directory import Directory
    from sre_runner.config.sources import Kind

LIVE = ("command", "http", "mcp", "runbooks")


class _Strategy(click.ParamType[str]):
    """One of the strategies, which are imported when a value or this command's help needs them."""

    name = "strategy"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return self._choice().get_metavar(param, ctx)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return self._choice().convert(value, param, ctx)

    def _choice(self) -> click.Choice[str]:
        from sre_runner.coordination.strategies.table import STRATEGIES

        return click.Choice([*STRATEGIES])


_config = config_option(
    "The folder with agents.d and tools.d, which are made where they are missing; found by walking up from here "
    "if left out."
)


@click.group(
    short_help="Write a new agent, tool or playbook that validates.",
    epilog="""\
\b
Examples:
  sre-run new tool get_queue_depth
  sre-run new agent queue-expert --tools get_queue_depth
  sre-run new playbook queue-full --specialist queue-expert

The path is printed on stdout, what to do next on stderr. Nothing is ever overwritten.
""",
)
def new() -> None:
    """Write one file that validates at once, with comments that teach each key.

    It belongs to the configuration here or in a folder above; a directory without any gets its first file with
    --config.
    """


@new.command(
    short_help="Write an agent into agents.d.",
    epilog="""\
\b
Examples:
  sre-run new agent queue-expert --tools get_queue_depth,list_pods
  sre-run new agent synthesizer --role synthesizer
""",
)
@click.argument("name")
@click.option("--role", type=click.Choice([*map(str, Role)]), default=str(Role.SPECIALIST), show_default=True)
@click.option("--tools", metavar="NAME,…", default="", help="Its whitelist: tools that there are. Only specialists.")
@_config
def agent(name: str, role: str, tools: str, config: Path | None) -> int:
    """Write agents.d/NAME.yaml: an agent of this role, with a prompt to start from."""
    from sre_runner.commands import new_files, new_texts
    from sre_runner.coordination.strategies.table import STRATEGIES
    from sre_runner.documents.hints import choices

    new_files.check_name(name, "agent")
    folder = _folder(config)
    chosen = list(dict.fromkeys(tool.strip() for tool in tools.split(",") if tool.strip()))
    if chosen and role != Role.SPECIALIST:
        raise RunnerError(f"a {role} has no tools", "Leave --tools out: only specialists have tools.")
    for tool_name in chosen:
        if tool_name not in folder.definitions:
            hint = choices(tool_name, folder.own_tools, "Write it first: sre-run new tool NAME")
            raise RunnerError(f"there is no tool {said(tool_name)}", hint)
    text = new_texts.agent(name, Role(role), chosen, folder.own_tools)
    place = {
        Role.SPECIALIST: f"specialists: [{name}]",
        **{
            as_: f"coordinator: {{strategy: {{{strategy.name}: {{{key}: {name}}}}}}}"
            for strategy in STRATEGIES.values()
            for key, as_ in strategy.leads.items()
        },
    }.get(Role(role), f"coordinator: {{{role}: {name}}}")
    return _written(folder, "agent", name, text, [f"{place}   # in a playbook, that it takes part"])


@new.command(
    short_help="Write a tool into tools.d.",
    epilog="""\
\b
Examples:
  sre-run new tool get_queue_depth
  sre-run new tool restart-consumer --effect write
  sre-run new tool list_pods --live command
""",
)
@click.argument("name")
@click.option(
    "--effect",
    type=click.Choice(["read", "write"]),
    default="read",
    show_default=True,
    help="Whether it only looks, or changes something.",
)
@click.option(
    "--live",
    type=click.Choice(LIVE),
    help="Write a tool that asks a real system: a program, an HTTP server, an MCP server, or a folder of runbooks.",
)
@_config
def tool(name: str, effect: str, live: str | None, config: Path | None) -> int:
    """Write a family with the tool NAME into tools.d, with the answers that it gives in a rehearsal.

    With --live it asks a real system instead: adjust command, server or folder, then run `sre-run doctor`.
    """
    from sre_runner.commands import new_files, new_texts
    from sre_runner.commands.new_team import likely_inputs

    stem = new_files.check_tool_name(name)
    folder = _folder(config)
    for other in folder.definitions.get(name, ())[:1]:
        message = f"there is a tool {said(name)} already, in {other.shown}:{other.line('tools', name)}"
        raise RunnerError(message, "Choose another name: those of tools are unique over all files.")
    steps = [f"tools: [{name}]   # in agents.d, for who may call it"]
    if live:
        text = new_texts.live_tool(name, live, effect, folder.servers)
        steps.append("sre-run doctor   # whether program, server or folder is there")
    else:
        text = new_texts.tool(name, effect, likely_inputs(folder).get("service", new_texts.SERVICE))
    return _written(folder, "tools", stem, text, steps)


@new.command(
    short_help="Write a playbook into playbooks.",
    epilog="""\
\b
Examples:
  sre-run new playbook queue-full
  sre-run new playbook queue-full --strategy single --specialist queue-expert
  sre-run new playbook how-severe --strategy debate --specialist optimist --specialist pessimist
""",
)
@click.argument("name")
@click.option(
    "--strategy",
    type=_Strategy(),
    help="Left out, it is parallel, or single where there is no agent of role synthesizer.",
)
@click.option(
    "--specialist",
    "specialists",
    metavar="NAME",
    multiple=True,
    help="An agent that takes part. Repeatable; left out, those that most playbooks name.",
)
@_config
def playbook(name: str, strategy: str | None, specialists: tuple[str, ...], config: Path | None) -> int:
    """Write playbooks/NAME.yaml: an investigation by agents that there are."""
    from sre_runner.commands import new_files, new_texts
    from sre_runner.commands.new_team import team

    new_files.check_name(name, "playbook")
    folder = _folder(config)
    text = new_texts.playbook(name, team(folder, strategy, specialists))
    path = shlex.quote(new_files.place(folder, "playbook", name))
    steps = [
        f"sre-run plan {path}   # what it would do and take at most, without any call",
        f"sre-run {path} --offline   # a rehearsal, without a key",
    ]
    return _written(folder, "playbook", name, text, steps)


def _folder(config: Path | None) -> Directory:
    from sre_runner.config.directory import Directory, absolute
    from sre_runner.config.loading import find_directory

    return Directory(absolute(config) if config else find_directory(Path()))


def _written(folder: Directory, kind: Kind, stem: str, text: str, steps: list[str]) -> int:
    """Write the file, say what comes next, and check it together with what it reaches, which may have problems."""
    from sre_runner.commands import new_files
    from sre_runner.config.loading import validate
    from sre_runner.render.problems import format_problems

    path = new_files.create(folder, kind, stem, text)
    printed = print_result(f"{new_files.place(folder, kind, stem)}\n")
    quoted = shlex.quote(new_files.place(folder, kind, stem))
    first = f"$EDITOR {quoted}   # its comments say what each key is for"
    tell("Next:\n" + "\n".join(f"  {step}" for step in [first, *steps, f"sre-run validate {quoted}"]))
    problems = [problem for problem in validate([path], folder.root).problems if not problem.warning]
    if problems:
        tell_painted(
            f"\n{format_problems(problems, has_color(sys.stderr))}\nerror: it was written, and needs these first"
        )
        return ExitCode.USAGE
    return ExitCode.OK if printed else ExitCode.PARTIAL
