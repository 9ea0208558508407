"""Where text goes: what a stream can show, and messages to the person that cost nothing where nobody reads them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from typing import TextIO

from sre_runner.text.output import printable


def is_terminal(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream is a terminal that can move its cursor."""
    return stream.isatty() and environ.get("TERM", "") not in ("", "dumb", "unknown")


def has_color(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream shows colours and the person wants them (https://no-color.org)."""
    return is_terminal(stream, environ) and not environ.get("NO_COLOR")


def is_watched(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a person watches what is drawn anew on a terminal; otherwise plain lines are better: with `NO_COLOR`, and
    in a pipeline, whose `CI` is set."""
    return has_color(stream, environ) and environ.get("CI", "") in ("", "0", "false")


def tell(text: str) -> None:
    """A message on stderr, its control characters escaped. A stream that is closed or full is no failure."""
    tell_painted(printable(text))


def tell_painted(text: str) -> None:
    """As `tell`, for text that was made safe to print before it was painted."""
    with contextlib.suppress(OSError):
        print(text.rstrip("\n"), file=sys.stderr, flush=True)  # noqa: T201 - this is where messages are printed
