"""The names that a run has shown: in its inputs, its answers, its runbooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sre_runner.coordination.proposed.names import known

MOST_PARTS = 32
"""Parts of a written word that count as shown each; one with more is data and no name."""

_WRITTEN = re.compile(r"[\w./:@=~+-]+")
_SIGN = re.compile(r"[/:@=]+")
_ESCAPED = re.compile(r"\\[nrt]")
_VALUE = re.compile(
    r"(?:[\"'`=/@(\[,|\t]|: |  |^|\s--?[\w-]{1,40} )([A-Za-z]+)(?![\w./@=~+-])(?!\"?[ ]?:(?:\s|$))", re.MULTILINE
)
"""A plain word where a value stands: quoted, behind a sign or an option, in a column, and not the key of something."""
_PROGRAMS = "|".join(sorted(known() - {"host", "service"}))  # which begin sentences, too
_COMMAND = re.compile(rf"(?:`|^[ \t]*(?:[$] )?)(?:sudo )?(?:{_PROGRAMS})\b[^`\n]{{1,400}}", re.MULTILINE)
"""A command, as runbooks have them: all of its words count."""
_KEY = re.compile(r"=|:(?!\d)")
"""Behind a key: in `status=failed` and `status:failed`. In `orders:5432` it may be a host."""
_EDGES = "./:@=~+-"
_IN_CLUSTER = re.compile(r"([\w-]+)\.([\w-]+)(?:\.(?:svc|pod)(?:\.[\w.-]+)?)?$")
_OF_WORKLOAD = re.compile(r"(.+?)(?:-(?=[a-z]*\d)[a-z0-9]{6,10})?-(?:[a-z0-9]{5}|\d{1,3})$")
_OF_SCHEMA = re.compile(r"[A-Za-z_]{1,64}\.([A-Za-z_]{1,64})$")
_LONGEST = 256


@dataclass(frozen=True)
class Seen:
    """The words that texts have shown, small, and the workloads that their pods belong to."""

    words: frozenset[str]
    small: frozenset[str]
    workloads: frozenset[str]

    @staticmethod
    def of(answers: Iterable[str], told: Iterable[str] = ()) -> Seen:
        """What texts show, in time linear in their length: `payments/payment-gateway:v2` each of its parts, and what is
        before or behind a sign; a pod its workload.

        A plain word of letters (`status`) is no name by standing somewhere in an answer: it has to be a value there.
        What people `told` the run (its task, inputs, alert) counts as it stands.
        """
        shown = {part for text in told for word in _written(text) for part in _parts(word, plain=True)}
        for text in answers:
            shown.update(part for word in _written(text) for part in _parts(word, plain=False))
            lines = _ESCAPED.sub("\n", text)
            shown.update(_VALUE.findall(lines))
            shown.update(word for command in _COMMAND.findall(lines) for word in command.split() if word.isalpha())
        pods = (_OF_WORKLOAD.match(each) for each in shown if "-" in each and len(each) <= _LONGEST)
        tables = (found[1] for each in shown if (found := _OF_SCHEMA.match(each)))
        small = frozenset(each.casefold() for each in (*shown, *tables))
        return Seen(frozenset(shown), small, frozenset(each[1] for each in pods if each))

    def shows(self, kind: str, name: str) -> bool:
        """Whether a name of that kind was shown. What has several parts is shown where each of them is, but a path only
        as it stands, or as what a longer one begins with. Only hosts, databases and tables may differ in case."""
        text, words = name.strip(_EDGES), self.words
        if kind in ("host", "database", "table"):
            text, words = text.casefold(), self.small
        if text in words or (kind == "workload" and text in self.workloads):
            return True
        if kind == "unit":
            return text.removesuffix(".service") in words
        if kind == "host" and (found := _IN_CLUSTER.match(text)):
            return found[1] in words and found[2] in words
        if kind == "table" and "." in text:
            return text.rpartition(".")[2] in words
        parts = _SIGN.split(text) if kind not in ("path", "file") else []
        return len(parts) > 1 and all(part in words for part in parts)


def _written(text: str) -> set[str]:
    return set(_WRITTEN.findall(_ESCAPED.sub(" ", text)))


def _parts(written: str, *, plain: bool) -> Iterator[str]:
    """A written word, its parts, and all that is before or behind a sign in it; plain words only where they count."""
    word = written.strip(_EDGES)
    if word and (plain or not word.isalpha()):
        yield word
    signs = list(_SIGN.finditer(word, 0, _LONGEST))[:MOST_PARTS]
    starts = [0, *(each.end() for each in signs)] if signs else []
    ends = [*(each.start() for each in signs), len(word)]
    for start, end in zip(starts, ends, strict=False):
        part = word[start:end].strip(_EDGES)
        if part and (plain or not part.isalpha() or not _KEY.match(word, end)):
            yield part
    if ".svc" in word and (found := _IN_CLUSTER.match(word[: ends[0]])):
        yield from (found[1], found[2])
    if len(word) <= _LONGEST:
        yield from (word[: sign.start()].strip(_EDGES) for sign in signs[1:])
        yield from (word[sign.end() :].strip(_EDGES) for sign in signs[:-1])
