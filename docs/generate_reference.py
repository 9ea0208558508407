"""Writes docs/reference.md from the JSON Schemas; run it after changing one: `python docs/generate_reference.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sre_runner.config.checks import agents as check_agents
from sre_runner.config.sources import Kind, schema
from sre_runner.documents import templates
from sre_runner.documents.json_schema.string_rules import FORMATS
from sre_runner.documents.json_schema.subset import SUBSET
from sre_runner.documents.json_schema.vocabulary import LEVELS, MOST_SCHEMAS, NOT_TAKEN

TARGET = Path(__file__).with_name("reference.md")
HEAD = """\
<!-- Written by docs/generate_reference.py from sre_runner/schemas; a test holds it current. -->
# The YAML that you write

Three kinds of file, in one directory: `agents.d`, `tools.d` and `playbooks`. It is found by walking up from the
playbook to a folder with `agents.d`, or named with `--config DIR`. `.yml` counts as `.yaml`. Unknown keys are errors,
and every problem is shown with its place: `sre-run validate`. With a line

    # yaml-language-server: $schema=…/agent.schema.json

at the top of a file, an editor with a YAML language server completes and checks while you type. Scalars are read as in
YAML 1.2: `no`, `on`, `1:30` and `0123` are text.
"""
KINDS: Mapping[Kind, str] = {
    "agent": "Agents: `agents.d/<name>.yaml`",
    "tools": "Tools: `tools.d/<family>.yaml`",
    "playbook": "Playbooks: `playbooks/<name>.yaml`",
}
PROVIDED, FILTERS = (", ".join(f"`{name}`" for name in names) for names in (check_agents.PROVIDED, templates.FILTERS))
TEMPLATES = f"""\
## Templates

`prompt` and `task` may hold `{{{{ name }}}}`, with plain names only: the playbook's inputs and, in a prompt, also
{PROVIDED}.
There are `{{% if … %}}` with `==`, `!=`, `in […]`, `and`, `or`, `not` and `is defined`, and the filters {FILTERS}.
Everything else is a problem, a name that nothing provides included. A value that begins with `{{{{` has to be quoted.
Nothing else is a template: what tools return stands as it is.

## Replies of a model

A `tool_use` block is a call, whatever `stop_reason` says; only an answer that was cut off at `max_tokens` or refused
runs nothing. Of the calls of one reply the first 64 run, 16 at a time; the others are refused. Of a report the first
200 findings are read, and 20 items of evidence of each.

Arguments and reports that nearly fit are put right: lists, objects and numbers that came as JSON text, `null` for an
optional key, keys that the schema does not have, a value of an `enum` in another case. A report that came as text is
taken, in the forms of common models and servers; calls of other tools that came as text are not run. A conversation
that no longer fits the model's context window goes on in a shorter one, for the report alone: it carries the task, what
the agent said and reported, and the newest outputs that fit, and names what is left out. Where that is still too long,
it is shortened again, four times at most.
The conclusion's notes say what was put right.
"""
TOOL_SCHEMAS = f"""\
## The schema of a tool

`input_schema` takes JSON Schema 2020-12, and the model is sent it as the file has it. Every call is checked against all
of it before it is made.

- `$ref` leads to a schema inside the same `input_schema` (`#/$defs/name`). A reference to another place, one that leads
  nowhere, and one that leads back to itself without going into the value are problems.
- `pattern` and `patternProperties` follow RE2: every pattern is matched in linear time. Look-around and backreferences
  are problems.
- `format` is checked for {", ".join(f"`{name}`" for name in FORMATS)}. Other formats are comments.
- `anyOf`, `oneOf` and `allOf` cannot stand at the very top, where the Messages API refuses them.
- {", ".join(f"`{name}`" for name in NOT_TAKEN)} are problems, each with what to use instead. A keyword that
  begins with `x-` is a comment; any other unknown keyword is a problem.
- A schema has at most {LEVELS} levels and {MOST_SCHEMAS:,} schemas. A check that takes too long refuses the call.

"""
SUBSET_HEAD = """\
## The subset of JSON Schema

