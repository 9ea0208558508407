"""What an argument of a call could do to a command as a whole: become a command, or say what a program does."""

from __future__ import annotations

from collections.abc import Iterator

from sre_runner.text.naming import listed, said
from sre_runner.tools.command import programs
from sre_runner.tools.command.elements import Element
from sre_runner.tools.command.rendering import Prepared

Complaint = tuple[tuple[str | int, ...], str, str]
"""A path inside the mapping that was parsed, what is wrong there, and a hint ("" for none)."""


def program_problems(command: Prepared) -> Iterator[Complaint]:
    """What is wrong with the program for a command in which arguments of a call stand."""
    given = [place for place, element in enumerate(command.elements) if element.arguments]
    if not given:
        return
    name = programs.known_as(command.elements[0].text)
    if name in programs.PROGRAMS:
        why, hint = programs.PROGRAMS[name]
        yield ("command", given[0]), f"{said(name)} takes no argument of a call: {why}", hint
    for place, word in _possible_words(command):
        if word in programs.SUBCOMMANDS.get(name, {}):
            why, hint = programs.SUBCOMMANDS[name][word]
            yield ("command", place), f"{said(f'{name} {word}')} takes no argument of a call: {why}", hint
    for place, element in enumerate(command.elements[1:-1], start=1):
        inner = programs.known_as(element.literal or "")
        runs = programs.SHELL_OPTION.fullmatch(command.elements[place + 1].literal or "")
        if runs and (inner in programs.PROGRAMS or inner in programs.INTERPRETERS):
            words = f"{said(f'{inner} -c')} takes no argument of a call: it runs a text"
            yield ("command", place), words, programs.SCRIPT
    yield from _verbs(command, name)
    if name in programs.INTERPRETERS:
        yield from _script(command, name)


def _possible_words(command: Prepared) -> Iterator[tuple[int, str]]:
    """Each element that is a literal, and each value of an argument that stands in the file."""
    for place, element in enumerate(command.elements[1:], start=1):
        if element.literal is not None:
            yield place, element.literal
        for name in element.arguments:
            yield from ((place, str(value)) for value in command.schema_of(name).get("enum", ()))


def _verbs(command: Prepared, program: str) -> Iterator[Complaint]:
    """An argument that would say what a program with subcommands does."""
    wanted = programs.WORDS.get(program, 0)
    before = False
    for place, element in enumerate(command.elements[1:], start=1):
        if not wanted:
            return
        # Behind `-n` stands its value, as far as anyone knows.
        literal = element.literal if not before else None
        before = element.bare_option
        if literal is not None and not literal.startswith("-"):
            wanted += (literal in programs.GROUPS) - 1
        elif _says_what(command, element):
            words = f"the argument {listed(sorted(element.arguments))} could say what {said(program)} does"
            yield ("command", place), words, f"Write the subcommand out, directly behind {program}."
            return


def _says_what(command: Prepared, element: Element) -> bool:
    """Whether it may be another word than an option with its value, and one that does not stand in the file."""
    open_ones = [name for name in element.arguments if "enum" not in command.schema_of(name)]
    return bool(open_ones) and any("=" not in opening.literal for opening in element.openings)


def _script(command: Prepared, name: str) -> Iterator[Complaint]:
    for place, element in enumerate(command.elements[1:], start=1):
        if element.arguments or programs.CODE_OPTION.fullmatch(element.literal or ""):
            hint = "Name the script before any argument, or make it executable and name it as the program."
            yield ("command", place), f"{said(name)} takes no argument of a call as the script, or beside one", hint
            return
        if element.literal is not None and not element.literal.startswith("-"):
            return
