"""The tables and databases that SQL names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sre_runner.proposed.statements import Token, statements
from sre_runner.proposed.words import Word

_BEFORE_TABLE = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "TABLE", "TRUNCATE", "VACUUM", "ANALYZE", "ONLY", "FULL"))
_SKIPPED = frozenset(("IF", "EXISTS", "NOT", "ONLY", "TABLE", "FULL", "ANALYZE", "VERBOSE", "CONCURRENTLY", "FREEZE"))
_NO_TABLE = frozenset(("SELECT", "SET", "WHERE", "LATERAL", "UNNEST", "VALUES", "OF", "STATISTICS", "NOWAIT", "SKIP"))
_OF_THE_SERVER = ("pg_", "information_schema.", "performance_schema.", "mysql.", "sys.", "system.", "sqlite_")


def sql_names(source: Word) -> Iterator[tuple[str, Word]]:
    """The tables (a schema is a part of the name) and databases of a text of SQL, but no catalogues of the server."""
    for tokens in statements(source.text):
        made = {
            tokens[at - 1].text for at, each in enumerate(tokens) if at and each.upper == "AS" and _opens(tokens, at)
        }
        for at, token in enumerate(tokens):
            if token.upper == "DATABASE" or (token.upper == "USE" and at == 0):
                yield from _named(source, tokens, at + 1, "database", made)
            elif token.upper in _BEFORE_TABLE and not _in_extract(tokens, at) and not _creates(tokens, at):
                yield from _named(source, tokens, at + 1, "table", made)


def _opens(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].text == "("


def _creates(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].upper == "TABLE" and any(each.upper == "CREATE" for each in tokens[max(0, at - 3) : at])


def _in_extract(tokens: Sequence[Token], at: int) -> bool:
    """`EXTRACT(epoch FROM …)` and `SUBSTRING(x FROM …)` read from no table."""
    return (
        at >= 3 and tokens[at - 2].text == "(" and tokens[at - 3].upper in ("EXTRACT", "SUBSTRING", "TRIM", "OVERLAY")
    )


def _named(source: Word, tokens: Sequence[Token], at: int, kind: str, made: set[str]) -> Iterator[tuple[str, Word]]:
    while at < len(tokens) and tokens[at].upper in _SKIPPED:
        at += 1
    if at >= len(tokens) or tokens[at].kind not in ("word", "name") or tokens[at].upper in _NO_TABLE:
        return
    token = tokens[at]
    quoted = 1 if token.kind == "name" else 0
    name = source.part(token.start + quoted, token.end - quoted)
    called = kind == "table" and _opens(tokens, at) and (at < 2 or tokens[at - 1].upper != "INTO")
    if called or token.text in made or name.text.lower().startswith(_OF_THE_SERVER):
        return
    yield kind, name
