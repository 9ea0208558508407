"""Text to the words that are indexed and looked for: identifiers whole and in parts, plain words by their stems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

_IDENTIFIER = re.compile(r"[^\W_]+(?:[_.\-/:][^\W_]+)*")
"""A word, or words that one of `_.-/:` joins: `node_filesystem_free_bytes`, `kube-proxy`, `pod/payment-gw-1`."""
_HUMP = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+|[^\WA-Za-z\d_]+")
"""A part of a CamelCase name: `Kube`, `OOM`, `v2`, and letters of other alphabets as they come."""
LONGEST = 64
"""Characters of a word; longer ones are digests and keys, which nobody looks for."""

_LONGEST_IDENTIFIER = 256

_COMMON_WORDS = """
a about above after again all also am an and any are as at be because been before being below between both but by can
could did do does doing during each either else ever every for from further get gets getting got had has have having he
her here hers him his how i if in into is it its itself just like may me might more most must my of off often on once
only or other our ours own please rather same she should since so some still such than that the their theirs them then
there these they this those through to too until up upon us very via was we were what when where whether which while who
whom whose why will with would yet you your yours
"""
_COMMON = frozenset(_COMMON_WORDS.split())
"""Words that carry no meaning alone. `no`, `not`, `out` and `down` do: names of alerts are made of them."""

_GROUPS = (
    ("disk", "filesystem", "storage"),
    ("full", "fill", "space", "exhausted", "capacity"),
    ("oom", "oomkilled", "memory"),
    ("certificate", "cert", "certs", "tls", "x509", "ssl"),
    ("database", "db", "postgres", "postgresql", "mysql", "sql"),
    ("kubernetes", "kube", "k8s"),
    ("pvc", "pv", "persistentvolume", "persistentvolumeclaim", "volume"),
    ("latency", "slow", "slowness", "delay"),
    ("crash", "crashloop", "crashlooping", "crashloopbackoff", "restart"),
    ("config", "configuration", "configmap", "setting"),
    ("deploy", "deployment", "release", "rollout"),
    ("dns", "coredns", "nxdomain", "servfail"),
    ("queue", "backlog", "lag", "kafka", "rabbitmq"),
    ("node", "machine", "host", "worker", "vm"),
    ("error", "fail", "failure", "5xx", "500"),
    ("down", "unreachable", "unavailable", "absent", "disappeared", "dead", "offline"),
    ("no", "lost", "lose", "missing", "without"),
    ("pending", "unschedulable", "scheduling"),
    ("image", "imagepullbackoff", "errimagepull", "registry"),
    ("throttle", "throttling", "limit", "quota"),
    ("hpa", "autoscaler", "autoscaling", "horizontalpodautoscaler"),
    ("auth", "authentication", "login", "credentials"),
    ("clock", "time", "ntp", "chrony"),
    ("alertmanager", "notification"),
)
"""What people on call use for the same thing, or side by side. A word finds the others of its group, at less weight."""


def words(text: str) -> Iterator[str]:
    """The words of a text in their order: identifiers whole, in parts and in pairs of neighbouring parts."""
    for identifier in raw_identifiers(text):
        yield from of_identifier(identifier)


def raw_identifiers(text: str) -> Iterator[str]:
    """The words of a text as they are written, those that `_.-/:` joins in one; of long ones the beginning."""
    return (match.group()[:_LONGEST_IDENTIFIER] for match in _IDENTIFIER.finditer(text))


@lru_cache(maxsize=20_000)
def of_identifier(name: str) -> tuple[str, ...]:
    """The words of one identifier: `CrashLooping_2` gives the stems of its parts, `crash` and `loop`, `crashloop` for
    neighbours, and all of it, `crashlooping2`."""
    parts = parts_of(name)
    stems = [stem(part) for part in parts]
    found = [each for each, part in zip(stems, parts, strict=True) if len(part) > 1 and part not in _COMMON]
    if len(parts) > 1:
        found += [one + other for one, other in pairwise(stems) if len(one) > 1 and len(other) > 1]
        found.append("".join(parts))
    return tuple(dict.fromkeys(word for word in found if len(word) <= LONGEST))


def parts_of(name: str) -> list[str]:
    """The parts of an identifier, in lower case: `NodeRAIDDegraded` gives `node`, `raid`, `degraded`."""
    return [part.lower() for part in _HUMP.findall(name)]


def squashed(text: str) -> str:
    """A name as people may write it in many ways, written in one: `Kube Pod-NotReady` gives `kubepodnotready`."""
    return "".join(parts_of(text))


def is_common(word: str) -> bool:
    """Whether a word, in lower case, carries no meaning alone."""
    return word in _COMMON


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a word in lower case: `looping` and `loops` give `loop`."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    from lunr.stemmer import PorterStemmer

    return str(PorterStemmer().stem(word))


@cache
def alike() -> dict[str, frozenset[str]]:
    """The stems that stand for a stem as well."""
    found: dict[str, frozenset[str]] = {}
    for group in _GROUPS:
        stems = frozenset(stem(word) for word in group)
        for word in stems:
            found[word] = found.get(word, frozenset()) | (stems - {word})
    return found
