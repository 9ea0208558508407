"""Which names of a proposed command nothing in a run has shown: no answer, no input, no runbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sre_runner.proposed.names import Name, names

NOT_SEEN = "not seen in this run"
MOST_PARTS = 32
"""Parts of a token that count as seen each; a longer one is data and no name."""

MOST_LONG = 256
"""Characters of a token whose longer parts count as seen."""

_TOKEN = re.compile(r"[\w./:@=~+-]+")
_SIGN = re.compile(r"[/:@=]+")
_EDGES = "./:@=~+-"
_IN_CLUSTER = re.compile(r"([\w-]+)\.([\w-]+)\.(?:svc|pod)(?:\.[\w.-]+)?$")
_OF_WORKLOAD = re.compile(r"(.+?)(?:-(?=[a-z]*\d)[a-z0-9]{6,10})?-(?:[a-z0-9]{5}|\d{1,3})$")
_ANY_CASE = frozenset(("host", "database", "table"))


@dataclass(frozen=True)
class Seen:
    """The names that were shown in a run, as whole tokens and their parts: `payments/payment-gateway` shows both."""

    tokens: frozenset[str]
    folded: frozenset[str]
    workloads: frozenset[str]

    @staticmethod
    def of(texts: Iterable[str]) -> Seen:
        """What texts show: the answers, inputs and runbooks of a run."""
        written = {token for text in texts for token in _TOKEN.findall(text)}
        tokens = frozenset(part for token in written for part in _parts(token.strip(_EDGES)))
        workloads = frozenset(
            found[1] for each in tokens if "-" in each and (found := _OF_WORKLOAD.match(each[:MOST_LONG]))
        )
        return Seen(tokens, frozenset(each.casefold() for each in tokens), workloads)

    def shows(self, name: Name) -> bool:
        """Whether a name was shown. A pod shows its workload; a name with parts is shown if each of them was."""
        text = name.text.strip(_EDGES) if name.kind in ("path", "file") else name.text
        if text in self.tokens or (name.kind in _ANY_CASE and text.casefold() in self.folded):
            return True
        if name.kind == "workload" and text in self.workloads:
            return True
        if name.kind in ("image", "resource") and "/" in text:
            return text.rpartition("/")[2] in self.tokens and text.partition("/")[0] in self.tokens
        if name.kind == "table" and "." in text:
            return text.rpartition(".")[2].casefold() in self.folded
        if name.kind == "unit":
            return text.removesuffix(".service") in self.tokens or f"{text}.service" in self.tokens
        if name.kind == "host" and (found := _IN_CLUSTER.match(text)):
            return found[1] in self.tokens and found[2] in self.tokens
        return False


def unseen(command: str, seen: Seen) -> tuple[Name, ...]:
    """The names of a command that nothing has shown, in the order of their places."""
    return tuple(each for each in names(command) if not seen.shows(each))


def _parts(token: str) -> Iterator[str]:
    """A token and its parts; of a short one also all that is before or behind a sign, such as an image without its
    tag or a path up to one of its folders."""
    if not token:
        return
    yield token
    parts = _SIGN.split(token, MOST_PARTS)
    if len(parts) > 1:
        yield from (part.strip(_EDGES) for part in parts[:MOST_PARTS])
        if len(token) <= MOST_LONG:
            for sign in list(_SIGN.finditer(token))[:MOST_PARTS]:
                yield token[: sign.start()]
                yield token[sign.end() :]
    if ".svc" in parts[0] and (inside := _IN_CLUSTER.match(parts[0][:MOST_LONG])):
        yield from (inside[1], inside[2])
