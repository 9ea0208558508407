"""SQL in commands: where it stands, what it would destroy, and the tables and databases that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sre_runner.coordination.proposed.danger_table import SQL, rows
from sre_runner.coordination.proposed.words import Word

_BEGINS = re.compile(
    r"\s*(?:SELECT\s+(?=[^;]{0,400}(?:\bFROM\s|\(|;))|INSERT\s+INTO\s|UPDATE\s+[\w.\"`]{1,128}\s+SET\s|DELETE\s+FROM\s"
    r"|TRUNCATE\s+(?:TABLE\s|\w{2,64}\s*(?:;|,|$|CASCADE))"
    r"|(?:DROP|ALTER|CREATE|REINDEX|ANALYZE|LOCK)\s+(?:UNIQUE\s+)?(?:TABLE|DATABASE|SCHEMA|INDEX|VIEW|USER|ROLE|SYSTEM"
    r"|KEYSPACE|EXTENSION)\b|VACUUM\s+[\w.(]|WITH\s+(?:RECURSIVE\s+)?\w{1,64}\s+AS\s*\(|EXPLAIN\s+[\w(]"
    r"|(?:BEGIN|COMMIT|ROLLBACK)\s*;|(?-i:KILL)\s+(?:(?:QUERY|CONNECTION)\s+)?\d+|SET\s+GLOBAL\s|USE\s+\w+\s*;"
    r"|(?:STOP|START|RESET)\s+(?:SLAVE|REPLICA|MASTER)\b|PURGE\s+BINARY\s|(?:GRANT|REVOKE)\s+\w+\s)",
    re.IGNORECASE,
)
_BARE = re.compile(r"^[ \t]*(?=[A-Za-z])", re.MULTILINE)
_OPAQUE = re.compile(r"--[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|'(?:[^'\\]|\\.|'')*+'", re.DOTALL)
_OF_NO_TABLE = re.compile(r"\b(?:EXTRACT|SUBSTRING|TRIM|OVERLAY)\s*\([^()]{0,80}", re.IGNORECASE)
_STATEMENT = re.compile(r"[^;\s][^;]*")
_TABLE = re.compile(
    r"(?<![\w.])(?P<kind>FROM|JOIN|INTO|UPDATE|TABLE|TRUNCATE|VACUUM|ANALYZE|DATABASE|USE)\s+"
    r"(?:(?:IF\s+EXISTS|ONLY|TABLE|FULL|VERBOSE|ANALYZE)\s+){0,3}(?P<name>[\"`]?[A-Za-z_][\w.$\"`]*)(?!\s*\(|\w)",
    re.IGNORECASE,
)
_MADE = re.compile(r"\b(?:CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?)?(\w+)\s+AS\s*\(", re.IGNORECASE)
_NO_NAMES = {"select", "set", "where", "lateral", "values", "of", "only", "table", "full", "verbose", "analyze", "if"}

_CATALOGUES = ("pg_", "information_schema.", "performance_schema.", "mysql.", "sys.", "system.", "sqlite_")
_ROWS = [(re.compile(rf"{pattern}\b", re.IGNORECASE), does) for pattern, _, does in rows(SQL)]
_WRITE = re.compile(r"\bDELETE\s+FROM\b|\bUPDATE\s+[\w.\"`]{1,128}\s+SET\b", re.IGNORECASE)
_LIMITED = re.compile(r"\bWHERE\s+(?!(?:TRUE|1\s*=\s*1|1)\s*\)?\s*$)", re.IGNORECASE)
_EXPLAINED = re.compile(r"EXPLAIN\s+(?!\(?\s*ANALYZE)", re.IGNORECASE)
_FUNCTIONS = {
    "pg_terminate_backend": "ends connections",
    "pg_cancel_backend": "cancels queries",
    "pg_drop_replication_slot": "drops a replication slot",
    "pg_promote": "makes the standby a primary",
    "rds_kill": "ends connections",
}
_CALLED = re.compile(rf"\b({'|'.join(_FUNCTIONS)})\s*\(", re.IGNORECASE)


def is_sql(text: str) -> bool:
    """Whether a text begins as a statement of SQL does."""
    return _BEGINS.match(text) is not None


def bare(command: Word) -> Iterator[Word]:
    """The lines of a command that are SQL without a client around it, each up to its `;` or the end of the text."""
    at = 0
    for line in _BARE.finditer(command.text):
        if line.end() >= at and is_sql(command.text[line.end() : line.end() + 400]):
            end = command.text.find(";", line.end()) + 1 or len(command.text)
            at = end
            yield command.part(line.end(), end)


def sql_dangers(source: Word) -> Iterator[tuple[str, int, int]]:
    """What a text of SQL does that destroys or stops something, each with its place. What is explained does nothing."""
    text = _blanked(source.text, _OPAQUE)
    for statement in _STATEMENT.finditer(text):
        start = statement.start()
        if _EXPLAINED.match(statement[0]):
            continue
        if found := next(((each, does) for row, does in _ROWS if (each := row.match(statement[0]))), None):
            part = source.part(start, start + found[0].end())
            yield found[1], part.start, part.end
        limited = _LIMITED.search(statement[0]) is not None
        for write in _WRITE.finditer(statement[0]):
            part = source.part(start + write.start(), start + write.end())
            if write[0][0] in "Dd":
                yield "deletes rows" if limited else "deletes every row", part.start, part.end
            elif not limited:
                yield "overwrites every row", part.start, part.end
        for called in _CALLED.finditer(statement[0]):
            part = source.part(start + called.start(1), start + called.end(1))
            yield _FUNCTIONS[called[1].lower()], part.start, part.end


def sql_names(source: Word) -> Iterator[tuple[str, Word]]:
    """The tables and databases that a text of SQL names, without catalogues of the server and what it makes itself."""
    text = _blanked(_blanked(source.text, _OPAQUE), _OF_NO_TABLE)
    made = {each.lower() for each in _MADE.findall(text)}
    for found in _TABLE.finditer(text):
        name = found["name"].strip('"`')
        creates = text[: found.start()].rstrip()[-6:].lower() == "create"
        if not creates and name.lower() not in made | _NO_NAMES and not name.lower().startswith(_CATALOGUES):
            start = found.start("name") + (found["name"][0] in '"`')
            kind = "database" if found["kind"].upper() in ("DATABASE", "USE") else "table"
            yield kind, source.part(start, start + len(name))


def _blanked(text: str, pattern: re.Pattern[str]) -> str:
    """The text with what a pattern finds as white space of the same length."""
    return pattern.sub(lambda found: " " * len(found[0]), text)
