"""Which Jinja2 may stand in a template of the configuration: plain names, conditions and a few filters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from sre_runner.text.naming import listed, nearest, said

FILTERS = ("capitalize", "default", "lower", "title", "trim", "upper")
"""All that a template may use. None of them takes long or makes much text of little."""

MOST_TEXT = 100_000
"""Characters of a template."""
MOST_TAGS = 1_000
NEVER_WRITTEN = "\ufdd0#"
"""The beginning of a comment: it has a code point that is no character in any text."""
_TOKENS = 200
"""Of one tag; with the limits below it keeps Jinja's parser and the compiler of Python from running out of stack."""
_NESTING = 10
_DEPTH = 20
_MOST_ELIF = 50
_LARGEST_NUMBER = 10**15
_TOO_DEEP = ("the template is nested too deeply", "Write simpler conditions.")


@dataclass(frozen=True)
class TemplateProblem:
    """What is wrong on a line of a template (from 1). `name` is the text in that line that shows it, "" for none."""

    line: int
    name: str
    message: str
    hint: str = ""


def environment(printed: Callable[[object], object] | None = None) -> Environment:
    """The sandbox: no globals, the listed filters, `is defined`. Tags on a line of their own leave no empty line.

    `printed` makes of each value what is put out for it; text of the template is put out as it is.
    """
    # Jinja's own `{#` begins a comment, and would silently take what follows: Bash's `${#pods[@]}` is text.
    sandbox = SandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        finalize=printed,
        comment_start_string=NEVER_WRITTEN,
        comment_end_string=NEVER_WRITTEN[::-1],
    )
    sandbox.globals.clear()
    sandbox.filters = {name: sandbox.filters[name] for name in FILTERS}
    sandbox.tests = {"defined": sandbox.tests["defined"]}
    return sandbox


def problems(sandbox: Environment, text: str, names: Collection[str]) -> list[TemplateProblem]:
    """Everything that keeps the template from being rendered with values for `names`, in the order of lines."""
    if len(text) > MOST_TEXT:
        return [TemplateProblem(1, "", f"the template has more than {MOST_TEXT:,} characters", "Shorten it.")]
    try:
        tree = _parsed(sandbox, text)
        if isinstance(tree, TemplateProblem):
            return [tree]
        found = dict.fromkeys(_Walk(frozenset(names)).node(tree, 1, frozenset(), 0))
    except RecursionError:
        return [TemplateProblem(1, "", *_TOO_DEEP)]
    return sorted(found, key=lambda problem: problem.line)


@lru_cache(maxsize=4096)  # a prompt is looked at once more for every playbook that uses it
def _parsed(sandbox: Environment, text: str) -> nodes.Template | TemplateProblem:
    """The template as a tree, or why there is none. Raises `RecursionError` where the stack is nearly used up."""
    try:
        return _too_large(sandbox, text) or sandbox.parse(text)
    except TemplateSyntaxError as error:
        message = (error.message or "it is no template").rstrip(".")
        return TemplateProblem(error.lineno, "", f"template: {message[:1].lower()}{message[1:300]}", _SYNTAX)
    except ValueError:  # a number of thousands of digits
        return TemplateProblem(1, "", "the template has a number that is too large", "Write it as text.")


def most_output(text: str, values: Mapping[str, str | int | float]) -> int:
    """More characters than this the template does not give with these values, if it has no problems.

    There are no loops, so that every part of it is put out once at most; changing the case of a text can make it three
    times as long, and what is neither a value nor a text of the template is a number or a word.
    """
    longest = max((len(str(value)) for value in values.values()), default=0)
    return 3 * len(text) + text.count("{{") * (3 * longest + _LONGEST_WORD)


_LONGEST_WORD = 30


_SYNTAX = "Text that holds {{ or {% goes between {% raw %} and {% endraw %}."