What `report` of an agent may use. `type` is one name; `items` is a schema; `additionalProperties` is true or false.
There are no references, so that nothing is recursive and nothing is fetched.

| keyword | goes with |
|---|---|
"""


class _Blocks(yaml.SafeDumper):
    """Mappings and lists that hold nothing but scalars on one line, texts of several lines as blocks."""


_Blocks.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def reference() -> str:
    """The whole page as Markdown."""
    kinds = (_kind(kind, title) for kind, title in KINDS.items())
    parts = [HEAD, *kinds, TEMPLATES, TOOL_SCHEMAS, SUBSET_HEAD + _subset()]
    return "\n".join(parts)


def _kind(kind: Kind, title: str) -> str:
    whole = schema(kind)
    example = yaml.dump(
        whole["examples"][0], Dumper=_Blocks, default_flow_style=None, sort_keys=False, allow_unicode=True, width=100
    )
    parts = [f"## {title}\n", f"{whole['description']}\n", f"```yaml\n{example}```\n", _keys(whole, whole)]
    for name, inner in _mappings(whole):
        if kind == "playbook" and inner in schema("agent")["$defs"].values():
            parts.append(f"### {name}\n\nAs in an agent's file.\n")
            continue
        parts += [f"### {name}\n", f"{inner['description']}\n", _keys(inner, whole)]
    return "\n".join(parts)


def _mappings(whole: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mappings inside a kind of file that have keys of their own, with their titles."""
    for name, inner in whole["properties"].items():
        if "properties" in inner:
            yield f"`{name}`", inner
    for inner in whole.get("$defs", {}).values():
        if "properties" in inner or "properties" in inner.get("then", {}):
            yield inner["title"], inner
            yield from _inside(inner, ())


def _inside(mapping: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mappings in a definition that have no definition of their own."""
    for name, inner in mapping.get("properties", {}).items():
        if "properties" in inner and "$ref" not in inner and name != "input_schema":
            yield f"`{'.'.join([*path, name])}`", inner
            yield from _inside(inner, (*path, name))


def _keys(mapping: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    then = mapping.get("then", {})
    properties = mapping.get("properties") or then["properties"]
    rows = [_row(name, rule, name in mapping.get("required", []), whole) for name, rule in properties.items()]
    return "| key | value | meaning |\n|---|---|---|\n" + "".join(rows)


def _row(name: str, rule: Mapping[str, Any], required: bool, whole: Mapping[str, Any]) -> str:
    target = whole["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else {}
    full = {**target, **rule}
    value = [_value(full)]
    if required:
        value.append("required")
    if "default" in full:
        value.append(f"default `{_inline(full['default'])}`")
    meaning = full["description"]
    if full.get("examples"):
        meaning += f" Example{'s' * (len(full['examples']) > 1)}: " + ", ".join(
            f"`{_inline(e)}`" for e in full["examples"]
        )
    return f"| `{name}` | {'; '.join(value)} | {meaning} |\n"


def _value(rule: Mapping[str, Any]) -> str:
    """What may stand there, in words."""
    enum = rule.get("enum") or rule.get("else", {}).get("enum")
    if enum:
        return " or ".join([*(f"`{_inline(value)}`" for value in enum), *(["a mapping"] if "else" in rule else [])])
    names = {"object": "mapping", "array": "list", "string": "text", "number": "number", "integer": "whole number"}
    types = [rule["type"]] if isinstance(rule.get("type"), str) else rule.get("type", [])
    words = " or ".join(names.get(name, "true or false") for name in types) or "anything"
    limits = (("minimum", "at least"), ("exclusiveMinimum", "more than"), ("maximum", "at most"))
    return ", ".join([words, *(f"{text} {rule[key]:,}" for key, text in limits if key in rule)])


def _inline(value: Any) -> str:
    """A value as YAML on one line, for a cell of a table."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...").replace("|", "\\|")


def _subset() -> str:
    everywhere = max(map(len, SUBSET.values()))
    return "".join(
        f"| `{keyword}` | {'every type' if len(types) == everywhere else ', '.join(f'`{name}`' for name in types)} |\n"
        for keyword, types in SUBSET.items()
    )


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
