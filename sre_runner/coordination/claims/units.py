"""Units of numbers: their spellings, their families, and the words beside a number that say which one it has."""

from __future__ import annotations

import re
from collections.abc import Mapping

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "%": ("%", "percent", "pct", "per cent"),
    "ns": ("ns", "nanosecond", "nanoseconds"),
    "us": ("us", "µs", "μs", "microsecond", "microseconds"),
    "ms": ("ms", "msec", "millis", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
    "B": ("B", "byte", "bytes", "Bytes"),
    "kB": ("kB", "KB", "kb", "kilobytes"),
    "MB": ("MB", "mb", "megabytes", "megabyte"),
    "GB": ("GB", "gb", "gigabytes", "gigabyte"),
    "TB": ("TB", "tb", "terabytes", "terabyte"),
    "KiB": ("KiB", "Ki", "kib"),
    "MiB": ("MiB", "Mi", "mib"),
    "GiB": ("GiB", "Gi", "gib"),
    "TiB": ("TiB", "Ti", "tib"),
    "m": ("m", "millicores", "millicore", "mCPU"),
    "cores": ("core", "cores", "CPU", "CPUs", "vCPU", "vCPUs"),
    "/s": ("rps", "qps", "req/s", "/s", "ops/s"),
    "k": ("k", "K", "thousand"),
    "M": ("M", "million"),
    "G": ("G", "B", "bn", "billion"),
    "T": ("T", "trillion"),
    "x": ("x", "\u00d7", "times"),
}
"""A unit, and how it is written. `m` is a thousandth of a core or a minute; `k`, `M`, `G` and `T` multiply."""

MULTIPLES: Mapping[str, int] = {"k": 3, "M": 6, "G": 9, "T": 12}
"""Powers of ten of the units that only multiply."""

SECONDS: Mapping[str, float] = {
    "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0,
}  # fmt: skip
"""How long the units of time are."""

UNIT_OF: Mapping[str, str] = {
    spelling: unit for unit, spellings in reversed(list(SPELLINGS.items())) for spelling in spellings
}
"""The unit that a spelling means where nothing else is said: the first of the table."""

SPACED = frozenset(spelling for spelling in UNIT_OF if len(spelling) > 1 or spelling in "shB")
"""Spellings that may stand behind a blank; other single letters only directly behind the number."""

_BINARY = ("B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB")
FAMILY: Mapping[str, str] = {
    **dict.fromkeys(SECONDS, "time"),
    **dict.fromkeys(_BINARY, "bytes"),
    **dict.fromkeys(("m", "cores"), "cpu"),
    "%": "share",
    "/s": "rate",
}
"""What a unit measures; units that only multiply measure nothing."""

_HINTS: Mapping[str, str] = {
    **{word: unit for unit, words in SPELLINGS.items() if unit in FAMILY for word in words if len(word) > 1},
    **dict.fromkeys(("ratio", "rate", "percentage", "utilization", "usage"), "share"),
    **dict.fromkeys(("latency", "duration", "timeout", "elapsed", "uptime", "age", "interval", "delay"), "time"),
    **dict.fromkeys(("size", "memory", "mem", "heap", "disk", "storage"), "bytes"),
    **dict.fromkeys(("cpu",), "cpu"),
    **dict.fromkeys(
        ("restarts", "restart", "count", "total", "replicas", "pods", "port", "code", "exitcode", "status", "line"),
        "count",
    ),
}
"""Words of a key, and the unit or the family that they say its number has."""

_PART = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def hint(key: str) -> str:
    """The unit or family that a key such as `p99_ms`, `heapUsedBytes` or `error_rate` names; "" where it names none.

    The last word that says something counts.
    """
    for part in reversed(_PART.findall(key[-80:])):
        found = _HINTS.get(part) or _HINTS.get(part.lower())
        if found:
            return found
    return ""


def agrees(unit: str, said: str) -> bool:
    """Whether a number that is said to have this unit or family may be claimed to have that unit."""
    same = unit == said or FAMILY.get(unit) == said
    return not said or same or unit not in FAMILY or {unit, said} == {"min", "m"}
