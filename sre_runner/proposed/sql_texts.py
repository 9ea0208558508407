"""Where the SQL of a call stands: in an option, in a word, in its heredoc, or in what is piped into it."""

from __future__ import annotations

from collections.abc import Iterator

from sre_runner.proposed.unwrapping import Call
from sre_runner.proposed.words import Word

_OPTIONS = {
    **dict.fromkeys(("psql", "pgcli"), ("-c", "--command")),
    **dict.fromkeys(("mysql", "mariadb", "cqlsh", "cockroach"), ("-e", "--execute")),
    "clickhouse-client": ("-q", "--query"),
    "sqlcmd": ("-Q", "-q"),
    "sqlite3": (),
}


def sql_texts(call: Call) -> Iterator[Word]:
    """The SQL that a call runs, as words whose places are those of the command."""
    if call.sql:
        yield call.program
    elif call.name in _OPTIONS:
        names = _OPTIONS[call.name]
        yield from (each.value for each in call.read.options if each.name in names and each.value)
        yield from call.stdin
        if call.name == "sqlite3":
            yield from call.read.positionals[1:]
