from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from coterie.errors import InputError, NotFoundError, SchemaError
from coterie.settings import Settings
from tests.opening import opened, read_to_end

ODD = 'we"ird; DROP TABLE orders; --'


@pytest.fixture
def sqlite_shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.csv"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id TEXT, amount REAL, n INTEGER, at TEXT, blob BLOB)")
        connection.execute(
            "INSERT INTO orders VALUES ('00123', 17850.0, 12345678901234567, '2024-01-02', x'78')"
        )
        connection.execute("INSERT INTO orders VALUES ('NA', 2.55, NULL, '', NULL)")
        connection.execute('CREATE TABLE "we""ird; DROP TABLE orders; --" AS SELECT 1 AS a')
        connection.execute("CREATE VIEW big AS SELECT id FROM orders WHERE amount > 5")
    connection.close()
    return path


@pytest.fixture
def duckdb_shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            CREATE TABLE orders AS SELECT * FROM (VALUES
                ('00123', 17850.0::DOUBLE, TIMESTAMP '2024-01-02 03:04:05',
                 12345678901234567890::HUGEINT, true),
                ('NA', 2.55, NULL, NULL, false)) t(id, amount, "at", n, paid)
            """
        )
        connection.execute("CREATE SCHEMA crm")
        connection.execute('CREATE TABLE crm."we""ird; DROP TABLE orders; --" AS SELECT 1 AS a')
    return path


def test_a_sqlite_table_is_known_by_content_and_printed_exactly(sqlite_shop: Path) -> None:
    found = read_to_end(f"{sqlite_shop}::orders")
    assert found.columns == ("id", "amount", "n", "at", "blob")
    assert found.rows == [
        ["00123", "17850", "12345678901234567", "2024-01-02", "x"],
        ["NA", "2.55", None, None, None],
    ]
    assert found.table.source == "shop.csv::orders"


def test_a_duckdb_table_is_printed_exactly(duckdb_shop: Path) -> None:
    found = read_to_end(f"{duckdb_shop}::orders")
    assert found.rows == [
        ["00123", "17850", "2024-01-02 03:04:05", "12345678901234567890", "true"],
        ["NA", "2.55", None, None, "false"],
    ]


def test_an_odd_name_is_only_a_name(sqlite_shop: Path, duckdb_shop: Path) -> None:
    for address in (f"{sqlite_shop}::{ODD}", f"{duckdb_shop}::crm.{ODD}"):
        assert read_to_end(address).rows == [["1"]]
    assert read_to_end(f"{sqlite_shop}::orders").rows


def test_a_view_is_a_table(sqlite_shop: Path) -> None:
    assert read_to_end(f"{sqlite_shop}::big").rows == [["00123"]]


def test_without_a_name_there_must_be_one_table(sqlite_shop: Path, duckdb_shop: Path) -> None:
    for path in (sqlite_shop, duckdb_shop):
        with pytest.raises(NotFoundError, match=r"more than one table.*orders"):
            read_to_end(path)
        with pytest.raises(NotFoundError, match=r"no table 'nope'.*orders"):
            read_to_end(f"{path}::nope")


def test_the_only_table_needs_no_name(tmp_path: Path) -> None:
    path = tmp_path / "one.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT i::VARCHAR AS id FROM range(70000) r(i)")
    assert read_to_end(path).column("id") == [str(i) for i in range(70_000)]


def test_a_database_without_tables_says_so(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("DROP TABLE t")
    with pytest.raises(NotFoundError, match="no tables"):
        read_to_end(path)


def test_reading_leaves_the_file_as_it_was(sqlite_shop: Path, duckdb_shop: Path) -> None:
    for path in (sqlite_shop, duckdb_shop):
        before = path.read_bytes()
        read_to_end(f"{path}::orders")
        assert path.read_bytes() == before
        assert sorted(p.name for p in path.parent.iterdir()) == sorted({sqlite_shop.name, duckdb_shop.name})


def test_a_view_of_a_duckdb_file_sees_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW v AS SELECT * FROM read_csv('{secret}')")
    with pytest.raises(InputError, match="DuckDB file cannot be read"):
        read_to_end(f"{path}::v")


def test_damaged_databases_cannot_be_read(sqlite_shop: Path, duckdb_shop: Path) -> None:
    for path, kind in ((sqlite_shop, "SQLite"), (duckdb_shop, "DuckDB")):
        with pytest.raises(InputError, match=f"{kind} file cannot be read"):
            opened(path.read_bytes()[:2000] + b"\xff" * 3000, part="orders")


def test_too_many_columns_are_refused(sqlite_shop: Path) -> None:
    with pytest.raises(SchemaError, match="5 columns"):
        read_to_end(f"{sqlite_shop}::orders", settings=Settings(max_columns=4))
