"""A YAML file as plain data that knows where everything stands, so that every complaint about it has its place."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from sre_runner.casefile import Json
from sre_runner.documents.json_schema.complaints import Path
from sre_runner.documents.yaml.lookalikes import blamed, in_a_key
from sre_runner.documents.yaml.misfits import misfits
from sre_runner.documents.yaml.text import Node, compose
from sre_runner.errors import ConfigError, Problem
from sre_runner.text.naming import nearest as nearest
from sre_runner.text.output import MASK, holds_secret, secrets_of, shown

MOST_BYTES = 5_000_000
"""Of a file."""
_EXCERPT = 200
"""Characters of a line that a problem shows, or more where its column is further on."""
_FARTHEST = 1000


@dataclass(frozen=True)
class Document:
    """A file as it is shown to people, its text (lines end with a newline), its data, and the node of the data.

    Without a node (data that has no file) everything stands at 0:0, which is the whole.
    """

    file: str
    text: str
    data: Json
    node: Node | None = field(default=None, repr=False)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their ends."""
        return self.text.split("\n")

    def mark(self, path: Path, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at this path, or of the key (or item) that names it.

        Where the path does not exist: of the key of its nearest ancestor. Columns count characters.
        """
        node, named = self.node, (self.node.line, self.node.column) if self.node else (0, 0)
        for part in path:
            inner = node.inner.get(part) if node else None
            if node is None or inner is None:
                return named
            named = node.keys.get(part, (inner.line, inner.column))
            node = inner
        return named if key or node is None else (node.line, node.column)

    def written(self, path: Path) -> str | None:
        """The scalar at this path as it is written, where it is not quoted (`1.10`, `yes`); None for all else."""
        node = self._node(path)
        return node.written if node else None

    def line_in(self, path: Path, line: int) -> int:
        """The line of the file that has this line (from 1) of the text at this path, as near as that is known."""
        node = self._node(path)
        if node is None or node.inner or node.style == "*" or node.line == node.end_line:
            return self.mark(path)[0]
        if node.style == "|":
            return min(node.line + line, len(self.lines))
        # Folding moves line ends, but never words; an escape may.
        region = range(node.line + 1 if node.style == ">" else node.line, node.end_line + 1)
        written = [self._line(number)[node.column - 1 if number == node.line else 0 :] for number in region]
        if node.style == '"' and any("\\" in part for part in written):
            return node.line
        before = sum(len(part.split()) for part in str(self._value(path)).split("\n")[: line - 1])
        for number, part in zip(region, written, strict=True):
            before -= len(part.split())
            if before < 0:
                return number
        return node.end_line

    def problem(
        self,
        path: Path,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        warning: bool = False,
        line: int | None = None,
        find: str = "",
    ) -> Problem:
        """A complaint about what is at `path` (see `mark`); about its key with `key`.

        `line` is a line (from 1) inside the text at `path`, `find` what to look for there.
        """
        place = self.mark(path, key)
        if line is not None or find:
            place = self._inside(path, line or 1, find, place)
        return self.at(*place, message, hint, warning=warning)

    def at(self, line: int, column: int, message: str, hint: str = "", *, warning: bool = False) -> Problem:
        """A complaint about a place, counted from 1; 0 and 0 for the whole file."""
        return Problem(
            self.file,
            line,
            column,
            _masked(message),
            _masked(hint),
            _masked(_excerpt(self._line(line), column)),
            warning,
        )

    def _line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def _node(self, path: Path) -> Node | None:
        node = self.node
        for part in path:
            node = node.inner.get(part) if node else None
        return node

    def _value(self, path: Path) -> Json:
        value = self.data
        for part in path:
            value = value[part]
        return value

    def _inside(self, path: Path, line: int, find: str, otherwise: tuple[int, int]) -> tuple[int, int]:
        node = self._node(path)
        if node is None:
            return otherwise
        first = self.line_in(path, line)
        for number in range(first, max(node.end_line, first) + 1) if find else ():
            at = self._line(number).find(find, node.column - 1 if number == node.line else 0)
            if at >= 0:
                return number, at + 1
        source = self._line(first)
        return (first, len(source) - len(source.lstrip()) + 1) if first > node.line else (node.line, node.column)


def _masked(text: str) -> str:
    """Text of a file as all output is shown: a secret of the environment that stands in it is masked."""
    secrets = secrets_of(os.environ) if text else ()
    return shown(text, secrets, len(text) * len(MASK)) if secrets and holds_secret(text, secrets) else text


def _excerpt(line: str, column: int) -> str:
    """The line as a terminal may show it, every character still in its column; "" where the column is far out."""
    if column > _FARTHEST:
        return ""
    end = max(_EXCERPT, column + 80)
    shown = line if len(line) <= end else line[:end] + "…"
    return "".join(one if one.isprintable() or one == "\t" else "\ufffd" for one in shown)


def parse(text: str, file: str) -> Document:
    """The document of a text. Raises ConfigError with everything that is wrong with it as YAML."""
    text = _normal(text)
    composed = compose(text)
    document = Document(file, text, composed.data, composed.node)
    is_mapping = isinstance(composed.data, dict)
    suspect = composed.flaws or not is_mapping or (not text.isascii() and in_a_key(composed.data))
    flaws = blamed(list(composed.flaws), text) if suspect else ()
    problems = [document.at(flaw.line, flaw.column, flaw.message, flaw.hint) for flaw in flaws]
    if not problems and composed.node is None:
        problems = [document.at(1, 1, "the file is empty", "It holds keys and their values (`key: value`).")]
    elif not problems and not is_mapping:
        found = "a list" if isinstance(composed.data, list) else "one value"
        problems = [document.problem((), f"the file must hold a mapping (`key: value`), not {found}")]
    if problems:
        raise ConfigError(problems)
    return document


def load(path: FilePath, shown_as: str) -> Document:
    """The document of a file (UTF-8). Raises ConfigError for one that cannot be read, or that is no YAML."""
    raw = _read(path, shown_as)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in raw[:2]:
        raise ConfigError([Problem(shown_as, 0, 0, "the file is UTF-16", "Save it as UTF-8.")])
    try:
        return parse(raw.decode(), shown_as)
    except UnicodeDecodeError as error:
        whole = Document(shown_as, _normal(raw.decode(errors="replace")), None)
        before = _normal(raw[: error.start].decode()).split("\n")
        problem = whole.at(len(before), len(before[-1]) + 1, "the file is not UTF-8", "Save it as UTF-8.")
        raise ConfigError([problem]) from error


def _normal(text: str) -> str:
    """Without a byte order mark, and with lines that end with a newline."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _read(path: FilePath, shown_as: str) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            what = "a directory" if path.is_dir() else "no ordinary file"
            raise ConfigError([Problem(shown_as, 0, 0, f"this is {what}", "Name a YAML file.")])
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError([Problem(shown_as, 0, 0, "there is no such file", "Check the path.")]) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = getattr(error, "strerror", None) or str(error)
        message = f"the file cannot be read: {reason}"
        raise ConfigError([Problem(shown_as, 0, 0, message, "Check the path and its permissions.")]) from error
    if len(raw) > MOST_BYTES:
        message = f"the file has more than {MOST_BYTES:,} bytes"
        raise ConfigError([Problem(shown_as, 0, 0, message, "Split it.")])
    return raw


def check(document: Document, schema: Mapping[str, Any]) -> list[Problem]:
    """What in the document does not fit the JSON Schema (2020-12, references only inside of it), with its place."""
    return [
        document.problem(misfit.path, misfit.message, misfit.hint, key=misfit.key)
        for misfit in misfits(schema, document.data)
    ]


def read_value(text: str) -> Json:
    """A value given on the command line (`--set key=value`), read as YAML under the limits of files; None for "".

    Raises ValueError with a message that says what is wrong with it.
    """
    composed = compose(_normal(text))
    for flaw in composed.flaws:
        raise ValueError(f"{flaw.message} (column {flaw.column} of the value). {flaw.hint}".rstrip())
    return composed.data
