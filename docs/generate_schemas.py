"""Writes what the code knows into the JSON Schemas, such as the names of strategies: `python docs/generate_schemas.py`.

The rest of a schema is written by hand, in its file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sre_runner
from sre_runner.config.checks.votes import FALLBACKS
from sre_runner.coordination.expectations.table import EXPECT, EXPECT_OF_SPECIALIST
from sre_runner.coordination.strategies.strategy import Parameters, Strategy
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.coordination.voting.rules import RULES
from sre_runner.tools.backends.reduction import REDUCTION
from sre_runner.tools.backends.servers import SERVERS
from sre_runner.tools.backends.table import BACKENDS

SCHEMAS = Path(sre_runner.__file__).with_name("schemas")
PLAYBOOK = SCHEMAS / "playbook.schema.json"
TOOLS = SCHEMAS / "tools.schema.json"
WIDTH = 120

BY_NAME = [name for name, strategy in STRATEGIES.items() if strategy.takes(name)]
BY_MAPPING = {name: strategy.parameters for name, strategy in STRATEGIES.items() if strategy.parameters}


def playbook_schema() -> str:
    """The schema of playbooks with its generated parts made anew."""
    whole = json.loads(PLAYBOOK.read_text(encoding="utf-8"))
    coordinator, vote = whole["properties"]["coordinator"]["properties"], whole["$defs"]["vote"]["properties"]
    coordinator["strategy"]["description"] = _strategies()
    coordinator["strategy"]["else"] = {"description": _or_mappings(), "enum": BY_NAME}
    for key, sentence in _who_is_needed().items():
        text = coordinator[key]["description"]
        coordinator[key]["description"] = re.sub(r"(Not with|With|Required with) [^.]*\.$", sentence, text)
    vote["rule"]["description"] = " ".join(f"`{name}`: {rule.summary}." for name, rule in RULES.items())
    vote["rule"]["enum"] = list(RULES)
    otherwise = vote["otherwise"]["description"]
    vote["otherwise"]["description"] = re.sub(r": `.*$", f": {_names(FALLBACKS)}, or one of the options.", otherwise)
    for name, keys in (("expect", EXPECT), ("expected_specialist", EXPECT_OF_SPECIALIST)):
        whole["$defs"][name]["properties"] = {key: dict(each.schema) for key, each in keys.items()}
    whole["$defs"] = _definitions(whole["$defs"])
    return _written(whole) + "\n"


def _strategies() -> str:
    needy = [name for name in BY_MAPPING if name not in BY_NAME]
    needed = f", and {_and(needy)} need{'s' * (len(needy) == 1)} one" if needy else ""
    shapes = ", ".join(
        f"`{{{name}: {{{', '.join(f'{key}: …' for key in parameters.required)}}}}}`"
        for name, parameters in BY_MAPPING.items()
    )
    return (
        "How the specialists' work is divided into waves. "
        + " ".join(f"`{name}`: {strategy.summary}." for name, strategy in STRATEGIES.items())
        + f" A mapping says more{needed}: {shapes}. `--set coordinator.strategy=…` also takes away what the file says "
        "of the coordinator and that strategy has none of."
    )


def _or_mappings() -> str:
    first = sorted(BY_MAPPING, key=lambda name: name in BY_NAME)
    return f"Or a mapping: {', or '.join(f'`{{{name}: {BY_MAPPING[name].shape}}}`' for name in first)}."


def _who_is_needed() -> dict[str, str]:
    """Of a key of the coordinator, with which strategies it goes."""
    alone = [name for name, strategy in STRATEGIES.items() if not strategy.concludes]
    return {
        "planner": f"With {_and(_without(STRATEGIES.values(), 'planner', has=False))}.",
        "reviewer": f"Not with {_and(_without(STRATEGIES.values(), 'reviewer', has=True))}.",
        "synthesizer": f"Required with every strategy but {_and(alone)}, which has none.",
    }


def _without(strategies: Iterable[Strategy], key: str, *, has: bool) -> list[str]:
    """The strategies that have no use for a key; of `has` false, those that have one."""
    return [strategy.name for strategy in strategies if (key in strategy.has_no) is has]


def _definitions(definitions: dict[str, Any]) -> dict[str, Any]:
    """All definitions, those of strategies behind the one that lists them."""
    made: dict[str, Any] = {}
    for name, definition in definitions.items():
        if name == "strategy":
            listed = {key: _listed(key, parameters) for key, parameters in BY_MAPPING.items()}
            made[name] = {**definition, "oneOf": [{"required": [key]} for key in listed], "properties": listed}
            made |= {key: _definition(key, parameters) for key, parameters in BY_MAPPING.items()}
        elif name not in definitions["strategy"]["properties"]:  # or else it was one of those before
            assert name not in BY_MAPPING, f"{name} is a strategy and something else"
            made[name] = definition
    return made


def _listed(name: str, parameters: Parameters) -> dict[str, Any]:
    return {"description": parameters.what, "$ref": f"#/$defs/{name}", "examples": [parameters.example]}


def _definition(name: str, parameters: Parameters) -> dict[str, Any]:
    return {
        "title": f"`{name}`",
        "description": parameters.keys,
        "type": "object",
        "additionalProperties": False,
        "required": list(parameters.required),
        "properties": dict(parameters.properties),
    }


def tools_schema() -> str:
    """The schema of files of `tools.d` with the backends and the servers that there are."""
    given = json.loads(TOOLS.read_text(encoding="utf-8"))
    defs = dict(given["$defs"])
    for backends in BACKENDS.values():
        for backend in backends:
            reference = backend.schema.get("$ref", f"#/$defs/{backend.key}")
            name = reference.removeprefix("#/$defs/")
            schema = defs[name] if "$ref" in backend.schema else backend.schema
            defs[name] = {**schema, "properties": {**schema["properties"], **REDUCTION}}
    properties = dict(defs["tool"]["properties"])
    for world, backends in BACKENDS.items():
        chain = _chain([(backend.key, backend.schema) for backend in backends])
        properties[world] = {"description": properties[world]["description"], "type": "object", **chain}
    defs["tool"] = {**defs["tool"], "properties": properties}
    servers = [(kind.key, kind.schema) for kind in SERVERS.values()]
    for key, schema in servers:
        defs[f"{key}_server"] = schema
    places = dict(given["properties"])
    each = {"type": "object", **_chain([(key, {"$ref": f"#/$defs/{key}_server"}) for key, _ in servers])}
    places["servers"] = {**places["servers"], "additionalProperties": each}
    return _written({**given, "properties": places, "$defs": defs}) + "\n"


def _chain(kinds: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """What holds of a mapping that is told by its key; the last kind is taken where there is none of them."""
    (key, schema), *others = kinds
    reference = {"$ref": schema.get("$ref", f"#/$defs/{key}")}
    return {"if": {"required": [key]}, "then": reference, "else": _chain(others)} if others else reference


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _and(names: Collection[str]) -> str:
    *others, last = names
    return f"{_names(others)} and `{last}`" if others else f"`{last}`"


def _written(value: Any, indent: int = 0, before: int = 0) -> str:
    """Indented JSON, with everything on one line that has room there; `before` are characters before the value."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or indent + before + len(flat) <= WIDTH:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, list):
        lines, (left, right) = [_written(item, indent + 2) for item in value], "[]"
    else:
        names = {key: f"{json.dumps(key, ensure_ascii=False)}: " for key in value}
        lines = [names[key] + _written(item, indent + 2, len(names[key])) for key, item in value.items()]
        left, right = "{}"
    return f"{left}\n" + ",\n".join(inner + line for line in lines) + f"\n{' ' * indent}{right}"


if __name__ == "__main__":
    PLAYBOOK.write_text(playbook_schema(), encoding="utf-8")
    TOOLS.write_text(tools_schema(), encoding="utf-8")
