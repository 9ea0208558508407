"""Which object a part of an output, or a call, is of: `pod web-1`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sre_runner.models.offline.outputs import Record, Segment
from sre_runner.models.offline.words import clean, telling, words

_KINDS_WORDS = """
pod deployment service node container job cronjob statefulset daemonset replicaset persistentvolumeclaim
persistentvolume ingress database queue cluster host instance volume certificate namespace configmap secret
endpoint topic bucket application server replica broker disk function lambda gateway route workload component
"""
KINDS = frozenset(_KINDS_WORDS.split())
"""Nouns that name a kind of object."""
_NAMES = ("name", "id", "hostname", "arn", "uid")
_REFERENCE = re.compile(r"\b([a-z]{3,24})/([a-z0-9][a-z0-9.-]{1,120}[a-z0-9])", re.IGNORECASE)
_NAME = re.compile(r"[\w@][\w.@:/-]{1,120}")


def kind_of(name: str) -> str:
    """The kind of object that a name such as `podName`, `list_pods` or `pods` speaks of; "" where none."""
    return next((word for word in reversed(words(name)) if word in KINDS), "")


def _kind_of_tool(tool: str) -> str:
    kind = kind_of(tool)
    return "" if kind == "namespace" else kind


def own_name(record: Record) -> tuple[str, str]:
    """Kind and name of the object that a record describes; "" where it does not say."""
    stated = record.first("kind")
    for each in record.fields:
        names = each.words
        own = names in (["name"], ["host", "name"]) or names[-2:] == ["metadata", "name"]
        if own and _NAME.fullmatch(each.value):
            return (kind_of(stated.value) if stated else "") or kind_of(record.kind), each.value
    for each in record.fields:
        names = each.words
        reference = _REFERENCE.fullmatch(each.value)
        if reference and kind_of(reference.group(1)):
            return kind_of(reference.group(1)), reference.group(2)
        if names and _NAME.fullmatch(each.value) and not each.value.replace("/", "").isdigit():
            if names[-1] in KINDS and names[-1] not in ("namespace", "replica"):
                return names[-1], each.value
            if len(names) > 1 and names[-1] in _NAMES and names[-2] in KINDS and names[-2] != "namespace":
                return names[-2], each.value
    return "", ""


def subject_of(segment: Segment, text: str, tool: str, about: str) -> str:
    """The object in whose record the segment stands, else the one it refers to, else what the call asked for."""
    record = segment.record
    while record is not None:
        kind, name = own_name(record)
        if name:
            return clean(f"{kind or _kind_of_tool(tool)} {name}", 100).strip()
        record = record.parent
    for match in _REFERENCE.finditer(text, segment.start, min(segment.end, segment.start + 1_000)):
        if kind_of(match.group(1)):
            return clean(f"{kind_of(match.group(1))} {match.group(2)}", 100)
    return about


def near(subjects: Iterable[str], about: frozenset[str]) -> frozenset[str]:
    """The subjects that share a word with what the case is about; all of them where none does."""
    every = frozenset(subjects)
    found = frozenset(each for each in every if not each or any(len(word) > 2 for word in telling(each) & about))
    return found if any(found) else every


def asked_for(arguments: Mapping[str, object]) -> str:
    """The object that a call's arguments name; a namespace only where nothing else is named."""
    found = ""
    for key, value in arguments.items():
        if isinstance(value, str) and _NAME.fullmatch(value):
            kind = kind_of(key)
            if kind == "namespace":
                found = found or f"namespace {value}"
            elif kind or words(key) == ["name"]:
                return clean(f"{kind or kind_of(str(arguments.get('kind', '')))} {value}", 100)
    return found
