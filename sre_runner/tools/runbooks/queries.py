"""What is asked for: a query, an alert's payload or a runbook's address, as terms of the index with their weights."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sre_runner.tools.runbooks.words import alike, is_common, of_identifier, parts_of, squashed, stem

LONGEST = 200_000
"""Characters of a query; what comes after them is left out."""
MOST = 60
"""Terms of a query: the weightiest are taken."""

_NAME_KEYS = frozenset({"alertname", "alert", "rulename", "title", "name", "runbookurl", "runbook", "checkname"})
_TEXT_KEYS = frozenset({"summary", "description", "message", "text", "body", "reason", "subject", "details", "query"})
_CERTAIN = frozenset({"alertname", "runbookurl"})
_ALERT, _NAME, _TEXT, _OTHER = 4.0, 2.0, 1.0, 0.2
"""Weights of what a payload says: the alert's name, what may be one, sentences, and all other values."""
_WHOLE = 3.0
"""How much more an identifier weighs that is a runbook's name than each of its parts."""
_ALIKE, _NEAR = 0.35, 0.7
"""How much less a word weighs that means about the same, or is spelt nearly so."""
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[_.\-/:][^\W_]+)*")
_NOISE = re.compile(r"[\d.,:%+-]+|[0-9a-f]{8,}|(?:\d+[a-z]{1,2})+", re.IGNORECASE)
"""Figures, times and digests."""


@dataclass(frozen=True)
class Wanted:
    """One thing that a query asks for: `terms` of the index stand for it, each with its share of `weight`.

    None do where no runbook has the word.
    """

    word: str
    weight: float
    terms: Mapping[str, float]


@dataclass(frozen=True)
class Vocabulary:
    """What the index knows: its terms, its runbooks' names in one word each, and terms spelt nearly like a word."""

    terms: Collection[str]
    names: Collection[str]
    near: Callable[[str], list[str]]


def wanted(query: str, vocabulary: Vocabulary) -> list[Wanted]:
    """What a query asks for, the weightiest first; any text is a query."""
    found: dict[str, Wanted] = {}
    for text, weight in _pieces(query[:LONGEST]):
        for each in _of_text(text, weight, vocabulary):
            before = found.get(each.word)
            if before is None or before.weight < each.weight:
                found[each.word] = each
    return sorted(found.values(), key=lambda each: -each.weight)[:MOST]


def _pieces(query: str) -> Iterator[tuple[str, float]]:
    """The parts of a query with their weights: of JSON its values, of text its sentences and addresses."""
    data: object = None
    if query.lstrip()[:1] in ("{", "["):
        try:
            data = json.loads(query)
        except (ValueError, RecursionError):
            data = None
    if isinstance(data, (dict, list)):
        yield from _of_json(data)
    else:
        yield from _of_string(query, _TEXT)


def _of_json(data: object) -> Iterator[tuple[str, float]]:
    """The strings of a payload, each with the weight that its key gives it."""
    waiting: list[tuple[str, object]] = [("", data)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(squashed(str(name)), inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(key, inner) for inner in reversed(value)]
        elif isinstance(value, str) and key in _CERTAIN:
            yield from _of_string(value, _ALERT)
        elif isinstance(value, str) and not _NOISE.fullmatch(value):
            weight = _NAME if key in _NAME_KEYS else _TEXT if key in _TEXT_KEYS else _OTHER
            yield from _of_string(value, weight)


def _of_string(text: str, weight: float) -> Iterator[tuple[str, float]]:
    """Text without its addresses, and of each address what may name a runbook."""
    yield _URL.sub(" ", text), weight
    for address in _URL.findall(text):
        path, _, fragment = address.rstrip(").,;>\"'").partition("#")
        *before, last = unquote(path.partition("?")[0]).rstrip("/").split("/")
        runbook = re.search(r"runbook|playbook|\.(?:md|markdown)$", address, re.IGNORECASE)
        if runbook and len(before) > 2:  # behind the scheme and the host
            yield re.sub(r"\.\w{1,8}$", "", last), max(weight, _NAME)
            yield fragment, min(weight, _TEXT)


def _of_text(text: str, weight: float, vocabulary: Vocabulary) -> Iterator[Wanted]:
    """What a text asks for: its identifiers whole and in parts, its words, and names that it writes in several words."""
    run: list[str] = []
    for match in _WORD.finditer(text[:20_000]):
        identifier = match.group()
        if _NOISE.fullmatch(identifier):
            continue
        parts = parts_of(identifier)
        run += parts
        for term in of_identifier(identifier):
            if term in parts or len(parts) == 1 or term in map(stem, parts):
                yield _of_word(term, weight, vocabulary)
            elif term in vocabulary.names:
                yield Wanted(term, weight * _WHOLE, {term: 1.0})
            elif term in vocabulary.terms:
                yield Wanted(term, weight, {term: 1.0})
            elif len(parts) > 2 and term == "".join(parts) and (near := vocabulary.near(term)):
                yield Wanted(term, weight, dict.fromkeys(near, 1.0))
    yield from _of_runs(run[:2000], weight, vocabulary)


def _of_word(term: str, weight: float, vocabulary: Vocabulary) -> Wanted:
    """A word by its stem, with those that mean about the same; where no runbook has it, those spelt nearly so."""
    terms = {other: _ALIKE for other in sorted(alike().get(term, ())) if other in vocabulary.terms}
    if term in vocabulary.terms:
        terms[term] = 1.0
    elif not terms:
        terms = dict.fromkeys(vocabulary.near(term), _NEAR)
    return Wanted(term, weight, terms)


def _of_runs(parts: list[str], weight: float, vocabulary: Vocabulary) -> Iterator[Wanted]:
    """Words that make a name together (`Kube Pod Not Ready`), or a word that runbooks write as one (`stateful set`)."""
    for start, first in enumerate(parts):
        joined = first
        for number, part in enumerate(parts[start + 1 : start + 10]):
            joined += part
            if joined in vocabulary.names:
                yield Wanted(joined, weight * _WHOLE, {joined: 1.0})
            elif number == 0 and joined in vocabulary.terms and not (is_common(first) or is_common(part)):
                yield Wanted(joined, weight, {joined: 1.0})
