"""The command line: which verbs there are, and the one place where failures become messages and exit codes."""

from __future__ import annotations

import contextlib
import os
import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import click

from sre_runner.errors import ConfigError, ExitCode, RunnerError
from sre_runner.render.terminal.streams import has_color, tell, tell_painted

DEBUG = "SRE_RUN_DEBUG"
"""The variable that asks for the traceback of an internal error."""


COMMANDS: Mapping[str, str] = {
    "run": "sre_runner.commands.run:run",
    "batch": "sre_runner.commands.batch:batch",
    "resume": "sre_runner.commands.resume:resume",
    "replay": "sre_runner.commands.replay:replay",
    "vote": "sre_runner.commands.vote:vote",
    "freeze": "sre_runner.commands.freeze:freeze",
    "runs": "sre_runner.commands.runs:runs",
    "show": "sre_runner.commands.show:show",
    "report": "sre_runner.commands.report:report",
    "verify": "sre_runner.commands.verify:verify",
    "rm": "sre_runner.commands.rm:rm",
    "compare": "sre_runner.commands.compare:compare",
    "test": "sre_runner.commands.test:test",
    "plan": "sre_runner.commands.plan:plan",
    "graph": "sre_runner.commands.graph:graph",
    "diff": "sre_runner.commands.diff:diff",
    "validate": "sre_runner.commands.validate:validate",
    "doctor": "sre_runner.commands.doctor:doctor",
    "mcp": "sre_runner.commands.mcp:mcp",
    "schema": "sre_runner.commands.schema:schema",
    "new": "sre_runner.commands.new:new",
    "init": "sre_runner.commands.init:init",
    "docs": "sre_runner.commands.docs:docs",
}
"""The verbs, in the order in which help lists them, each with where it is; that is imported when it is needed."""


def command(name: str) -> click.Command:
    """The command of a verb."""
    found: click.Command = pkgutil.resolve_name(COMMANDS[name])
    return found


class _Verbs(click.Group):
    """The commands, of which `run` may be left out: what is no command is a playbook or an option of `run`."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        return command(name) if name in COMMANDS else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*COMMANDS, "--help", "-h", "--version"):
            self._refuse_misspelt(ctx, args[0])
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def _refuse_misspelt(self, ctx: click.Context, word: str) -> None:
        looks_like_a_path = word.startswith("-") or Path(word).suffix or os.sep in word or Path(word).exists()
        if not looks_like_a_path:
            import difflib

            near = difflib.get_close_matches(word, COMMANDS, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"The commands are {', '.join(COMMANDS)}."
            raise click.UsageError(f"{word!r} is neither a command nor a playbook. {hint}", ctx)


EXIT_CODES = """\
\b
Exit codes, the first that applies:
  130  interrupted before there was a conclusion
    2  usage or configuration
    4  model service or credentials: no model drew a conclusion
    3  partial conclusion, or the run could not be carried to its end
    1  an expectation or a check failed
    0  all is well
"""


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
    no_args_is_help=True,
)
@click.version_option(package_name="sre-run", prog_name="sre-run")
def cli() -> None:
    """Investigate incidents with a team of agents that is declared in YAML.

    `sre-run PLAYBOOK` is `sre-run run PLAYBOOK`.

    \b
    Examples:
      sre-run init incident-room                    # a configuration to start from
      sre-run validate                              # what is wrong with it
      sre-run playbooks/payment-gateway.yaml        # investigate
      sre-run run --help
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal's encoding lacks must not end a run
    code = carry_out(lambda: cli.main(arguments, prog_name="sre-run", standalone_mode=False))
    for stream in (sys.stdout, sys.stderr):
        _let_go(stream)
    sys.exit(code)


def _open_what_is_closed() -> None:
    """Python has no stream where one was closed (`>&-`); in this order each gets its number, and no journal does."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open until the process ends


def carry_out(action: Callable[[], int | None]) -> int:
    """The exit code of a command, which the command returns; a failure of any kind has been told, and has its own."""
    try:
        return int(action() or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        tell(error.format_message())
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
    except (click.Abort, KeyboardInterrupt):
        tell("interrupted")
        return ExitCode.INTERRUPTED
    except ConfigError as error:
        from sre_runner.render.problems import format_problems

        tell_painted(f"{format_problems(error.problems, has_color(sys.stderr))}\nerror: {error.message}")
    except RunnerError as error:
        tell(f"error: {error.message}" + (f"\nhint: {error.hint}" if error.hint else ""))
        return error.exit_code
    except SystemExit:
        return ExitCode.PARTIAL  # Click's, where nobody reads the output any more
    except Exception as error:  # noqa: BLE001 - the last place where what nobody foresaw can be told in one line
        return _unforeseen(error)
    return ExitCode.USAGE


def _unforeseen(error: Exception) -> ExitCode:
    """Tell of something that the system refuses, or of a fault of ours."""
    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError):
        tell(f"error: {error.filename}: {error.strerror}" if error.filename else f"error: {error.strerror or error}")
        return ExitCode.USAGE if error.filename else ExitCode.PARTIAL
    tell(
        f"internal error: {type(error).__name__}: {error}\n"
        f"hint: This is a fault of sre-run. {DEBUG}=1 shows the traceback; a run that had begun has its journal in "
        "its folder."
    )
    return ExitCode.PARTIAL


def _let_go(stream: TextIO) -> None:
    """Flush what is left. Where the reader is gone, or the disk is full, Python must not try again at exit."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
