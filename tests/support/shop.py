"""The shop that all stand-ins tell of: one namespace, five applications, four of them broken. Invented throughout.

    checkout     revision 2 lost the variable DATABASE_URL: exits 1, CrashLoopBackOff
    search       a memory limit of 256Mi: OOMKilled, exit code 137
    storefront   revision 2 names an image that is not there: ImagePullBackOff; revision 1 serves on
    recommender  asks for 6 CPUs: Pending, no node has them
    payments     healthy, two pods

Times count back from one moment, in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NAMESPACE = "shop"
REGISTRY = "registry.shop.example"
HOUR = 3600
DAY = 24 * HOUR
DEPLOYED = 40 * 60
"""When revision 2 of everything came, in seconds ago."""


@dataclass(frozen=True)
class App:
    """A deployment. `hashes` name the replica sets of its two revisions, `pods` what runs: (revision, end of name)."""

    name: str
    tags: tuple[str, str]
    hashes: tuple[str, str]
    causes: tuple[str, str]
    pods: tuple[tuple[int, str], ...]
    replicas: int = 1
    available: int = 0
    cpu: str = "250m"
    memory: str = "512Mi"
    environment: tuple[tuple[str, str], ...] = (("LOG_LEVEL", "info"),)

    def pod(self, index: int = 0) -> str:
        """The name of one of its pods."""
        revision, end = self.pods[index]
        return f"{self.name}-{self.hashes[revision - 1]}-{end}"

    def image(self, revision: int) -> str:
        """The image of a revision."""
        return f"{REGISTRY}/{self.name}:{self.tags[revision - 1]}"


CHECKOUT = App(
    "checkout",
    ("1.8.0", "1.9.0"),
    ("5d8f6c7b49", "7c6bd9f58d"),
    ("release 1.8.0", "release 1.9.0: settings moved to a config map"),
    ((2, "x2kqp"),),
)
SEARCH = App(
    "search",
    ("3.1.2", "3.2.0"),
    ("64bb7d5c8f", "86d5f79c44"),
    ("release 3.1.2", "release 3.2.0: whole catalogue in memory"),
    ((2, "m9w4t"),),
    memory="256Mi",
)
STOREFRONT = App(
    "storefront",
    ("2.14.0", "2.15.0-rc1"),
    ("6f9c8d7b55", "79d4c6f8b6"),
    ("release 2.14.0", "release 2.15.0-rc1"),
    ((1, "hq7vd"), (2, "b5n8z")),
    available=1,
)
RECOMMENDER = App(
    "recommender",
    ("0.7.1", "0.8.0"),
    ("58c7b6d94f", "7b8f5d6c9d"),
    ("release 0.7.1", "release 0.8.0: 6 CPUs for the new model"),
    ((2, "tz6lc"),),
    cpu="6",
    memory="4Gi",
)
PAYMENTS = App(
    "payments",
    ("4.2.0", "4.2.1"),
    ("5f7d9c6b84", "66c8f4d7b9"),
    ("release 4.2.0", "release 4.2.1"),
    ((2, "4fj9s"), (2, "r8x6k")),
    replicas=2,
    available=2,
    environment=(("LOG_LEVEL", "info"), ("DATABASE_URL", "postgres://payments@db.shop.svc:5432/payments")),
)
APPS = (CHECKOUT, SEARCH, STOREFRONT, RECOMMENDER, PAYMENTS)

RESTARTS = {CHECKOUT.pod(): 12, SEARCH.pod(): 6}
"""How often a pod's container was restarted; 0 for the pods not listed."""

Line = tuple[float, str]
"""Seconds ago and what was written then."""


def lines(pod: str, *, previous: bool = False) -> Sequence[Line] | None:
    """What a pod's container wrote, oldest line first; None where there is no such container."""
    written = {
        CHECKOUT.pod(): (_failed_start(95), _failed_start(405)),
        SEARCH.pod(): (_out_of_memory(180), _out_of_memory(900)),
        STOREFRONT.pod(0): (_served(("GET / 200", "GET /cart 200", "POST /cart/checkout 502: no checkout")), None),
        PAYMENTS.pod(0): (_served(("payment authorized", "settled batch of 31")), None),
        PAYMENTS.pod(1): (_served(("payment authorized", "health check ok")), None),
    }
    return written.get(pod, (None, None))[previous]


def _failed_start(ago: float) -> Sequence[Line]:
    return (
        (ago, "INFO checkout 1.9.0 starting"),
        (ago - 0.2, "INFO reading settings from /etc/checkout/settings.toml"),
        (ago - 0.4, "ERROR required environment variable DATABASE_URL is not set"),
        (ago - 0.5, "FATAL cannot start without a database, exit code 1"),
    )


def _out_of_memory(ago: float) -> Sequence[Line]:
    loads = [(ago + 60 - 10 * n, f"INFO index: {n * 400_000} products loaded, heap {n * 48} MiB") for n in range(1, 6)]
    return ((ago + 60, "INFO search 3.2.0 starting, loading the catalogue into memory"), *loads)


def _served(words: Sequence[str]) -> Sequence[Line]:
    return [(1800 - 30 * n, f"INFO {words[n % len(words)]}") for n in range(60)]
