"""The proof, before any call, that no argument of a call can become an option or another command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sre_runner.text.naming import listed, nearest, said
from sre_runner.text.secret_names import holds_a_secret
from sre_runner.tools.command import programs
from sre_runner.tools.command.elements import (
    Element,
    Opening,
    begins_with_no_dash,
    is_bare,
    is_closed,
    template_problems,
)
from sre_runner.tools.command.program_checks import Complaint, program_problems
from sre_runner.tools.command.rendering import Prepared, prepared
from sre_runner.tools.command.spec import CommandSpec

_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_SCALARS = ("string", "integer", "number", "boolean")
_SECRET_OPTION = re.compile(r"(?:.*-)?(?:password|passwd|passphrase|token|secret|api-?key|access-?key|secret-?key)")


def problems(spec: CommandSpec, input_schema: Mapping[str, Any]) -> list[Complaint]:
    """All that is wrong with a command for a tool with these arguments, in the order of its elements."""
    names = list(input_schema.get("properties", {}))
    found: list[Complaint] = []
    for place, text in enumerate(spec.command):
        found += ((("command", place), *words) for words in _template(text, names, spec))
    if not found:
        command = prepared(spec, input_schema)
        found += _program(command.elements[0])
        elements = _Elements(command)
        for place in range(1, len(command.elements)):
            found += ((("command", place), *words) for words in elements.at(place))
        found += program_problems(command)
    for place, text in enumerate(spec.command):
        found += ((("command", place), *words) for words in _for_a_shell(text, spec))
    return [*found, *_environment(spec)]


def _program(element: Element) -> Iterator[Complaint]:
    program = element.text
    if element.literal != program:
        yield ("command", 0), "the program is chosen by a template", "Write its name out."
    elif not program.strip() or program.startswith("-"):
        yield ("command", 0), f"{said(program)} is not a program", "Name it first."
    elif " " in program and "/" not in program:
        hint = 'Write each argument as an element of its own: [kubectl, get, pods, "--namespace={{ namespace }}"].'
        yield ("command", 0), f"{said(program)} is one element: no shell splits it", hint


def _template(text: str, names: Sequence[str], spec: CommandSpec) -> Iterator[tuple[str, str]]:
    """What keeps an element from being a template of these arguments."""
    if "\0" in text:
        yield "the element has a NUL character", "Leave it out."
        return
    passed = {*spec.env, *spec.optional_env, *spec.set_env}
    unsound = template_problems(text, frozenset(names))
    yield from ((one.message, _ENVIRONMENT if one.name in passed else one.hint) for one in unsound)
    # A name that stands before `default` or in `is defined` may be unknown to a template.
    for name in () if unsound else sorted(Element(text).arguments - set(names)):
        near = nearest(name, names)
        hint = f"Did you mean {said(near)}?" if near else f"Its arguments: {listed(names) or 'none'}."
        yield f"the tool has no argument {said(name)}", hint


_ENVIRONMENT = "Programs see the variables of `env` and `set_env` in their environment, never in their arguments."


def _for_a_shell(text: str, spec: CommandSpec) -> Iterator[tuple[str, str]]:
    """What only a shell would understand."""
    if text in programs.SHELL_WORDS:
        yield f"{said(text)} means something to a shell only, and there is none", "Put it into a script."
    passed = {*spec.env, *spec.optional_env, *spec.set_env, "HOME", "PATH", "USER"}
    for found in _VARIABLE.finditer(text):
        name = found[1] or found[2]
        if name in passed or (name.isupper() and holds_a_secret(name)):
            yield f"{said(found[0])} is passed as it is: no shell replaces it", _ENVIRONMENT


class _Elements:
    """Checks of single elements where they stand."""

    def __init__(self, command: Prepared) -> None:
        self.command = command
        self.elements = command.elements
        self.properties: Mapping[str, Mapping[str, Any]] = command.schema.get("properties", {})

    def at(self, place: int) -> Iterator[tuple[str, str]]:
        """What is wrong with an element where it stands."""
        element = self.elements[place]
        yield from self._secret(place)
        yield from self._values(element)
        yield from self._left_out(place)
        yield from self._openings(place)
        if element.arguments:
            yield from self._options(place)

    def _values(self, element: Element) -> Iterator[tuple[str, str]]:
        for name in sorted(element.arguments):
            is_list = self.properties[name].get("type") == "array"
            schema = self.command.schema_of(name)
            if is_list and len(element.arguments) > 1:
                hint = "A list repeats its element, once per item: give it an element of its own."
                yield f"the list {said(name)} is not the only argument of its element", hint
            known = schema.get("type") in _SCALARS or "enum" in schema or "const" in schema
            if not known:
                what = "an item of " if is_list else ""
                hint = "Text, numbers and booleans can, and lists of them."
                yield f"{what}the argument {said(name)} may be a value that cannot stand in a command", hint

    def _left_out(self, place: int) -> Iterator[tuple[str, str]]:
        element = self.elements[place]
        missing = element.left_out_for(self.command.schema)
        if missing and len(element.arguments) > 1:
            name = min(missing)
            hint = f"Write {{% if {name} is defined %}}…{{% endif %}} around its part, or give it a default."
            others = listed(sorted(element.arguments - {name}))
            yield f"where {said(name)} is left out, the whole element is, and {others} with it", hint
        lists = any(self.properties[name].get("type") == "array" for name in element.arguments)
        before = self.elements[place - 1]
        # An option that stands there only on a condition has no value of its own.
        dangling = before.literal is not None and before.bare_option and place - 1 < self.command.operands
        if dangling and (missing or lists or element.conditional):
            hint = "Write both as one element, such as --name={{ name }}, or put this one before the option."
            words = f"{said(before.text)} may take the next element for its value where this one is left out"
            yield words, hint

    def _openings(self, place: int) -> Iterator[tuple[str, str]]:
        """An argument, or a value in the template, that could begin the element with a dash."""
        if place >= self.command.operands:
            return
        element = self.elements[place]
        for opening in sorted(element.openings, key=str):
            if opening.quoted and opening.literal.startswith("-"):
                hint = "Write it outside of the braces: {% if all %}--all{% endif %}."
                yield f"the option {said(opening.literal)} is a value in a template", hint
            elif opening.argument and not begins_with_no_dash(
                self.command.schema_of(opening.argument), opening.trimmed
            ):
                yield f"the argument {said(opening.argument)} could become an option", self._hint(opening, place)
        if any(not opening.quoted and is_bare(opening.literal) for opening in element.openings):
            for name in sorted(element.arguments):
                if not is_closed(self.command.schema_of(name)):
                    hint = "Write the option's whole name and `=` before the argument, as in --name={{ name }}."
                    yield f"the argument {said(name)} could become part of an option's name", hint

    def _safe(self, opening: Opening) -> bool:
        return begins_with_no_dash(self.command.schema_of(opening.argument), opening.trimmed)

    def _hint(self, opening: Opening, place: int) -> str:
        dashes = any(element.literal == "--" for element in self.elements[:place])
        if dashes:
            return "The `--` does not help: the option before it may take it for its value. Put another element there."
        if opening.trimmed:
            return "Its schema says nothing about what `trim` leaves: leave the filter out."
        return (
            "Write --option={{ … }}, put an element `--` before it, or give it an `enum`, a `minimum` of 0, or a "
            '`pattern` that no leading dash fits, such as "^[a-z0-9][-a-z0-9]*$".'
        )

    def _options(self, place: int) -> Iterator[tuple[str, str]]:
        """An argument as the value of an option that has it run, or that leads the program elsewhere."""
        leading = programs.LEADING.get(programs.known_as(self.elements[0].text), frozenset())
        schemas = [self.command.schema_of(name) for name in self.elements[place].arguments]
        for option in sorted(self._named(place)):
            if option in programs.RUNNING:
                yield f"the value of the option {said(option)} is a command", "Write the value out."
            elif option in leading and not all("enum" in schema for schema in schemas):
                words = "says where and as whom the program acts, or what it reads"
                hint = "Write the value out, or give the argument an `enum`."
                yield f"the value of the option {said(option)} {words}", hint

    def _named(self, place: int) -> set[str]:
        """The options that this element may be the value of."""
        names = {programs.option_name(opening.literal) for opening in self.elements[place].openings}
        before = self.elements[place - 1]
        if place > 1 and before.bare_option:
            names |= {programs.option_name(opening.literal) for opening in before.openings}
        # `-ojson` is `-o` with its value.
        names |= {
            o.literal[1:2] for o in self.elements[place].openings if o.literal[1:2] != "-" and o.literal[:1] == "-"
        }
        return names - {""}

    def _secret(self, place: int) -> Iterator[tuple[str, str]]:
        """A secret in the argument list, where everyone on the machine can read it."""
        element = self.elements[place]
        for opening in element.openings:
            name = programs.option_name(opening.literal)
            told = opening.literal.partition("=")[2] or element.arguments or opening.literal == f"--{name}"
            plain = opening.literal.partition("=")[2] in ("true", "false")
            if opening.literal.startswith("--") and _SECRET_OPTION.fullmatch(name.lower()) and told and not plain:
                hint = "Pass it in the environment: set_env: {NAME: {env: VARIABLE}}."
                yield f"a secret in the argument list can be read by everyone on the machine: {said(name)}", hint


def _environment(spec: CommandSpec) -> Iterator[Complaint]:
    for name, value in spec.set_env.items():
        if isinstance(value, str) and value and holds_a_secret(name):
            hint = f"Write {{env: {name}}}, and set the variable."
            yield ("set_env", name), f"the value of {said(name)} is in the file, and its name is that of a secret", hint
        if name in spec.env or name in spec.optional_env:
            yield ("set_env", name), f"{said(name)} is both passed on and set", "Leave one of them out."
    for place, name in enumerate(spec.optional_env):
        if name in spec.env:
            yield ("optional_env", place), f"{said(name)} is in `env` as well", "Leave one of them out."
