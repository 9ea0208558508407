"""The argument list of one call, and the check that no argument became more than an argument."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import TemplateError

from sre_runner.casefile import Json
from sre_runner.text.naming import said
from sre_runner.tools.command.elements import MARK, SANDBOX, Element, UnfitError, as_argument
from sre_runner.tools.command.spec import CommandSpec
from sre_runner.tools.tool import filled_in

MOST_CHARACTERS = 100_000
"""Of one element: Linux takes 128 KiB."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_NEW_LINE = re.compile("[\r\n]")


class RefusedCallError(Exception):
    """The call must not be made with these arguments; the text says why to the model."""


@dataclass(frozen=True)
class Prepared:
    """A command and the schema of its arguments, ready for calls."""

    elements: tuple[Element, ...]
    schema: Mapping[str, Any]

    @cached_property
    def operands(self) -> int:
        """The place behind a literal `--`, from which on nothing is an option; their number if there is none.

        A `--` directly behind an option may be that option's value, and then protects nothing.
        """
        for place, element in enumerate(self.elements[1:], start=1):
            if element.literal == "--" and not self.elements[place - 1].bare_option:
                return place + 1
        return len(self.elements)

    def schema_of(self, name: str) -> Mapping[str, Any]:
        """The schema of an argument as it stands in an element: that of its items for a list."""
        schema: Mapping[str, Any] = self.schema["properties"][name]
        return schema.get("items", {}) if schema.get("type") == "array" else schema

    def arguments(self, given: Mapping[str, Json]) -> tuple[str, ...]:
        """The program and its arguments for a call, whose arguments fit the schema.

        Raises `RefusedCallError` where an argument would become an option, or cannot be passed to a program. That does
        not rest on the schema: it holds for values that do not fit it, too.
        """
        values = {name: value for name, value in filled_in(self.schema, given).items() if value is not None}
        rendered: list[str] = []
        for place, element in enumerate(self.elements):
            rendered += _rendered(element, values, self.schema, place >= self.operands)
        return tuple(rendered)


def prepared(spec: CommandSpec, schema: Mapping[str, Any]) -> Prepared:
    """The command of a spec without problems."""
    return Prepared(tuple(map(Element, spec.command)), schema)


def _rendered(element: Element, values: Mapping[str, Json], schema: Mapping[str, Any], operand: bool) -> Iterator[str]:
    """The element in an argument list: once, as often as its list has items, or not at all."""
    if any(name not in values for name in element.left_out_for(schema)):
        return
    used = {name: values[name] for name in element.arguments if name in values}
    for once in _repeated(used):
        try:
            for value in once.values():
                _check_text(as_argument(value))
            marked = SANDBOX.from_string(element.text).render(once)
        except (UnfitError, TemplateError, ValueError) as error:
            raise RefusedCallError(f"the command cannot be put together: {error}") from error
        if marked or not element.conditional:
            yield _checked(marked.split(MARK), operand)


def _repeated(used: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    (name, only), *more = [*used.items()] or [("", None)]
    if isinstance(only, list | tuple) and not more:
        return [{name: item} for item in only]
    return [used]


def _check_text(text: str) -> None:
    if _NO_TEXT.search(text):
        raise RefusedCallError(f"{said(text)} has a character that no program can be passed")


def _checked(parts: Sequence[str], operand: bool) -> str:
    """An element of its parts, which are literal and given by arguments in turn."""
    literal, given = "".join(parts[::2]), parts[1::2]
    whole = "".join(parts)
    if len(whole) > MOST_CHARACTERS:
        raise RefusedCallError(f"an argument of the command has more than {MOST_CHARACTERS:,} characters")
    if not _NEW_LINE.search(literal) and any(map(_NEW_LINE.search, given)):
        raise RefusedCallError(f"{said(whole)}: an argument of this tool has no line breaks")
    begins = next((place for place, part in enumerate(parts) if part), 0)
    if whole.startswith("-") and begins % 2 == 1 and not operand:
        raise RefusedCallError(f"{said(whole)} begins with `-` and would be an option: no argument of this tool may")
    return whole
