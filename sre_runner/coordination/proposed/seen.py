"""The names that a run has shown: in its inputs, its answers, its runbooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_PARTS = 32
"""Parts of a written word that count as shown each; one with more is data and no name."""

_WRITTEN = re.compile(r"[\w./:@=~+-]+")
_SIGN = re.compile(r"[/:@=]+")
_ESCAPED = re.compile(r"\\[nrt\"]")
_EDGES = "./:@=~+-"
_IN_CLUSTER = re.compile(r"([\w-]+)\.([\w-]+)(?:\.(?:svc|pod)(?:\.[\w.-]+)?)?$")
_OF_WORKLOAD = re.compile(r"(.+?)(?:-(?=[a-z]*\d)[a-z0-9]{6,10})?-(?:[a-z0-9]{5}|\d{1,3})$")
_LONGEST = 256


@dataclass(frozen=True)
class Seen:
    """The words that texts have shown, small, and the workloads that their pods belong to."""

    words: frozenset[str]
    workloads: frozenset[str]

    @staticmethod
    def of(texts: Iterable[str]) -> Seen:
        """What texts show. `payments/payment-gateway:v2` shows each of its parts, and what is before or behind a sign;
        a pod shows its workload. Linear in the length of the texts."""
        written = {word for text in texts for word in _WRITTEN.findall(_ESCAPED.sub(" ", text.casefold()))}
        words = frozenset(part for word in written for part in _parts(word.strip(_EDGES)))
        pods = (_OF_WORKLOAD.match(each) for each in words if "-" in each and len(each) <= _LONGEST)
        return Seen(words, frozenset(each[1] for each in pods if each))

    def shows(self, kind: str, name: str) -> bool:
        """Whether a name of that kind was shown, in any case. What has several parts is shown where each of them is,
        but a path only as it stands, or as what a longer one begins with."""
        text = name.casefold().strip(_EDGES)
        if text in self.words or (kind == "workload" and text in self.workloads):
            return True
        if kind == "unit":
            return text.removesuffix(".service") in self.words
        if kind == "host" and (found := _IN_CLUSTER.match(text)):
            return found[1] in self.words and found[2] in self.words
        if kind == "table" and "." in text:
            return text.rpartition(".")[2] in self.words
        parts = _SIGN.split(text) if kind not in ("path", "file") else []
        return len(parts) > 1 and all(part in self.words for part in parts)


def _parts(word: str) -> Iterator[str]:
    """A written word, its parts, and all that is before or behind a sign in it."""
    if not word:
        return
    yield word
    signs = list(_SIGN.finditer(word)) if len(word) <= _LONGEST else list(_SIGN.finditer(word, 0, _LONGEST))
    yield from (part.strip(_EDGES) for part in _SIGN.split(word, MOST_PARTS)[:MOST_PARTS])
    if len(word) <= _LONGEST:
        for sign in signs[:MOST_PARTS]:
            yield word[: sign.start()].strip(_EDGES)
            yield word[sign.end() :].strip(_EDGES)
