"""Writes what the JSON Schemas take from the code: what backends and servers are declared by (`tools.schema.json`).

Run it after changing one: `python docs/generate_schemas.py`. A test holds the schemas current.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sre_runner
from sre_runner.tools.backends.reduction import REDUCTION
from sre_runner.tools.backends.servers import SERVERS
from sre_runner.tools.backends.table import BACKENDS

SCHEMAS = Path(sre_runner.__file__).with_name("schemas")


def tools(given: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a file of `tools.d`: that which is given, with the backends and the servers that there are."""
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
    return {**given, "properties": places, "$defs": defs}


def _chain(kinds: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """What holds of a mapping that is told by its key; the last kind is taken where there is none of them."""
    (key, schema), *others = kinds
    reference = {"$ref": schema.get("$ref", f"#/$defs/{key}")}
    return {"if": {"required": [key]}, "then": reference, "else": _chain(others)} if others else reference


GENERATED = {"tools.schema.json": tools}


def main() -> None:
    for name, made in GENERATED.items():
        path = SCHEMAS / name
        path.write_text(text(made(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")


def text(schema: Mapping[str, Any]) -> str:
    """A schema as its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
