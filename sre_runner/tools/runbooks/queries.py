"""What is asked for: a query, an alert's payload or a runbook's address, as terms of the index with their weights."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from urllib.parse import unquote

from sre_runner.tools.runbooks.words import alike, is_common, parts_of, raw_identifiers, squashed, stem

LONGEST = 200_000
"""Characters of a query; what comes after them is left out."""
MOST = 60
"""Terms of a query: the weightiest are taken."""

_LOOKED_AT = 500
"""Words of a query that are looked up, those of weightier parts first."""
_NAME_KEYS = frozenset({"alertname", "alert", "rulename", "title", "name", "runbookurl", "runbook", "checkname"})
_TEXT_KEYS = frozenset({"summary", "description", "message", "text", "body", "reason", "subject", "details", "query"})
_CERTAIN = frozenset({"alertname", "runbookurl"})
_ALERT, _NAME, _TEXT, _OTHER = 4.0, 2.0, 1.0, 0.2
"""Weights of what a payload says: the alert's name, what may be one, sentences, and all other values."""
_WHOLE = 3.0
"""How much more an identifier weighs that is a runbook's name than each of its parts."""
_RUN = 10
"""Words that a name has at most."""
_PAIR = 0.5
"""How much two words weigh that runbooks write as one, beside each of them."""
_ALIKE, _NEAR = 0.25, 0.7
"""How much less a word weighs that means about the same, or is spelt nearly so."""
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_PARTED = re.compile(r"[_.\-/:\d]")
"""In identifiers: names of services, pods and hosts, which runbooks seldom mention."""
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
    """What the index knows: its terms, its runbooks' names in one word each, their words as they are written, and how
    to find those that are spelt nearly like another."""

    terms: Collection[str]
    names: Collection[str]
    words: Collection[str]
    near: Callable[[str], list[str]]


def wanted(query: str, vocabulary: Vocabulary) -> list[Wanted]:
    """What a query asks for, the weightiest first; any text is a query."""
    found: dict[str, Wanted] = {}
    pieces = sorted(_pieces(query[:LONGEST]), key=lambda piece: -piece[1])
    everything = (each for text, weight in pieces for each in _of_text(text, weight, vocabulary))
    for each in islice(everything, _LOOKED_AT):
        before = found.get(stem(each.word))
        if before is None or before.weight < each.weight:
            found[stem(each.word)] = each
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
    """What a text asks for: words, identifiers whole and in parts, and names that it writes in several words."""
    run: list[str] = []
    for identifier in raw_identifiers(text[:20_000]):
        if _NOISE.fullmatch(identifier):
            continue
        parts = parts_of(identifier)
        for part in parts:
            near = [] if is_common(part) or weight < _TEXT else vocabulary.near(part)
            run.append(near[0] if near else part)
            if len(part) > 1 and not is_common(part):
                each = _of_word(part, near, weight, vocabulary)
                yield each if each.terms or not _PARTED.search(identifier) else replace(each, weight=weight * _OTHER)
        if len(parts) > 1:
            yield from _of_whole("".join(parts), weight, vocabulary)
    yield from _of_runs(run[:2000], weight, vocabulary)


def _of_word(word: str, near: list[str], weight: float, vocabulary: Vocabulary) -> Wanted:
    """A word by its stem, with those that mean about the same; where no runbook has it, those spelt nearly so."""
    terms = {stem(other): _NEAR for other in near}
    for written in [word, *near[:1]]:
        for other in sorted(alike().get(stem(written), ())):
            terms.setdefault(other, _ALIKE)
    terms |= {stem(word): 1.0} | ({word: 1.0} if word in vocabulary.names else {})
    return Wanted(word, weight, {term: share for term, share in terms.items() if term in vocabulary.terms})


def _of_whole(joined: str, weight: float, vocabulary: Vocabulary) -> Iterator[Wanted]:
    """An identifier as a whole, where runbooks have it, or one that is spelt nearly so."""
    if joined in vocabulary.names:
        yield Wanted(joined, weight * _WHOLE, {joined: 1.0})
    elif joined in vocabulary.terms:
        yield Wanted(joined, weight, {joined: 1.0})
    elif near := [word for word in vocabulary.near(joined) if word in vocabulary.names]:
        yield Wanted(joined, weight * _WHOLE, dict.fromkeys(near, _NEAR))


def _of_runs(parts: list[str], weight: float, vocabulary: Vocabulary) -> Iterator[Wanted]:
    """Words that make a name together (`Kube Pod Not Ready`), or a word that runbooks write as one (`stateful set`)."""
    start = 0
    while start < len(parts) - 1:
        ends = range(start + _RUN, start + 1, -1)
        end = next((end for end in ends if "".join(parts[start:end]) in vocabulary.names), None)
        if end is not None:
            name = "".join(parts[start:end])
            yield Wanted(name, weight * _WHOLE, {name: 1.0})
        start = end or start + 1
    for one, other in pairwise(parts):
        joined = stem(one + other)
        if min(len(one), len(other)) > 1 and one + other in vocabulary.words and joined in vocabulary.terms:
            yield Wanted(joined, weight * _PAIR, {joined: 1.0})
