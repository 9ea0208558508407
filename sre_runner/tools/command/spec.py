"""What `live: {command: …}` of a tool says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sre_runner.tools.servers import SETTING, FromEnv

VARIABLE = "^[A-Za-z_][A-Za-z0-9_]*$"

_NAMES: Mapping[str, Any] = {"type": "array", "items": {"type": "string", "pattern": VARIABLE}, "uniqueItems": True}

SCHEMA: Mapping[str, Any] = {
    "title": "Live by a command",
    "description": "A program that is run without a shell. Its standard output is the answer.",
    "type": "object",
    "additionalProperties": False,
    "required": ["command"],
    "properties": {
        "command": {
            "description": "The program and its arguments, one element each. Elements are templates of the call's "
            "arguments; the program is not. An element whose optional argument was left out is left out; a list "
            "repeats its element once per item.",
            "type": "array",
            "minItems": 1,
            "items": {"type": ["string", "integer"]},
            "examples": [["kubectl", "get", "pods", "--namespace={{ namespace }}", "--output=json"]],
        },
        "env": {
            **_NAMES,
            "description": "Variables that are passed on to the program and must be set. It always gets PATH, HOME, "
            "LANG, LANGUAGE, LC_*, TZ and TMPDIR, and nothing else.",
            "examples": [["KUBECONFIG"]],
        },
        "optional_env": {**_NAMES, "description": "Variables that are passed on to the program where they are set."},
        "set_env": {
            "description": "Variables that are set for the program: name to text, or to {env: VARIABLE} for the value "
            "of a variable of another name. Secrets come from the environment.",
            "type": "object",
            "propertyNames": {"pattern": VARIABLE},
            "additionalProperties": SETTING,
            "examples": [{"PGPASSWORD": {"env": "REPLICA_PASSWORD"}}],
        },
        "no_data": {
            "description": "How the program says that there is nothing for these arguments. The model is told so "
            "instead of an error.",
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {
                "exit_codes": {
                    "description": "Exit codes that mean it. 0 means it only where there is no output.",
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "integer", "minimum": 0, "maximum": 255},
                },
                "stderr": {
                    "description": "Texts that mean it: one of them is in the standard error, in any case of letters.",
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "string", "minLength": 1},
                },
            },
            "examples": [{"stderr": ["NotFound"]}],
        },
    },
}
"""JSON Schema of the mapping under `live:`."""


@dataclass(frozen=True)
class NoData:
    """What means "nothing for these arguments": exit codes, and texts in the standard error."""

    exit_codes: tuple[int, ...] = ()
    stderr: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommandSpec:
    """A program and its arguments, element by element, as templates; `command[0]` is the program and literal.

    `env` and `optional_env` name variables that are passed on, `set_env` those that are set.
    """

    command: tuple[str, ...]
    env: tuple[str, ...] = ()
    optional_env: tuple[str, ...] = ()
    set_env: Mapping[str, str | FromEnv] = field(default_factory=dict)
    no_data: NoData = NoData()


def parse(data: Mapping[str, Any]) -> CommandSpec:
    """The spec of a mapping that fits `SCHEMA`."""
    no_data = data.get("no_data", {})
    return CommandSpec(
        command=tuple(str(element) for element in data["command"]),
        env=tuple(data.get("env", ())),
        optional_env=tuple(data.get("optional_env", ())),
        set_env={
            name: value if isinstance(value, str) else FromEnv(value["env"])
            for name, value in data.get("set_env", {}).items()
        },
        no_data=NoData(tuple(no_data.get("exit_codes", ())), tuple(no_data.get("stderr", ()))),
    )


def variables(spec: CommandSpec) -> tuple[str, ...]:
    """The variables of the environment that have to be set for the command."""
    sources = [value.variable for value in spec.set_env.values() if isinstance(value, FromEnv)]
    return tuple(dict.fromkeys([*spec.env, *sources]))
