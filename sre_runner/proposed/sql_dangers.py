"""What SQL would destroy or interrupt, read token by token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sre_runner.proposed.danger_words import DESTROYS, FORCES, INTERRUPTS, PAUSES
from sre_runner.proposed.statements import Token, statements
from sre_runner.proposed.words import Word

Found = tuple[str, str, Word]

_STATEMENTS: tuple[tuple[str, str, str], ...] = (
    (r"DROP INDEX CONCURRENTLY", DESTROYS, "queries that need the index become slow"),
    (r"DROP (?:TABLE|DATABASE|SCHEMA|KEYSPACE)", DESTROYS, "the data is lost for good; only a backup brings it back"),
    (r"DROP", DESTROYS, "what is dropped is gone"),
    (r"TRUNCATE", DESTROYS, "every row is lost; only a backup brings them back"),
    (r"ALTER .*\bDROP\b", DESTROYS, "what is dropped is gone, and the table is locked meanwhile"),
    (r"ALTER SYSTEM", FORCES, "the setting outlives this incident"),
    (r"VACUUM .*\bFULL\b", INTERRUPTS, "the table is locked meanwhile"),
    (r"CLUSTER", INTERRUPTS, "the table is locked meanwhile"),
    (r"REINDEX (?!.*\bCONCURRENTLY\b)", INTERRUPTS, "writes are locked out meanwhile; REINDEX CONCURRENTLY does not"),
    (r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY\b)", INTERRUPTS, "writes wait; CREATE INDEX CONCURRENTLY does not"),
    (r"LOCK (?:TABLES? )?", INTERRUPTS, "others wait for the lock"),
    (r"FLUSH TABLES\b.*\bREAD LOCK", INTERRUPTS, "writes wait for the lock"),
    (r"KILL", INTERRUPTS, "the connection or its query ends"),
    (r"SHUTDOWN", INTERRUPTS, "every connection ends"),
    (r"PURGE", DESTROYS, "the binary logs are gone"),
    (r"RESET (?:MASTER|SLAVE|REPLICA)", DESTROYS, "replication loses its place"),
    (r"STOP (?:SLAVE|REPLICA)", PAUSES, "the replica falls behind; reversible: START REPLICA"),
    (r"REVOKE", INTERRUPTS, "access is taken away; reversible: GRANT"),
)
_ROWS = tuple((re.compile(rf"(?:{pattern})(?!(?<=\w)\w)"), word, reason) for pattern, word, reason in _STATEMENTS)
_FUNCTIONS = {
    "PG_TERMINATE_BACKEND": (INTERRUPTS, "connections end, and what they were doing is rolled back"),
    "PG_CANCEL_BACKEND": (INTERRUPTS, "the running query is cancelled"),
    "PG_DROP_REPLICATION_SLOT": (DESTROYS, "the replica that uses the slot must be made anew"),
    "PG_PROMOTE": (INTERRUPTS, "the standby becomes a primary; it does not go back"),
    "PG_WAL_REPLAY_PAUSE": (PAUSES, "the standby falls behind; reversible: pg_wal_replay_resume"),
    "PG_RESETWAL": (DESTROYS, "the database may lose or damage data"),
    "LO_UNLINK": (DESTROYS, "the large object is gone"),
    "RDS_KILL": (INTERRUPTS, "the connection ends"),
    "MYSQL.RDS_KILL": (INTERRUPTS, "the connection ends"),
}
_MOST_WORDS = 60


def sql_dangers(source: Word) -> Iterator[Found]:
    """Each danger of a text of SQL: its word, its reason and its place. What is only explained does nothing."""
    for tokens in statements(source.text):
        upper = [each.upper for each in tokens]
        skipped = _explained(upper)
        if skipped < 0:
            continue
        for word, reason, first, last in (*_of_rows(upper, skipped), *_of_writes(tokens, upper), *_of_functions(upper)):
            yield word, reason, source.part(tokens[first].start, tokens[last].end)


def _explained(upper: Sequence[str]) -> int:
    """How many tokens of EXPLAIN stand before a statement that is run after all; -1 where it is not run."""
    if not upper or upper[0] != "EXPLAIN":
        return 0
    for at, word in enumerate(upper[:12]):
        if word in ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH"):
            return at if "ANALYZE" in upper[:at] else -1
    return -1


def _of_rows(upper: Sequence[str], skipped: int) -> Iterator[tuple[str, str, int, int]]:
    text = " ".join(upper[skipped : skipped + _MOST_WORDS]) + " "
    for row, word, reason in _ROWS:
        if found := row.match(text):
            last = skipped + found[0].rstrip().count(" ")
            yield word, reason, skipped, min(last, len(upper) - 1)
            return


def _of_writes(tokens: Sequence[Token], upper: Sequence[str]) -> Iterator[tuple[str, str, int, int]]:
    """DELETE FROM and UPDATE … SET, in a WITH as well; whether they have a WHERE that leaves something out."""
    for at, word in enumerate(upper):
        following = upper[at + 1] if at + 1 < len(upper) else ""
        begins = at == 0 or upper[at - 1] in ("(", "ANALYZE", ")", "VERBOSE", "BEGIN")
        if word == "DELETE" and following == "FROM" and begins:
            last = min(at + 2, len(upper) - 1)
            if _limited(tokens, upper, at):
                yield DESTROYS, "the rows that fit are gone once it is committed", at, last
            else:
                yield DESTROYS, "every row is lost: nothing limits it", at, last
        elif word == "UPDATE" and begins and "SET" in upper[at + 1 : at + 8] and not _limited(tokens, upper, at):
            yield DESTROYS, "every row is overwritten: nothing limits it", at, min(at + 1, len(upper) - 1)


def _limited(tokens: Sequence[Token], upper: Sequence[str], start: int) -> bool:
    """Whether a WHERE of the same level follows, and says more than what is always true."""
    depth = 0
    for at in range(start, len(upper)):
        depth += {"(": 1, ")": -1}.get(upper[at], 0)
        if depth < 0:
            return False
        if upper[at] == "WHERE" and depth == 0:
            condition = [each.text.upper() for each in tokens[at + 1 : at + 5]]
            always = condition in (["TRUE"], ["1"]) or (len(condition) == 3 and condition[0] == condition[2] == "1")
            return not always
    return False


def _of_functions(upper: Sequence[str]) -> Iterator[tuple[str, str, int, int]]:
    for at, word in enumerate(upper[:-1]):
        if upper[at + 1] == "(" and (known := _FUNCTIONS.get(word.removeprefix("PG_CATALOG."))):
            yield *known, at, at
