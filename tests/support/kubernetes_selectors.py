"""Label and field selectors, as queries of the Kubernetes API have them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

_TERM = re.compile(
    r"\s*(?:(?P<key>[^\s=!,()]+)\s*(?P<op>==|=|!=)\s*(?P<value>[^\s,]*)"
    r"|(?P<set>[^\s=!,()]+)\s+(?P<word>in|notin)\s*\((?P<values>[^)]*)\)"
    r"|(?P<no>!?)\s*(?P<has>[^\s=!,()]+))\s*(?:,|$)"
)


class SelectorError(ValueError):
    """A selector that the API refuses with status 400; the text is its message."""


def labels_fit(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether labels fit a selector: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, comma for and."""
    at = 0
    while at < len(selector):
        term = _TERM.match(selector, at)
        if not term:
            raise SelectorError(f"unable to parse requirement: found '{selector[at:]}'")
        if not _label_fits(term, labels):
            return False
        at = term.end()
    return True


def _label_fits(term: re.Match[str], labels: Mapping[str, str]) -> bool:
    if term["key"]:
        same = labels.get(term["key"]) == term["value"]
        return not same if term["op"] == "!=" else same
    if term["set"]:
        inside = labels.get(term["set"]) in [each.strip() for each in term["values"].split(",")]
        return inside if term["word"] == "in" else not inside
    return (term["has"] in labels) != bool(term["no"])


def fields_fit(selector: str, data: Mapping[str, Any], known: Collection[str]) -> bool:
    """Whether an object fits a field selector: `path=value` and `path!=value`, comma for and."""
    for term in filter(None, selector.split(",")):
        parts = re.fullmatch(r"\s*([^=!\s]+)\s*(==|=|!=)\s*(.*?)\s*", term)
        if not parts:
            raise SelectorError(f"invalid selector: '{term}'; can't understand '{term}'")
        path, operator, value = parts.groups()
        if path not in known:
            raise SelectorError(f"field label not supported: {path}")
        if (_at(data, path) == value) == (operator == "!="):
            return False
    return True


def _at(data: Any, path: str) -> str:
    for part in path.split("."):
        data = data.get(part, "") if isinstance(data, Mapping) else ""
    return str(data)
