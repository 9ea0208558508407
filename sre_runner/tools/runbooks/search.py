"""Search in a folder of Markdown runbooks: BM25 over names, headings and text, answered with passages.

The ranking is that of the package `lunr` (`pip install 'sre-run[runbooks]'`), imported where a folder is first loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

from sre_runner.errors import RunnerError
from sre_runner.text.naming import listed
from sre_runner.tools.runbooks.files import Found, Skipped, find, text_of
from sre_runner.tools.runbooks.markdown import Runbook, parse
from sre_runner.tools.runbooks.passages import Passage, passage
from sre_runner.tools.runbooks.queries import Vocabulary, Wanted, wanted
from sre_runner.tools.runbooks.spelling import Spelling
from sre_runner.tools.runbooks.words import squashed, words

if TYPE_CHECKING:
    from lunr.index import Index

PASSAGE = 2000
"""Characters of a passage, if nobody says otherwise."""
_FIELD = "words"
_NAMES, _LEAD, _HEADINGS = 6, 1, 1
"""How many times more what a runbook goes by, its first paragraph and its headings are indexed than its text."""
_B, _K1 = 0.75, 2.0
"""BM25: how much long runbooks are held back, and how slowly a word that comes again stops counting."""
_LONGEST = 20_000
"""Words of a runbook that are indexed; what comes after them is in no runbook that people wrote."""
_SHARE = 0.3
"""How much of what a query asks for a runbook must have, by weight and rarity, to be shown at all."""
_NEARLY = 0.7
"""How much of a word a runbook has that only has one of about the same meaning, or one spelt nearly so."""
_WEAK = 0.5
"""Below this share the best runbook is called a weak match."""
_BESIDE = 0.25
"""How near the best one's score that of a runbook must be to be shown beside it."""


@dataclass(frozen=True)
class _Ranked:
    """A runbook that was found, by its number, with its score and how much of what was asked for it has."""

    number: int
    score: float
    share: float


@dataclass(frozen=True)
class Matches:
    """What a search found: passages of different runbooks, best first.

    `note` says in words that nothing was found, or nothing that fits well, and what to try; otherwise it is empty.
    """

    passages: tuple[Passage, ...]
    note: str = ""


class Runbooks:
    """The runbooks of one folder, indexed. Make it with `load`; it never changes."""

    def __init__(self, runbooks: Iterable[Runbook], skipped: Iterable[Skipped] = ()) -> None:
        """Index runbooks; raise `RunnerError` where `lunr` is not installed."""
        self.runbooks = tuple(runbooks)
        self.skipped = tuple(skipped)
        self._index, self._rarity = _indexed(self.runbooks)
        names = {squashed(name) for runbook in self.runbooks for name in runbook.names}
        spelling = Spelling(text for runbook in self.runbooks for text in (*runbook.names, *runbook.texts))
        self._vocabulary = Vocabulary(self._rarity, names & self._rarity.keys(), spelling.words, spelling.near)

    def search(self, query: str, top: int = 3, limit: int = PASSAGE) -> Matches:
        """The best passages for a query of any kind, at most `top`, each of another runbook and of `limit` characters.

        A query is words, an alert's name, an alert's payload in JSON, or the address of a runbook. Of equal ones the
        first by path comes first. Runbooks that have too little of the query are left out.
        """
        asked = wanted(query, self._vocabulary)
        ranked = list(islice(self._ranked(asked), max(top, 1)))
        terms = {term: self._rarity[term] * share for each in asked for term, share in each.terms.items()}
        shown = [each for each in ranked[: max(top, 0)] if each.score >= ranked[0].score * _BESIDE]
        passages = tuple(passage(self.runbooks[each.number], terms, limit) for each in shown)
        return Matches(passages, self._note(asked, ranked))

    def _ranked(self, asked: list[Wanted]) -> Iterator[_Ranked]:
        """The runbooks that have enough of what is asked for, best first, of equal ones the first by path."""
        from lunr.query import Query

        weights: dict[str, float] = {}
        for each in asked:
            for term, share in each.terms.items():
                weights[term] = max(weights.get(term, 0.0), each.weight * share)
        if self._index is None or not weights:
            return
        query = Query([_FIELD])
        for term, weight in weights.items():
            query.clause(term, boost=weight, use_pipeline=False)
        # Rounded, so that scores that are equal but for the order of a sum are equal.
        scored = ((round(each["score"], 6), int(each["ref"]), each["match_data"]) for each in self._index.query(query))
        for score, number, data in sorted(scored, key=lambda each: (-each[0], each[1])):
            share = self._share(asked, data.metadata)
            if share >= _SHARE:
                yield _Ranked(number, score, share)

    def _share(self, asked: list[Wanted], has: Container[str]) -> float:
        """How much of what is asked for a runbook has, from 0 to 1; words of about the same meaning count nearly."""
        unknown = log(1 + len(self.runbooks))
        had = total = 0.0
        for each in asked:
            total += each.weight * max((self._rarity[term] for term in each.terms), default=unknown)
            here = ((self._rarity[term], share) for term, share in each.terms.items() if term in has)
            had += each.weight * max((rarity * (1 if share == 1 else _NEARLY) for rarity, share in here), default=0.0)
        return had / total if total else 0.0

    def _note(self, asked: list[Wanted], ranked: list[_Ranked]) -> str:
        """What there is to say of a search that found nothing, or nothing that fits well."""
        count = len(self.runbooks)
        if ranked and ranked[0].share >= _WEAK:
            return ""
        if not count:
            return "There are no runbooks to search."
        if not asked:
            return f"The query has no word to search for. There are {count} runbooks."
        unknown = [each.word for each in asked if not each.terms]
        found = "Weak match: check that the runbook fits." if ranked else f"None of the {count} runbooks matches."
        missing = f" No runbook mentions {listed(unknown, 8)}." if unknown else ""
        return f"{found}{missing} Try the alert's name, or other words for the symptoms."


