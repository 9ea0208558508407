"""The questions about one's own rights as clients send them: JSON, or the Kubernetes API's Protocol Buffers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from kubernetes_pods import Object
from serving import Request

MAGIC = b"k8s\0"
"""What a body of Protocol Buffers begins with; an envelope (2: the object) follows."""

_RESOURCE = ("namespace", "verb", "group", "version", "resource", "subresource", "name")
_PATH = ("path", "verb")


def review(request: Request) -> Object:
    """The review that a request asks for."""
    if not request.body.startswith(MAGIC):
        return dict(json.loads(request.body))
    envelope = dict(_fields(request.body.removeprefix(MAGIC)))
    kind = dict(_fields(envelope[1]))
    spec = dict(_fields(dict(_fields(envelope[2])).get(2, b"")))
    head = {"apiVersion": kind[1].decode(), "kind": kind[2].decode(), "metadata": {}}
    if head["kind"] == "SelfSubjectRulesReview":
        return {**head, "spec": {"namespace": spec.get(1, b"").decode()}}
    if 1 in spec:
        return {**head, "spec": {"resourceAttributes": _named(spec[1], _RESOURCE)}}
    return {**head, "spec": {"nonResourceAttributes": _named(spec[2], _PATH)}}


def _named(message: bytes, names: Sequence[str]) -> Mapping[str, str]:
    return {names[number - 1]: value.decode() for number, value in _fields(message) if number <= len(names)}


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a message that have a length: their numbers and bytes. No review has others."""
    at = 0
    while at < len(message):
        tag, at = _number(message, at)
        assert tag & 7 == 2, f"a field of wire type {tag & 7}"
        length, at = _number(message, at)
        yield tag >> 3, message[at : at + length]
        at += length


def _number(message: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
