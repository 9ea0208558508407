"""Words of identifiers and sentences, so that names, descriptions and values can be compared."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WHOLE = re.compile(r"[A-Za-z]{2,60}")
_LONGEST = 20_000

_STOP_WORDS = """
a an and any are as at be been began but by can could customer did do does for from had has have here how i if
in into is it its me more my no not of on or our out please report say see seem seems should show since so
some such than that the their them then there these they this those to up us was we were what when where which
while who why will with would you your about after ago all also before between each every just may might most
must only other over s t re ve minute hour several use using call first
"""
STOP = frozenset(_STOP_WORDS.split())

SAME = {
    "db": "database",
    "svc": "service",
    "ns": "namespace",
    "po": "pod",
    "deploy": "deployment",
    "deploys": "deployment",
    "deployed": "deployment",
    "app": "application",
    "pvc": "persistentvolumeclaim",
    "pv": "persistentvolume",
    "cm": "configmap",
    "config": "configuration",
    "rollouts": "deployment",
    "release": "deployment",
    "releases": "deployment",
    "sts": "statefulset",
    "crashing": "crash",
    "crashed": "crash",
    "errors": "error",
    "alerting": "alert",
    "playbook": "runbook",
}
"""Short forms and the word that they stand for."""


def singular(word: str) -> str:
    """`pods` → `pod`, `status` → `status`."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        if word.endswith("ies"):
            return word[:-3] + "y"
        return word[:-2] if word.endswith(("ches", "shes", "sses", "xes")) else word[:-1]
    return word


def words(text: str) -> list[str]:
    """Lower-case singular words in order; `podName`, `pod_name` and `pod-name` give the same."""
    return [SAME.get(word) or SAME.get(one := singular(word), one) for word in _raw(text)]


def _raw(text: str) -> list[str]:
    return [part.lower() for part in _PARTS.findall(text[:_LONGEST])]


def telling(text: str) -> frozenset[str]:
    """The words that say something, without articles, auxiliaries and single letters; of compounds such as
    `PostgreSQL` the parts and the whole."""
    whole = (singular(word.lower()) for word in _WHOLE.findall(text[:_LONGEST]))
    return frozenset(
        word for word in (*words(text), *whole) if word not in STOP and len(word) > 1 and not word.isdigit()
    )


def clean(text: str, longest: int = 160) -> str:
    """Text for a sentence of ours: no control characters, single spaces, cut at a stated length."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 4]).split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def listed(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else ""
