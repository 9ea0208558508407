"""Text that a command line is given: as it stands there, from a file (`@FILE`), or from standard input (`-`, `@-`)."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import click

from sre_runner.commands.arguments import Command, Pair
from sre_runner.errors import RunnerError
from sre_runner.render.terminal.streams import tell
from sre_runner.text.naming import said
from sre_runner.text.output import secrets_of

MOST_BYTES = 16 * 1024 * 1024
"""Of a file or of standard input; far more than is taken of it, so that what is cut is cut in the middle."""

_STDIN = "sre_runner.stdin"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Text(click.ParamType[str]):
    """A text: `-` is standard input, `@FILE` a file, `@@…` a text that begins with @. What is longer than is taken is
    reported here, and cut where the run is configured."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = text_of(str(value), named(param), ctx, dash=True)
        if not text.strip():
            self.fail("there is no text in it.", param, ctx)
        return text


class GivenPair(Pair):
    """`name=value`, `name=@FILE` or `name=@-`; a value that begins with @ is written `name=@@…`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        name, text = super().convert(value, param, ctx)
        return name, text_of(text, f"--input {name}", ctx)


class AlertFile(click.ParamType[Any]):
    """The payload of an alert as plain data: of a file or, `-`, of standard input."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from sre_runner.config.alerts import fitted, read, resolved

        place = str(value).removeprefix("@")
        try:
            found, left_out = fitted(read(decoded(raw(place, named(param), ctx), named(param))), secrets_of(os.environ))
        except RunnerError as error:
            self.fail(f"{said(place)}: {error.message}. {error.hint}", param, ctx)
        if left_out:
            tell(f"note: --alert: {left_out}")
        if resolved(found):
            tell("note: --alert: everything that it tells of is resolved")
        return found


def text_options(of: str = "the playbook") -> Callable[[Command], Command]:
    """`--input`, `--task` and `--alert`, which say what is investigated; `of` is what an input is of."""
    options = (
        click.option(
            "--input",
            "inputs",
            type=GivenPair(),
            multiple=True,
            help=f"An input of {of}, as text; NAME=@FILE takes it from a file. Repeatable.",
        ),
        click.option(
            "--task", type=Text(), metavar="TEXT", help=f"The task, instead of that of {of}; @FILE or - takes it there."
        ),
        click.option(
            "--alert",
            type=AlertFile(),
            metavar="FILE",
            help="What Alertmanager or PagerDuty sent, in JSON, or -: it fills what the playbook takes from an alert.",
        ),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def text_of(word: str, option: str, ctx: click.Context | None, *, dash: bool = False) -> str:
    """The text that a word of the command line stands for; raise `click.UsageError` where it cannot be read.

    With `dash`, a lone `-` is standard input. Line ends at the end of a file are left out, as a shell does.
    """
    if word.startswith("@@"):
        text = word[1:]
    elif word.startswith("@") or (dash and word == "-"):
        text = decoded(raw(word.removeprefix("@"), option, ctx), option).rstrip("\r\n")
    else:
        text = word
    _note_cut(text, option)
    return text


def named(param: click.Parameter | None) -> str:
    """An option as messages name it."""
    return param.opts[0] if param else "the option"


def raw(place: str, option: str, ctx: click.Context | None) -> bytes:
    """What a file has, or standard input where `place` is `-`; raise `click.UsageError` where it cannot be read."""
    shown = "standard input" if place == "-" else said(place)
    if place == "-":
        _take_stdin(option, ctx)
    try:
        if place == "-":
            found = _bounded(sys.stdin.buffer)
        else:
            with Path(place).open("rb") as file:
                found = _bounded(file)
    except FileNotFoundError:
        hint = " A text that begins with @ is written with two: @@…" if place != "-" and option != "--alert" else ""
        raise click.UsageError(f"{option}: there is no file {shown}.{hint}", ctx) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = error.strerror if isinstance(error, OSError) else error
        raise click.UsageError(f"{option}: {shown} cannot be read: {reason}", ctx) from None
    if len(found) > MOST_BYTES:
        raise click.UsageError(
            f"{option}: {shown} has more than {MOST_BYTES // 1024**2} MiB. Give the part that matters.", ctx
        )
    return found


def decoded(data: bytes, option: str) -> str:
    """The bytes as text: UTF-8, or UTF-16 and UTF-32 with or without their mark. A byte that UTF-8 does not have is
    shown as `\\xe9`, and reported: a log with one such byte is still a log."""
    mark, encoding = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", _without_mark(data)))
    data = data[len(mark) :]
    text = data.decode(encoding, errors="backslashreplace")
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        tell(f"note: {option}: byte {error.start + 1} is not {encoding.upper()}: such bytes are shown as \\xNN")
    return text.replace("\r\n", "\n")


def _without_mark(data: bytes) -> str:
    """UTF-16 is told by the zeros in every second byte of its ASCII; everything else is taken for UTF-8."""
    head = data[:1000]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 < len(head) or min(even, odd) * 10 > max(even, odd):
        return "utf-8"
    return "utf-16-le" if odd > even else "utf-16-be"


def _bounded(file: BinaryIO) -> bytes:
    """At most one byte more than may be read; a pipe may give it in pieces."""
    return file.read(MOST_BYTES + 1)


def _take_stdin(option: str, ctx: click.Context | None) -> None:
    """Standard input has one reader; raise `click.UsageError` for a second one."""
    meta = ctx.meta if ctx else {}
    if _STDIN in meta:
        raise click.UsageError(f"{option} and {meta[_STDIN]} both read standard input. Give one of them a file.", ctx)
    meta[_STDIN] = option
    if sys.stdin.isatty():
        tell(f"{option}: reading from the terminal; Ctrl-D ends it")


def _note_cut(text: str, option: str) -> None:
    if len(text) <= 1000:
        return
    from sre_runner.runs.options import MAX_TEXT

    if len(text) > MAX_TEXT:
        tell(
            f"note: {option} has {len(text):,} characters and is cut to {MAX_TEXT:,}: its beginning and its end stay, "
            "and a mark says how much of the middle was left out"
        )