def _too_large(sandbox: Environment, text: str) -> TemplateProblem | None:
    """Why Jinja's parser, which is recursive, must not be given the template."""
    tags = blocks = tokens = brackets = 0
    for line, kind, token in sandbox.lex(text):
        if kind in ("variable_begin", "block_begin"):
            tags, tokens, brackets = tags + 1, 0, 0
        elif kind not in ("whitespace", "data"):
            tokens += 1
            brackets += (token in ("(", "[", "{")) - (token in (")", "]", "}")) if kind == "operator" else 0
            if kind == "name" and tokens == 1:
                blocks += (token == "if") - (token == "endif")  # noqa: S105 - a keyword of Jinja
        if tags > MOST_TAGS:
            return TemplateProblem(line, "", f"the template has more than {MOST_TAGS:,} tags", "Shorten it.")
        if tokens > _TOKENS or brackets > _NESTING or blocks > _NESTING:
            return TemplateProblem(line, "", *_TOO_DEEP)
    return None


_JINJAS_OWN = "self"
"""A name that Jinja takes for itself, so that no value reaches a template under it."""

_REFUSED: dict[type[nodes.Node], str] = {
    nodes.For: "loops (`for`)",
    nodes.Call: "calls",
    nodes.Getitem: "items (`x[…]`)",
    nodes.Slice: "items (`x[…]`)",
    nodes.Concat: "joining with `~`",
    nodes.BinExpr: "arithmetic",
    nodes.UnaryExpr: "arithmetic",
    nodes.Assign: "`set`",
    nodes.AssignBlock: "`set`",
    nodes.Macro: "macros",
    nodes.CallBlock: "macros",
    nodes.FilterBlock: "`filter` blocks",
    nodes.Include: "`include`",
    nodes.Import: "`import`",
    nodes.FromImport: "`import`",
    nodes.Extends: "`extends`",
    nodes.Block: "blocks",
    nodes.With: "`with`",
    nodes.Dict: "mappings",
    nodes.List: "lists elsewhere than after `in`",
    nodes.Tuple: "lists elsewhere than after `in`",
}
"""In words; the first that the node is an instance of."""

_ALLOWED = "A template may use names, `if`, `==`, `!=`, `in [...]`, `and`, `or`, `not`, `is defined` and filters."


