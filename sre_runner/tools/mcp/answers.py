"""What an MCP server answered to a call, as text for a model. It reads the SDK's objects and imports nothing of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sre_runner.casefile import Json, ToolAnswer

if TYPE_CHECKING:
    from mcp_types import BlobResourceContents, CallToolResult, ContentBlock, TextResourceContents

MAX_TEXT = 8 * 1024 * 1024
"""Characters of an answer."""


def answer_of(result: CallToolResult) -> ToolAnswer:
    """The texts of a result, one below the other, then what else is in it, by name only; structured content as JSON
    where there is no text. An error stays one; a result without anything is `no_data`."""
    parts = [part for block in result.content if (part := "".join(_part(block)))]
    said = any(block.type == "text" or block.type == "resource" for block in result.content) and parts
    if result.structured_content is not None and not said:
        parts.insert(0, _json(result.structured_content))
    text = "\n".join(parts)
    if len(text) > MAX_TEXT:
        text = f"{text[:MAX_TEXT]}\n[the answer goes on: {len(text) - MAX_TEXT:,} more characters were thrown away]"
    if not text.strip():
        nothing = "The tool failed and did not say why." if result.is_error else "The tool answered with nothing."
        return ToolAnswer(nothing, is_error=result.is_error, no_data=not result.is_error)
    return ToolAnswer(text, is_error=result.is_error)


def _part(block: ContentBlock) -> Iterator[str]:
    if block.type == "text":
        yield block.text
    elif block.type == "resource":
        yield from _resource(block.resource)
    elif block.type == "resource_link":
        about = f": {block.description}" if block.description else ""
        yield f"[resource {block.name}, {block.uri}{about}]"
    else:
        yield f"[{block.type}, {block.mime_type}, {_size(block.data)}, not passed on]"


def _resource(resource: TextResourceContents | BlobResourceContents) -> Iterator[str]:
    kind = resource.mime_type or "of unknown type"
    if hasattr(resource, "blob"):
        yield f"[resource {resource.uri}, {kind}, {_size(resource.blob)}, not passed on]"
    else:
        yield f"[resource {resource.uri}]\n{resource.text}"


def _size(base64: str) -> str:
    size = len(base64.rstrip("=")) * 3 // 4
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1000:,.0f} kB"


def _json(data: Json) -> str:
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
