from __future__ import annotations

import pytest

from sre_runner.coordination.proposed.danger_table import SQL, rows
from sre_runner.coordination.proposed.sql import bare, is_sql, sql_dangers, sql_names
from sre_runner.coordination.proposed.words import whole

DANGERS = {
    "DROP TABLE orders": "drops it for good",
    "drop index concurrently i": "drops",
    "TRUNCATE orders": "deletes every row",
    "ALTER SYSTEM SET x = 1": "changes a setting that outlives this incident",
    "ALTER TABLE orders DROP COLUMN x": "drops",
    "VACUUM (FULL) orders": "locks the table",
    "REINDEX TABLE orders": "locks the table",
    "CREATE UNIQUE INDEX i ON orders (x)": "locks the table against writes",
    "KILL QUERY 17": "ends the connection or its query",
    "SHUTDOWN": "ends every connection",
    "PURGE BINARY LOGS TO 'x'": "deletes the binary logs",
    "RESET MASTER": "loses the place in replication",
    "STOP REPLICA": "stops replication",
    "REVOKE SELECT ON orders FROM x": "takes access away",
    "DELETE FROM orders": "deletes every row",
    "DELETE FROM orders WHERE 1=1": "deletes every row",
    "DELETE FROM orders WHERE id = 1": "deletes rows",
    "WITH old AS (SELECT 1) DELETE FROM orders WHERE id IN (SELECT * FROM old)": "deletes rows",
    "UPDATE orders SET x = 1": "overwrites every row",
    "EXPLAIN ANALYZE DELETE FROM orders": "deletes every row",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity": "ends connections",
}


def dangers(text: str) -> list[str]:
    return [does for does, _, _ in sql_dangers(whole(text))]


def names(text: str) -> list[tuple[str, str]]:
    return [(kind, word.text) for kind, word in sql_names(whole(text))]


@pytest.mark.parametrize(("statement", "does"), list(DANGERS.items()))
def test_what_a_statement_destroys(statement: str, does: str) -> None:
    assert dangers(statement) == [does]


def test_every_row_of_the_table_is_tested() -> None:
    assert {does for _, _, does in rows(SQL)} <= set(DANGERS.values())


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM orders FOR UPDATE",
        "UPDATE orders SET x = 1 WHERE id = 2",
        "EXPLAIN DELETE FROM orders",
        "CREATE INDEX CONCURRENTLY i ON orders (x)",
        "SELECT 'DROP TABLE x; DELETE FROM y'",
        "-- DROP TABLE x\nSELECT 1",
        "/* DROP TABLE x */ SELECT 1",
        "SELECT dropped FROM orders",
        "",
    ],
)
def test_what_destroys_nothing_has_no_mark(statement: str) -> None:
    assert dangers(statement) == []


def test_each_statement_counts_for_itself_and_has_its_place() -> None:
    text = "DELETE FROM a WHERE x = ';'; DELETE FROM b; DROP TABLE c"
    found = [(does, text[start:end]) for does, start, end in sql_dangers(whole(text))]
    assert found == [
        ("deletes rows", "DELETE FROM"),
        ("deletes every row", "DELETE FROM"),
        ("drops it for good", "DROP TABLE"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM shop.orders o JOIN users ON x", [("table", "shop.orders"), ("table", "users")]),
        ('SELECT * FROM "Orders"', [("table", "Orders")]),
        ("DROP TABLE IF EXISTS orders", [("table", "orders")]),
        ("VACUUM FULL orders", [("table", "orders")]),
        ("USE shop; INSERT INTO orders VALUES (1)", [("database", "shop"), ("table", "orders")]),
        ("DROP DATABASE shop", [("database", "shop")]),
        ("SELECT * FROM pg_stat_activity", []),
        ("SELECT * FROM generate_series(1, 2)", []),
        ("SELECT EXTRACT(epoch FROM started) FROM jobs", [("table", "jobs")]),
        ("WITH old AS (SELECT 1) SELECT * FROM old", []),
        ("CREATE TABLE copies (x int)", []),
        ("SELECT 'x FROM y'", []),
        ("DELETE FROM only orders", [("table", "orders")]),
    ],
)
def test_tables_and_databases_are_names(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


def test_sql_without_a_client_is_read_up_to_its_end() -> None:
    text = "kubectl get pods\nDELETE FROM a\nWHERE x = 1;\nSELECT 1\nFROM b"
    assert [each.text for each in bare(whole(text))] == ["DELETE FROM a\nWHERE x = 1;", "SELECT 1\nFROM b"]


@pytest.mark.parametrize(
    "text", ["delete the pods", "update the image", "drop it", "kill 17", "select a node", "use it"]
)
def test_english_is_no_sql(text: str) -> None:
    assert not is_sql(text)
