"""Templates of a request: what arguments may become in a path, in a parameter and in JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from jinja2 import Environment, Template, Undefined, UndefinedError, meta

from sre_runner.casefile import Json
from sre_runner.documents.templates import environment, problems
from sre_runner.errors import RunnerError
from sre_runner.text.naming import said
from sre_runner.tools.http.spec import plain


class RequestRefused(RunnerError):  # noqa: N818 (it is told to the model, and nothing failed)
    """The arguments of a call make no request that may be sent; the message is for the model."""


class LeftOut(Exception):  # noqa: N818 (no error: the part is left out)
    """An argument that a template needs was left out of the call."""


OPENS, CLOSES = "\ue000", "\ue001"
"""Around what came from an argument in a path that is being made. Neither gets through the encoding of one."""

LITERAL_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
"""What may stand in a path beside arguments."""

_EXACT = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)\s*-?\}\}")
_MOST_DECODINGS = 5
"""How often servers and the proxies before them decode a path, at most, and some more."""

_SLASHES = re.compile(r"[/\\\x00-\x1f\x7f]")


def exact(text: str) -> str | None:
    """The argument that a template is nothing but, or None."""
    found = _EXACT.fullmatch(text.strip())
    return found[1] if found else None


def text_of(template: str, arguments: Mapping[str, Json]) -> str:
    """A template of a parameter or of JSON as text. Raises `LeftOut` and `RequestRefused`."""
    return _rendered(_TEXT, template, arguments)


def path_of(template: str, arguments: Mapping[str, Json]) -> str:
    """The path, encoded: no argument adds a segment to it. Raises `LeftOut` and `RequestRefused`."""
    marked = _rendered(_PATH, template, arguments)
    literal = re.sub(f"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}", OPENS, marked)
    if not all(LITERAL_PATH.fullmatch(part) for part in literal.split(OPENS)):
        raise RequestRefused("the path of this tool has characters that no path has")
    path = marked.replace(OPENS, "").replace(CLOSES, "")
    segments = path.split("/")
    if segments[0] or "" in segments[1:-1] or any({".", ".."} & {*_decodings(one)} for one in segments):
        raise RequestRefused("these arguments would lead to another path: `.`, `..` and nothing are no names in it")
    return path


def names_in(template: str) -> frozenset[str]:
    """The arguments that a template without problems names."""
    return frozenset(meta.find_undeclared_variables(_TEXT.parse(template)))


def _rendered(sandbox: Environment, text: str, arguments: Mapping[str, Json]) -> str:
    ready = _ready(sandbox, text)
    for name in sorted(ready.names):
        if isinstance(arguments.get(name), (dict, list)):
            raise RequestRefused(f"the argument {said(name)} must be a single value here")
    values = {name: value for name, value in arguments.items() if name in ready.names and value is not None}
    try:
        return ready.template.render(values)
    except UndefinedError:
        raise LeftOut from None
    except ValueError as error:  # a number of thousands of digits, or half a character
        raise RequestRefused(f"an argument cannot be written: {error}") from None


@dataclass(frozen=True)
class _Ready:
    template: Template
    names: frozenset[str]


@lru_cache(maxsize=1024)
def _ready(sandbox: Environment, text: str) -> _Ready:
    names = names_in(text)
    for problem in problems(_TEXT, text, names):
        raise RequestRefused(f"a template of this tool cannot be used: {problem.message}", problem.hint)
    return _Ready(sandbox.from_string(text), names)


def _segment(value: Json) -> str:
    """A value as part of one segment of a path."""
    text = _put_out(value)
    if not text:
        raise RequestRefused("an argument in the path must not be empty")
    if any(_SLASHES.search(decoded) for decoded in _decodings(text)):
        raise RequestRefused(f"{said(text)} cannot stand in a path: slashes and control characters lead elsewhere")
    return f"{OPENS}{quote(text, safe='')}{CLOSES}"


def _decodings(text: str) -> Iterator[str]:
    """The text, and what it is once it was percent-decoded, and decoded again, as long as there is a difference."""
    yield text
    for _ in range(_MOST_DECODINGS):
        before, text = text, unquote(text)
        if text == before:
            return
        yield text
    raise RequestRefused("an argument in the path is percent-encoded many times over")


def _put_out(value: Json) -> str:
    if value is None or isinstance(value, Undefined):
        raise UndefinedError
    return plain(value)


def _sandbox(finalize: Callable[[Json], str]) -> Environment:
    return environment().overlay(finalize=finalize)


_TEXT = _sandbox(_put_out)
_PATH = _sandbox(_segment)
