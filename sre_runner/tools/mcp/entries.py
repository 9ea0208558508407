"""The tools that an MCP server offers, written as the text of a `tools.d` file for a person to review."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from sre_runner.casefile import Json
from sre_runner.documents.yaml.document import parse
from sre_runner.documents.yaml.scalars import plain
from sre_runner.errors import ConfigError
from sre_runner.text.naming import said
from sre_runner.text.output import printable
from sre_runner.tools.mcp.errors import McpError
from sre_runner.tools.mcp.live import Identity
from sre_runner.tools.mcp.tools import Offered, canonical, entry, named

_WIDTH = 100
_LONG = 90
"""Characters from which on a text is folded."""


def entries_text(server: str, identity: Identity, tools: Sequence[Offered]) -> str:
    """A file with these tools, in their order, less those whose names cannot be used here (see `unusable`).

    A comment says where all this came from. Characters that nobody sees are written as escapes. Raises McpError where
    the file would not be read back as the same.
    """
    entries = {tool.name: entry(server, tool) for tool in tools if named(tool)}
    origin = " ".join(printable(str(identity)).split())
    head = f"# From the MCP server {server}: {origin}. Review the descriptions: agents read them.\n"
    text = head + _yaml({"tools": entries})
    try:
        same = canonical(parse(text, server).data) == canonical({"tools": entries})
        why = ""
    except ConfigError as error:
        same, why = False, f": {error.problems[0].message}"
    if not same:
        raise McpError(
            f"the tools of the MCP server {said(server)} cannot be written as YAML{why}", "Write them by hand."
        )
    return text


def _yaml(data: Mapping[str, Json]) -> str:
    return yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=not _has_unseen(data),
        width=_WIDTH,
        default_flow_style=False,
    )


def _has_unseen(data: Json) -> bool:
    if isinstance(data, str):
        return any(unicodedata.category(one)[0] in "CZ" and one not in " \n" for one in data)
    if isinstance(data, Mapping):
        return any(_has_unseen(key) or _has_unseen(value) for key, value in data.items())
    return isinstance(data, list) and any(map(_has_unseen, data))


class _Dumper(yaml.SafeDumper):
    """Block strings for long texts, items of lists indented, no anchors, and quotes wherever our reader of YAML would
    see something else than text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text:
        style = "|"
    elif len(text) > _LONG:
        style = ">"
    elif not _is_plain(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _is_plain(text: str) -> bool:
    try:
        return plain(text) == text
    except ValueError:
        return False


_Dumper.add_representer(str, _text)
