"""The templates of the configuration, filled in: tasks as they are, prompts with their inputs as data."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from jinja2 import Environment, Template

from sre_runner.documents.templates import TemplateProblem as TemplateProblem
from sre_runner.documents.templates import environment, problems
from sre_runner.errors import RunnerError
from sre_runner.text.blocks import block_json

MOST_OUTPUT = 200_000
"""Characters that one template may give."""


_PLAIN = re.compile(r"[\w.:/@+-]{1,100}")
"""Values that stand in a prompt as they are: names, versions, times, addresses. No sentence is one of them."""


def labelled(value: object) -> object:
    """A value as a prompt may have it: what could be read as an instruction stands as JSON in a block, as data."""
    if not isinstance(value, str) or _PLAIN.fullmatch(value):
        return value
    return f"<input>{block_json(value)}</input>"


_SANDBOX = environment()


_OF_PROMPTS = environment(labelled)


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
