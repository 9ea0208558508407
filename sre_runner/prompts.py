"""Everything that is put into words for a model: the templates of the configuration and the engine's own messages."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sre_runner.casefile import Json
from sre_runner.errors import RunnerError
from sre_runner.templates import TemplateProblem as TemplateProblem
from sre_runner.templates import environment, problems

MOST_OUTPUT = 200_000
"""Characters that one template may give."""

_OWN = Environment(  # noqa: S701 - plain text for a model, no HTML
    loader=PackageLoader("sre_runner", ""), undefined=StrictUndefined, auto_reload=False
)
_PLAIN = re.compile(r"[\w.:/@+-]{1,100}")
"""Values that stand in a prompt as they are: names, versions, times, addresses. No sentence is one of them."""


def labelled(value: object) -> object:
    """A value as a prompt may have it: what could be read as an instruction stands as JSON in a block, as data."""
    if not isinstance(value, str) or _PLAIN.fullmatch(value):
        return value
    return f"<input>{block_json(value)}</input>"


_SANDBOX = environment()
_OF_PROMPTS = environment(labelled)
_SURROGATE = re.compile("[\ud800-\udfff]")


def template_problems(text: str, names: Collection[str]) -> list[TemplateProblem]:
    """What keeps a template of the configuration from being used with these names; [] where `render` will do.

    A name that nothing provides may stand before `default`, in `is defined`, and behind an `if` that asks for it.
    """
    return problems(_SANDBOX, text, names)


def render(text: str, values: Mapping[str, str | int | float]) -> str:
    """A template of the configuration with its values. Raises RunnerError, and nothing else, where that cannot be."""
    return _rendered(_template(_SANDBOX, text, frozenset(values)), values)


def render_prompt(text: str, values: Mapping[str, str | int | float]) -> str:
    """The same for a system prompt, in which a value that is more than a name is `labelled` as data."""
    return _rendered(_template(_OF_PROMPTS, text, frozenset(values)), values)


def _rendered(template: Template, values: Mapping[str, str | int | float]) -> str:
    pieces, size = [], 0
    try:
        for piece in template.generate(values):
            pieces.append(piece)
            size += len(piece)
            if size > MOST_OUTPUT:
                raise RunnerError(f"a template gives more than {MOST_OUTPUT:,} characters", "Shorten it or its inputs.")
    except ValueError as error:  # a number of thousands of digits
        raise RunnerError(f"a template cannot be rendered: {error}") from error
    return "".join(pieces)


@lru_cache(maxsize=256)
def _template(sandbox: Environment, text: str, names: frozenset[str]) -> Template:
    for problem in template_problems(text, names):
        raise RunnerError(f"line {problem.line} of a template: {problem.message}", problem.hint)
    return sandbox.from_string(text)


def message(name: str, **values: Any) -> str:
    """The engine's own message of that name (a macro of `messages.j2`)."""
    return str(getattr(_OWN.get_template("messages.j2").module, name)(**values))


def user_message(blocks: Iterable[tuple[str, Json]]) -> str:
    """The labelled JSON blocks of an assignment as the text of a user message.

    `<` is escaped inside the JSON, so that no text in it can close its block.
    """
    return message("blocks", blocks=[(label, block_json(data)) for label, data in blocks])


def block_json(data: Json) -> str:
    """JSON for a labelled block: one line, no `<`, and nothing that UTF-8 does not have."""
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def read_blocks(text: str) -> dict[str, Json]:
    """The labelled blocks of a user message, the inverse of `user_message`; what is no block is passed over."""
    blocks: dict[str, Json] = {}
    lines = text.split("\n")
    for opening, body, closing in zip(lines, lines[1:], lines[2:], strict=False):
        label = opening.strip("<>")
        if opening == f"<{label}>" and closing == f"</{label}>":
            try:
                blocks[label] = json.loads(body)
            except (ValueError, RecursionError):  # no JSON, or more of it than can be read
                continue
    return blocks
