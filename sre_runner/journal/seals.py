"""The chain of a journal: every line carries its number, the seal of the line before it, and its own seal.

A seal is the SHA-256 of a line's bytes up to the seal, which the seal before it is among, so that the last one stands
for the whole journal. Anyone can compute seals anew: they show a change, and do not prevent one. A signature, which is
an HMAC of the seal, cannot be computed without its key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sre_runner.errors import RunnerError

KEY_VARIABLE = "SRE_RUN_JOURNAL_KEY"
"""The variable with the key that signs a journal."""

LEAST_KEY = 16
"""Characters of a key, so that nobody signs with a word that can be guessed."""

_END = re.compile(
    rb',"line":([0-9]{1,9}),"previous":"([0-9a-f]{64}|)","seal":"([0-9a-f]{64})"(?:,"signature":"([0-9a-f]{64})")?\}\n\Z'
)
_MOST_OF_END = 280
"""Bytes that `_END` can match, or more."""

KEYS = ("line", "previous", "seal", "signature")
"""What a line has beside its event."""


@dataclass(frozen=True)
class Seal:
    """What the end of a line says. `computed` is the seal of its bytes, `signature` is "" where it has none."""

    line: int
    previous: str
    seal: str
    computed: str
    signature: str = ""

    @property
    def whole(self) -> bool:
        """Whether the line is as it was when it was sealed."""
        return self.seal == self.computed

    def signed_by(self, key: bytes) -> bool:
        """Whether the signature is of this key."""
        return hmac.compare_digest(self.signature, signature_of(self.seal, key))


@dataclass(frozen=True)
class Chain:
    """How far a journal is sealed: how many lines it has, and the last one's seal. Without a `key` it is not signed."""

    lines: int = 0
    seal: str = ""
    key: bytes = b""

    def add(self, line: str) -> tuple[bytes, Chain]:
        """A line, which is one JSON object with a newline, sealed; and the chain with it."""
        number = self.lines + 1
        sealed = f'{line[:-2]},"line":{number},"previous":"{self.seal}"'.encode()
        seal = hashlib.sha256(sealed).hexdigest()
        signature = f',"signature":"{signature_of(seal, self.key)}"' if self.key else ""
        return sealed + f',"seal":"{seal}"{signature}}}\n'.encode(), replace(self, lines=number, seal=seal)


def seal_of(line: bytes) -> Seal | None:
    """The seal of a line of a journal; None where its end is none that sre-run writes."""
    start = max(0, len(line) - _MOST_OF_END)
    end = _END.search(line, start)
    if end is None:
        return None
    number, previous, seal, signature = (part.decode() if part else "" for part in end.groups())
    computed = hashlib.sha256(memoryview(line)[: end.start(3) - len(b',"seal":"')]).hexdigest()
    return Seal(int(number), previous, seal, computed, signature)


def signature_of(seal: str, key: bytes) -> str:
    """The HMAC-SHA256 of a seal."""
    return hmac.digest(key, seal.encode(), "sha256").hex()


def key_of(environ: Mapping[str, str]) -> bytes:
    """The key that signs journals; b"" where there is none. Raises `RunnerError` for one that can be guessed."""
    key = environ.get(KEY_VARIABLE, "")
    if key and len(key) < LEAST_KEY:
        raise RunnerError(
            f"{KEY_VARIABLE} has {len(key)} characters, and a key needs at least {LEAST_KEY}",
            "Make one with `openssl rand -hex 32`.",
        )
    return key.encode(errors="surrogateescape")
