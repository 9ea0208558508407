"""The JSON Schemas have what the code declares: of backends, servers and reductions."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

WRITER = Path(__file__).parents[2] / "docs" / "generate_schemas.py"


@pytest.fixture(scope="module")
def generating() -> dict[str, Any]:
    """The names of docs/generate_schemas.py."""
    return runpy.run_path(str(WRITER))


def test_the_schemas_are_current(generating: dict[str, Any]) -> None:
    for path, made in (("PLAYBOOK", "playbook_schema"), ("TOOLS", "tools_schema")):
        written = generating[path].read_text(encoding="utf-8")
        assert generating[made]() == written, "run: python docs/generate_schemas.py"


def test_every_backend_and_server_is_in_the_schema(generating: dict[str, Any]) -> None:
    schema = json.loads((generating["SCHEMAS"] / "tools.schema.json").read_text(encoding="utf-8"))
    definitions = set(schema["$defs"])
    live = {backend.key for backend in generating["BACKENDS"]["live"]}
    assert live | {f"{key}_server" for key in generating["SERVERS"]} <= definitions
    for name in live:
        assert set(generating["REDUCTION"]) <= set(schema["$defs"][name]["properties"]), name