class _Walk:
    """Yields what no template may hold; what it has no rule for is refused.

    `known` are the names beside the template's own that are known where a node stands: a condition around it has
    found them to be defined.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def node(self, node: nodes.Node, line: int, known: frozenset[str], depth: int) -> Iterator[TemplateProblem]:
        """The problems of a node and of all in it. `line` is that of the node around it: not every node has its own."""
        line = node.lineno or line
        if depth > _DEPTH:
            yield TemplateProblem(line, "", *_TOO_DEEP)
            return
        match node:
            case nodes.Template() | nodes.Output() | nodes.And() | nodes.Or() | nodes.Not() | nodes.Compare():
                yield from self._all(node.iter_child_nodes(), line, known, depth)
            case nodes.TemplateData() | nodes.Test(name="defined", node=nodes.Name()):
                pass
            case nodes.Const(value=value):
                if isinstance(value, (int, float)) and not abs(value) <= _LARGEST_NUMBER:
                    yield TemplateProblem(line, "", "the template has a number that is too large", "Write it as text.")
            case nodes.Name(name=name):
                yield from self._name(name, line, known)
            case nodes.Operand(op="eq" | "ne", expr=expr):
                yield from self.node(expr, line, known, depth + 1)
            case nodes.Operand(op="in" | "notin", expr=nodes.List(items=items) | nodes.Tuple(items=items)):
                yield from self._all(items, line, known, depth)
            case nodes.Test(name="defined", node=nodes.Expr() as asked):
                yield from self.node(asked, line, known, depth + 1)
            case nodes.If() | nodes.CondExpr():
                yield from self._condition(node, line, known, depth)
            case nodes.Filter(node=nodes.Expr() as filtered):
                yield from _filter(node, line)
                yield from self._all(node.args, line, known, depth)
                provided = node.name == "default" and isinstance(filtered, nodes.Name)
                if not provided or filtered == nodes.Name(_JINJAS_OWN, "load"):
                    yield from self.node(filtered, line, known, depth + 1)
            case _:
                yield _refused(node, line)

    def _all(
        self, inner: Iterable[nodes.Node], line: int, known: frozenset[str], depth: int
    ) -> Iterator[TemplateProblem]:
        for node in inner:
            yield from self.node(node, line, known, depth + 1)

    def _name(self, name: str, line: int, known: frozenset[str]) -> Iterator[TemplateProblem]:
        if name == _JINJAS_OWN or name not in self.names | known:
            near = nearest(name, self.names)
            hint = f"Did you mean {said(near)}?" if near else f"Known here: {listed(sorted(self.names)) or 'no names'}."
            yield TemplateProblem(line, name, f"nothing provides the name {said(name)}", hint)

    def _condition(
        self, node: nodes.If | nodes.CondExpr, line: int, known: frozenset[str], depth: int
    ) -> Iterator[TemplateProblem]:
        then: list[nodes.Node] = [node.expr1] if isinstance(node, nodes.CondExpr) else node.body
        otherwise = [node.expr2] if isinstance(node, nodes.CondExpr) else [*node.elif_, *node.else_]
        if isinstance(node, nodes.If) and len(node.elif_) > _MOST_ELIF:
            yield TemplateProblem(line, "", f"a condition has more than {_MOST_ELIF} `elif`", "Write fewer.")
            return
        if None in otherwise:
            yield TemplateProblem(line, "", "`… if …` needs its `else`", 'Such as {{ a if a else "none" }}.')
        yield from self._all([node.test, *filter(None, otherwise)], line, known, depth)
        yield from self._all(then, line, known | _found_defined(node.test), depth)


def _found_defined(test: nodes.Node) -> frozenset[str]:
    """The names that are defined wherever the test is true."""
    match test:
        case nodes.And(left=left, right=right):
            return _found_defined(left) | _found_defined(right)
        case nodes.Test(name="defined", node=nodes.Name(name=name)):
            return frozenset({name})
    return frozenset()


def _filter(node: nodes.Filter, line: int) -> Iterator[TemplateProblem]:
    if node.name not in FILTERS:
        near = nearest(node.name, FILTERS)
        hint = f"Did you mean `{near}`?" if near else f"There are {', '.join(FILTERS)}."
        yield TemplateProblem(line, node.name, f"there is no filter {said(node.name)}", hint)
    elif node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) not in _ARGUMENTS.get(node.name, (0,)):
        hint = 'Such as {{ name | default("none") }}.' if node.name == "default" else f"Write `{node.name}` alone."
        yield TemplateProblem(line, node.name, f"the filter `{node.name}` does not take these arguments", hint)


_ARGUMENTS = {"default": (1, 2)}
"""How many each filter takes, where it takes any."""


def _refused(node: nodes.Node, line: int) -> TemplateProblem:
    if isinstance(node, nodes.Getattr):
        path, root = node.attr, node.node
        while isinstance(root, nodes.Getattr):
            path, root = f"{root.attr}.{path}", root.node
        path = f"{root.name}.{path}" if isinstance(root, nodes.Name) else f".{path}"
        hint = "Names are plain: give the value an input of its own and use its name."
        return TemplateProblem(line, path, f"attribute paths cannot be used in a template: {said(path)}", hint)
    if isinstance(node, nodes.Test):
        return TemplateProblem(line, f"is {node.name}", f"there is no test {said(node.name)}", _ALLOWED)
    if isinstance(node, nodes.Operand):
        if node.op in ("in", "notin"):
            hint = 'Such as {% if environment in ["prod", "canary"] %}.'
            return TemplateProblem(line, "", "`in` needs a list in brackets behind it", hint)
        return TemplateProblem(line, "", "`<` and `>` cannot be used in a template: values may be text", _ALLOWED)
    words = next((words for kind, words in _REFUSED.items() if isinstance(node, kind)), "this")
    name = node.node.name if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) else ""
    return TemplateProblem(line, name, f"{words} cannot be used in a template", _ALLOWED)
