"""What a text says that another has not said: models repeat themselves, and a person has to read it only once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sre_runner.models.offline.notice import BRIEFLY

_CLAUSES = re.compile(r"(?<=[.!?])\s+|(?<=;)\s+")
_LEAD = re.compile(r"\s*\w[\w -]{0,24}:\s+")
_WORDS = re.compile(r"[^\W_]+(?:[.:/_-][^\W_]+)*")
_JOINTS = frozenset(("a", "an", "and", "the", "of", "at", "in", "on"))
_DENIALS = frozenset(("no", "not", "never", "none", "without", "cannot", "neither", "nor"))
MOST_WORDS = 4000
"""Words of what was said that are compared."""


def fresh(text: str, said: Sequence[str]) -> str:
    """The text without the clauses whose words stand in their order in one of the texts that were said.

    Only whole clauses go, and none where what was said has a denial among these words that the clause has not. The mark
    of a rehearsal goes, too: the document begins with it.
    """
    text = text.strip().removeprefix(BRIEFLY).strip()
    known = [list(_words(each))[:MOST_WORDS] for each in said]
    clauses = _CLAUSES.split(text)
    left = [clause for clause in clauses if not _is_said(list(_words(_LEAD.sub("", clause, count=1))), known)]
    return text if len(left) == len(clauses) else _closed(" ".join(left))


def _closed(text: str) -> str:
    return f"{text[:-1]}." if text.endswith(";") else text


def _words(text: str) -> Iterator[str]:
    return (word for word in _WORDS.findall(text.casefold()) if word not in _JOINTS)


def _is_said(clause: Sequence[str], known: Sequence[Sequence[str]]) -> bool:
    return bool(clause) and any(_stands_in(clause, words) for words in known)


def _stands_in(clause: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words of a clause come in this order, with no denial between them that is not the clause's own."""
    place = 0
    for word in words:
        if word == clause[place]:
            place += 1
            if place == len(clause):
                return True
        elif word in _DENIALS:
            place = 0
    return False
