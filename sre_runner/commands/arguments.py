"""What several commands take from the command line: a run, the folder of runs, pairs, lengths of time."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from sre_runner.config.places import runs_folder
from sre_runner.text.naming import nearest, said
from sre_runner.text.output import printable

LAST = "last"
"""Stands for the newest run."""

LONGEST = timedelta(days=36_500)
"""Of an age, so that a moment so long ago is one that there was."""

_RUNS = "sre_runner.runs"
_AGE = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

Command = TypeVar("Command", bound=Callable[..., Any])


RUNS_VARIABLE = "SRE_RUN_RUNS"
"""Where runs are, if `--runs` does not say so."""


def runs_option(**settings: Any) -> Callable[[Command], Command]:
    """`--runs DIR`, known before a run is looked for in it, wherever it stands; `settings` are those of the option.

    Left out, it is in the configuration of the command's playbooks (eager parameters, so that they are known by now),
    or of the one here.
    """

    def remember(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path:
        if value is None:
            named = (ctx.params.get(each) for each in ("playbook", "playbooks", "paths"))
            starts = next((each for each in named if each), ())
            value = runs_folder((starts,) if isinstance(starts, Path) else starts, ctx.params.get("config"))
        ctx.meta[_RUNS] = value
        return value

    return click.option(
        "--runs",
        type=click.Path(file_okay=False, path_type=Path),
        envvar=RUNS_VARIABLE,
        show_default=f"${RUNS_VARIABLE}, or runs beside agents.d",
        is_eager=True,
        callback=remember,
        **{"help": "The folder with the runs.", **settings},
    )


def config_option(help_: str, *, of_runs: bool = True) -> Callable[[Command], Command]:
    """`--config DIRECTORY`, which has to be there; it says where else it is looked for. With `of_runs` it is also the
    directory of the command's runs."""
    return click.option(
        "--config", type=click.Path(exists=True, file_okay=False, path_type=Path), is_eager=of_runs, help=help_
    )


def settings_option(help_: str) -> Callable[[Command], Command]:
    """`--set KEY=VALUE`, repeatable, under the name `settings`."""
    return click.option("--set", "settings", type=Pair(), metavar="KEY=VALUE", multiple=True, help=help_)


def world_options() -> Callable[[Command], Command]:
    """`--live`, `--simulated` and `--without TOOL`, of the commands that choose which systems are looked at; what they
    come to is `world_settings`."""

    def both(command: Command) -> Command:
        world = click.option(
            "--live/--simulated",
            "live",
            default=None,
            help="Look at real systems, or at none; left out, as the playbook says.",
        )
        without = click.option(
            "--without",
            metavar="TOOL",
            multiple=True,
            help="Go on without this tool. The conclusion says so. Repeatable.",
        )
        return world(without(command))

    return both


def world_settings(live: bool | None, without: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What these options set in a playbook, as `--set` would."""
    world = () if live is None else (("backend", "live" if live else "simulated"),)
    return (*world, *((("without", json.dumps([*without])),) if without else ()))


def offline_option() -> Callable[[Command], Command]:
    """`--offline`, of the commands that run playbooks."""
    return click.option("--offline", is_flag=True, help="Rehearse: fixed rules instead of an LLM, no network, no key.")


def full_option() -> Callable[[Command], Command]:
    """`--full`, of the commands that print a conclusion."""
    return click.option("--full", is_flag=True, help="Print the whole text instead of one screen.")


class RunFolder(click.ParamType[Path]):
    """A run: its folder, its name in the folder of `--runs`, or `last` for the newest one there.

    A command that takes it has the option of `runs_option`.
    """

    name = "run"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        from sre_runner.journal.file import JOURNAL

        runs: Path = ctx.meta[_RUNS] if ctx else runs_folder()
        word = str(value)
        if word == LAST:
            return self._newest(runs, param, ctx)
        is_name = os.sep not in word and word not in (".", "..")
        places = [Path(word), runs / word] if is_name else [Path(word)]
        folders = [place for place in places if word and place.is_dir()]
        if not folders:
            self.fail(self._nowhere(word, runs if is_name else None), param, ctx)
        # A folder that happens to have the name of a run does not hide it.
        return next((folder for folder in folders if (folder / JOURNAL).exists()), folders[0])

    def _nowhere(self, word: str, runs: Path | None) -> str:
        if runs is None:
            return f"The folder {said(word)} does not exist."
        names = [path.name for path in runs.iterdir()] if runs.is_dir() else []
        near = nearest(word, names)
        hint = f"Did you mean {said(near)}?" if near else "`sre-run runs` lists what there is."
        return f"{said(word)} is neither a folder nor a run in {runs}. {hint}"

    def _newest(self, runs: Path, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        from sre_runner.runs.past_runs import find

        found = [each for each in find(runs) if not each.problem]
        if not found:
            self.fail(f"There are no runs in {runs}. --runs says where else to look, and ${RUNS_VARIABLE}.", param, ctx)
        return found[0].folder


def of_recorded_runs(command: Command) -> Command:
    """For commands that show or follow what a journal holds and call nothing: where that makes no sense, the journal
    is at fault."""

    @functools.wraps(command)
    def read(*arguments: Any, **options: Any) -> Any:
        from sre_runner.journal.file import JOURNAL
        from sre_runner.journal.record import sound

        run = options.get("run") or (options.get("named") or [Path()])[0]
        with sound(run / JOURNAL):
            return command(*arguments, **options)

    return cast("Command", read)


class Pair(click.ParamType[tuple[str, str]]):
    """`name=value`; the value may have further equals signs, or be empty."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        key, sign, text = str(value).partition("=")
        if not sign or not key.strip():
            self.fail(f"{value!r} is not of the form name=value.", param, ctx)
        if printable(key) != key:
            self.fail(f"{said(key)} is no name: it has characters that cannot be seen.", param, ctx)
        return key.strip(), text


class Age(click.ParamType[timedelta]):
    """A length of time, such as `30d`."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        match = _AGE.fullmatch(str(value))
        if not match:
            self.fail(f"{said(str(value))} is no length of time; write 45m, 12h, 30d or 2w.", param, ctx)
        age = timedelta(**{_UNITS[match[2]]: int(match[1])})
        if age > LONGEST:
            self.fail(f"{said(str(value))} is longer than {LONGEST.days:,} days.", param, ctx)
        return age


class Since(click.ParamType[datetime]):
    """A moment with its time zone: so long ago, or in ISO 8601; without an offset, of the local time zone."""

    name = "age or time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if _AGE.fullmatch(str(value)):
            return datetime.now().astimezone() - Age().convert(value, param, ctx)
        try:
            return datetime.fromisoformat(str(value).strip()).astimezone()
        except (ValueError, OverflowError):
            self.fail(
                f"{said(str(value))} is neither an age, such as 7d, nor a time in ISO 8601, such as 2026-11-22.",
                param,
                ctx,
            )
