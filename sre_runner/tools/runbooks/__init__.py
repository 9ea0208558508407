"""Search in a folder of Markdown runbooks: BM25 over names, headings and text, answered with passages.

The ranking is that of the package `lunr` (`pip install 'sre-run[runbooks]'`), imported where a folder is first loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

from sre_runner.errors import RunnerError
from sre_runner.naming import listed
from sre_runner.tools.runbooks.files import Found, Skipped, find, text_of
from sre_runner.tools.runbooks.markdown import Runbook, parse
from sre_runner.tools.runbooks.passages import Passage, passage
from sre_runner.tools.runbooks.queries import Vocabulary, Wanted, wanted
from sre_runner.tools.runbooks.words import squashed, words

if TYPE_CHECKING:
    from lunr.index import Index

PASSAGE = 2000
"""Characters of a passage, if nobody says otherwise."""
_BOOSTS = {"names": 3, "headings": 1.5, "text": 1}
"""How much the fields of a runbook count."""
_SHARE = 0.3
"""How much of what a query asks for a runbook must have, by weight and rarity, to be shown at all."""
_BESIDE = 0.25
"""How near the best one's score that of a runbook must be to be shown beside it."""


@dataclass(frozen=True)
class Matches:
    """What a search found: passages of different runbooks, best first, and in words where there are none."""

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
        self._vocabulary = Vocabulary(self._rarity, names & self._rarity.keys(), self._near)

    def search(self, query: str, top: int = 3, limit: int = PASSAGE) -> Matches:
        """The best passages for a query of any kind, at most `top`, each of another runbook and of `limit` characters.

        A query is words, an alert's name, an alert's payload in JSON, or the address of a runbook. Of equal ones the
        first by path comes first. What has too little of the query is left out: then `passages` is empty and `note`
        says so.
        """
        asked = wanted(query, self._vocabulary)
        ranked = self._ranked(asked)
        terms = {term: self._rarity[term] * share for each in asked for term, share in each.terms.items()}
        best = ranked[0][1] if ranked else 0.0
        shown = [number for number, score in ranked[: max(top, 0)] if score >= best * _BESIDE]
        passages = tuple(passage(self.runbooks[number], terms, limit) for number in shown)
        return Matches(passages, "" if passages else self._nothing(asked))

    def _ranked(self, asked: list[Wanted]) -> list[tuple[int, float]]:
        """The numbers of the runbooks that have enough of what is asked for, with their scores, best first."""
        from lunr.query import Query

        query = Query(list(_BOOSTS))
        weights: dict[str, float] = {}
        for each in asked:
            for term, share in each.terms.items():
                weights[term] = max(weights.get(term, 0.0), each.weight * share)
        for term, weight in weights.items():
            query.clause(term, boost=weight, use_pipeline=False)
        if not query.clauses:
            return []
        found = []
        for match in self._index.query(query):
            if self._share(asked, match["match_data"].metadata) >= _SHARE:
                found.append((int(match["ref"]), round(float(match["score"]), 6)))
        return sorted(found, key=lambda each: (-each[1], each[0]))

    def _share(self, asked: list[Wanted], has: Mapping[str, object]) -> float:
        """How much of what is asked for a runbook has, from 0 to 1."""
        unknown = log(1 + len(self.runbooks))
        had = total = 0.0
        for each in asked:
            rarity = max((self._rarity[term] for term in each.terms), default=unknown)
            total += each.weight * rarity
            had += each.weight * max((self._rarity[term] * share for term, share in each.terms.items() if term in has), default=0.0)
        return had / total if total else 0.0

    def _near(self, word: str) -> list[str]:
        """Terms one edit away from a word, at most three."""
        from lunr.token_set import TokenSet

        if len(word) < 5 or not word.isalnum():
            return []
        near = self._index.token_set.intersect(TokenSet.from_fuzzy_string(word, 1)).to_list()
        return sorted({str(term) for term in near if len(term) > 3})[:3]

    def _nothing(self, asked: list[Wanted]) -> str:
        count = len(self.runbooks)
        if not count:
            return "There are no runbooks to search."
        if not asked:
            return f"The query has no word to search for in {count} runbooks."
        unknown = [each.word for each in asked if not each.terms]
        note = f"None of the {count} runbooks matches."
        if unknown:
            note += f" No runbook mentions {listed(unknown, 8)}."
        return f"{note} Try the alert's name, or other words for the symptoms."


def _indexed(runbooks: tuple[Runbook, ...]) -> tuple[Index, dict[str, float]]:
    """The index of runbooks, numbered as they come, and how rare each of its terms is."""
    try:
        from lunr.builder import Builder
    except ImportError:
        raise RunnerError(
            "searching runbooks needs the package `lunr`, which is not installed",
            "Install it: pip install 'sre-run[runbooks]'",
        ) from None
    builder = Builder()
    builder.ref("number")
    for field, boost in _BOOSTS.items():
        builder.field(field, boost)
    counts: dict[str, int] = {}
    for number, runbook in enumerate(runbooks):
        fields = {
            "names": [word for name in runbook.names for word in words(name)],
            "headings": [word for heading in runbook.headings for word in words(heading)],
            "text": [word for section in runbook.sections for word in words(section.text)],
        }
        builder.add({"number": number, **fields})
        for term in set().union(*fields.values()):
            counts[term] = counts.get(term, 0) + 1
    total = len(runbooks)
    rarity = {term: log(1 + (total - count + 0.5) / (count + 0.5)) for term, count in counts.items()}
    return builder.build(), rarity


_LOADED: dict[Path, tuple[tuple[Found, ...], Runbooks]] = {}
_LOADING = threading.Lock()


def load(folder: Path) -> Runbooks:
    """The runbooks of a folder, indexed once per process until one of its files is another or has changed.

    Raise `RunnerError` where the folder cannot be read or `lunr` is not installed.
    """
    found, skipped = find(folder)
    key = folder.resolve()
    with _LOADING:
        before = _LOADED.get(key)
        if before is not None and before[0] == found:
            return before[1]
        texts = [(each.name, text_of(each)) for each in found]
        unread = [text for _, text in texts if isinstance(text, Skipped)]
        loaded = Runbooks((parse(name, text) for name, text in texts if isinstance(text, str)), (*skipped, *unread))
        _LOADED[key] = (found, loaded)
        return loaded
