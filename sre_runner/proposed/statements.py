"""SQL as tokens with their places, and where a statement that was written without a client begins and ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BEGINS = re.compile(
    r"(?:SELECT\s+[\w*\"'(]|INSERT\s+INTO\s|UPDATE\s+[\w.\"`]{1,128}\s+SET\s|DELETE\s+FROM\s|TRUNCATE\s+(?:TABLE\s|[A-Za-z])"
    r"|(?:DROP|ALTER|CREATE|REINDEX|ANALYZE|LOCK)\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+)?(?:TABLE|DATABASE|SCHEMA|INDEX|VIEW"
    r"|MATERIALIZED|USER|ROLE|SEQUENCE|SYSTEM|FUNCTION|PUBLICATION|SUBSCRIPTION|EXTENSION|KEYSPACE)\b"
    r"|VACUUM(?:\s+[\w.\"]{1,128}){0,6}\s*;|VACUUM\s+(?:FULL|ANALYZE)\b"
    r"|WITH\s+(?:RECURSIVE\s+)?\w{1,64}\s+AS\s*\(|EXPLAIN\s+(?:ANALYZE\s+|\([^()\n]{0,80}\)\s*)?(?:SELECT|DELETE|UPDATE|INSERT)\b"
    r"|BEGIN\s*;|COMMIT\s*;|ROLLBACK\s*;|KILL\s+(?:(?:QUERY|CONNECTION)\s+)?\d+\s*;|SET\s+GLOBAL\s"
    r"|(?:STOP|START|RESET)\s+(?:SLAVE|REPLICA|MASTER)\b|PURGE\s+BINARY\s|FLUSH\s+TABLES\b|(?:GRANT|REVOKE)\s+\w+\s)",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)|(?P<string>'(?:[^'\\]|\\.|'')*+')|(?P<name>\"[^\"]*\"|`[^`]*`)"
    r"|(?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<number>\d[\w.]*)|(?P<sign>[^\s])",
    re.DOTALL,
)
_ENDS = re.compile(
    r"(?P<program>\n[ \t]*(?:\n|#|(?:\$ |sudo |kubectl|oc |helm |psql|mysql|redis-cli|docker |systemctl |curl )))|"
    + _TOKEN.pattern,
    re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A token of SQL: its kind (`word`, `name` in quotes, `string`, `number`, `sign`), text and place."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """A word in capitals; "" for anything else, so that no string is taken for a keyword."""
        return self.text.upper() if self.kind == "word" else self.text if self.kind == "sign" else ""


def begins_sql(text: str, at: int) -> bool:
    """Whether an SQL statement that no client is given begins there."""
    return _BEGINS.match(text, at) is not None


def statement_end(text: str, at: int) -> int:
    """Where the statement that begins there ends: behind `;`, or before an empty line or the line of a program."""
    for found in _ENDS.finditer(text, at):
        if found.lastgroup == "program":
            return found.start()
        if found.lastgroup == "sign" and found[0] == ";":
            return found.end()
    return len(text)


def tokens(text: str) -> list[Token]:
    """The tokens of a text, comments left out. A quote that is never closed is a sign."""
    found = ((str(each.lastgroup), each) for each in _TOKEN.finditer(text))
    return [Token(kind, each[0], each.start(), each.end()) for kind, each in found if kind != "comment"]


def statements(text: str) -> list[list[Token]]:
    """The tokens of each statement of a text."""
    found: list[list[Token]] = [[]]
    for token in tokens(text):
        if token.text == ";" and token.kind == "sign":
            found.append([])
        else:
            found[-1].append(token)
    return [each for each in found if each]
