"""An element of a command as a template: which arguments it uses, and what it can begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import nodes

from sre_runner.casefile import Json
from sre_runner.documents.templates import TemplateProblem, environment, problems
from sre_runner.tools.command.patterns import admits_no_dash

MARK = "\0"
"""Around what an argument gives in a rendered element: it is in no argument and in no template."""


class UnfitError(Exception):
    """A value that cannot stand in an argument list."""


def as_argument(value: Json) -> str:
    """A text, a number or a boolean as a program is told it. Raises `UnfitError` for what is none of them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)  # 2.0 is an integer, and -0.0 is no negative number
    if isinstance(value, int) and abs(value) < 10**30:
        return str(value)
    if isinstance(value, float):
        return repr(value)
    raise UnfitError("only text, numbers and booleans can stand in a command")


SANDBOX = environment()
SANDBOX.finalize = lambda value: f"{MARK}{as_argument(value)}{MARK}"


@dataclass(frozen=True)
class Opening:
    """What an element can begin with: a literal text, or the value of an argument (`trimmed` by a filter).

    `quoted` marks a text that is a value in the template (`{{ "text" }}`).
    """

    literal: str = ""
    argument: str = ""
    trimmed: bool = False
    quoted: bool = False


@dataclass(frozen=True)
class Element:
    """An element of a command whose template was found to be sound."""

    text: str

    @cached_property
    def tree(self) -> nodes.Template:
        """The template."""
        return SANDBOX.parse(self.text)

    @cached_property
    def arguments(self) -> frozenset[str]:
        """The names of all arguments that it uses."""
        return frozenset(name.name for name in self.tree.find_all(nodes.Name))

    @cached_property
    def needed(self) -> frozenset[str]:
        """Those without which it cannot be rendered: they stand outside of `is defined` and `default`."""
        names = self.arguments
        return frozenset(name for name in names if problems(SANDBOX, self.text, names - {name}))

    @cached_property
    def literal(self) -> str | None:
        """Its text, where it is nothing but text."""
        return _literal(self.tree)

    @property
    def conditional(self) -> bool:
        """Whether it is nothing but conditions, so that it may come to nothing and is then left out."""
        return bool(self.tree.body) and all(isinstance(node, nodes.If) for node in self.tree.body)

    @cached_property
    def openings(self) -> frozenset[Opening]:
        """All that it can begin with; more rather than less."""
        found: set[Opening] = set()
        _open(self.tree.body, found)
        return frozenset(found)

    @property
    def bare_option(self) -> bool:
        """Whether it can be an option without a value in it: the next element may then be its value."""
        return self.literal not in ("-", "--") and any(is_bare(opening.literal) for opening in self.openings)

    def left_out_for(self, schema: Mapping[str, Any]) -> frozenset[str]:
        """The optional arguments without which it is left out."""
        return frozenset(name for name in self.needed if optional(schema, name))


def is_bare(literal: str) -> bool:
    """Whether a text begins an option, and is not the whole of its name."""
    return literal.startswith("-") and "=" not in literal


def template_problems(text: str, names: frozenset[str]) -> list[TemplateProblem]:
    """What is wrong with an element as a template of these arguments."""
    return problems(SANDBOX, text, names)


def optional(schema: Mapping[str, Any], name: str) -> bool:
    """Whether a call may come without this argument, its default included."""
    return name not in schema.get("required", ()) and "default" not in schema.get("properties", {}).get(name, {})


def is_closed(schema: Mapping[str, Any]) -> bool:
    """Whether all values are in the file, or are booleans or numbers without a sign."""
    if "enum" in schema or "const" in schema:
        return True
    if schema.get("type") in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum"))
        return least is not None and least >= 0
    return schema.get("type") == "boolean"


def begins_with_no_dash(schema: Mapping[str, Any], trimmed: bool) -> bool:
    """Whether no value of a schema begins with a dash, as text."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values is not None:
        return not any(_text(value, trimmed).startswith("-") for value in values)
    if is_closed(schema):
        return True
    pattern = schema.get("pattern")
    return schema.get("type") == "string" and not trimmed and isinstance(pattern, str) and admits_no_dash(pattern)


def _text(value: Json, trimmed: bool) -> str:
    try:
        return as_argument(value).strip() if trimmed else as_argument(value)
    except UnfitError:
        return "-"


def _literal(tree: nodes.Template) -> str | None:
    texts = []
    for node in tree.body:
        parts = node.nodes if isinstance(node, nodes.Output) else [node]
        if not all(isinstance(part, nodes.TemplateData) for part in parts):
            return None
        texts += [part.data for part in parts if isinstance(part, nodes.TemplateData)]
    return "".join(texts)


def _open(body: Sequence[nodes.Node], found: set[Opening]) -> bool:
    """Add what a sequence can begin with; whether it can be empty."""
    return all(_open_one(node, found) for node in body)


def _open_one(node: nodes.Node, found: set[Opening]) -> bool:
    match node:
        case nodes.Output(nodes=inner):
            return _open(inner, found)
        case nodes.TemplateData(data=text):
            found.add(Opening(literal=text))
            return not text
        case nodes.If(body=body, elif_=elif_, else_=else_):
            branches: list[Sequence[nodes.Node]] = [body, *([other] for other in elif_), else_]
            return max([_open(branch, found) for branch in branches])  # all of them are to be looked at
        case nodes.CondExpr(expr1=then, expr2=nodes.Expr() as otherwise):
            return max(_open_one(then, found), _open_one(otherwise, found))
    found.update(_given(node))
    return True


def _given(node: nodes.Node) -> Iterator[Opening]:
    """What a value in a template can begin with."""
    inner = [node, *node.find_all(nodes.Node)]
    trimmed = any(isinstance(one, nodes.Filter) and one.name == "trim" for one in inner)
    for one in inner:
        if isinstance(one, nodes.Name):
            yield Opening(argument=one.name, trimmed=trimmed)
        elif isinstance(one, nodes.Const):
            text = str(one.value)
            yield Opening(literal=text.strip() if trimmed else text, quoted=True)