def _indexed(runbooks: tuple[Runbook, ...]) -> tuple[Index | None, dict[str, float]]:
    """The index of runbooks, numbered as they come, and how rare each of its terms is."""
    try:
        from lunr.builder import Builder
    except ImportError:
        raise RunnerError(
            "searching runbooks needs the package `lunr`, which is not installed",
            "Install it: pip install 'sre-run[runbooks]'",
        ) from None
    if not runbooks:
        return None, {}
    builder = Builder()
    builder.ref("number")
    builder.field(_FIELD)
    builder.b(_B)
    builder.k1(_K1)
    counts: dict[str, int] = {}
    for number, runbook in enumerate(runbooks):
        found = _words_of(runbook)
        builder.add({"number": number, _FIELD: found})
        for term in set(found):
            counts[term] = counts.get(term, 0) + 1
    total = len(runbooks)
    rarity = {term: log(1 + (total - count + 0.5) / (count + 0.5)) for term, count in counts.items()}
    return builder.build(), rarity


def _words_of(runbook: Runbook) -> list[str]:
    """The words of a runbook, those that say most of it again."""
    names = [word for name in runbook.names for word in dict.fromkeys((*words(name), squashed(name)))]
    headings = [word for heading in runbook.headings for word in words(heading)]
    text = islice((word for text in runbook.texts for word in words(text)), _LONGEST)
    return [*names * _NAMES, *[*words(runbook.lead)] * _LEAD, *headings[:_LONGEST] * _HEADINGS, *text]


_LOADED: dict[Path, tuple[tuple[tuple[Found, ...], tuple[Skipped, ...]], Runbooks]] = {}
_LOADING = threading.Lock()


def load(folder: Path) -> Runbooks:
    """The runbooks of a folder, indexed once per process until one of its files is another or has changed.

    Raise `RunnerError` where the folder cannot be read or `lunr` is not installed.
    """
    there = find(folder)
    found, skipped = there
    key = folder.resolve()
    with _LOADING:
        before = _LOADED.get(key)
        if before is not None and before[0] == there:
            return before[1]
        texts = [(each.name, text_of(each)) for each in found]
        unread = [text for _, text in texts if isinstance(text, Skipped)]
        loaded = Runbooks((parse(name, text) for name, text in texts if isinstance(text, str)), (*skipped, *unread))
        _LOADED[key] = (there, loaded)
        return loaded
