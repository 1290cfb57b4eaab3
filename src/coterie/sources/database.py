"""Tables of DuckDB and SQLite files -> RawTable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import NotFoundError
from coterie.settings import Settings
from coterie.sources.batches import BATCH_ROWS, Row, batches_of
from coterie.sources.columnar import read_arrow
from coterie.sources.header import check_width, column_names
from coterie.sources.printing import printed
from coterie.sources.raw import RawTable
from coterie.store import quoted_name, read_only_duckdb, read_only_sqlite

if TYPE_CHECKING:
    import pyarrow as pa

_DUCKDB_TABLES = """
    SELECT CASE table_schema WHEN 'main' THEN '' ELSE table_schema END, table_name
    FROM information_schema.tables WHERE table_catalog = current_database() ORDER BY 1, 2
"""
_SQLITE_TABLES = """
    SELECT '', name FROM sqlite_master
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
"""


def read_duckdb(path: Path, *, table: str, settings: Settings) -> RawTable:
    """A table or view of a DuckDB file; `table` may be "" if there is only one.

    Raises
    ------
    InputError
        If the file cannot be read.
    NotFoundError
        If there is no such table, or none was named and there are several.
    """
    with read_only_duckdb(path, settings=settings) as connection:
        chosen = chosen_table(connection.execute(_DUCKDB_TABLES).fetchall(), table, where=path.name)
        query = f"SELECT * FROM {_quoted(chosen)}"
        schema = connection.sql(f"{query} LIMIT 0").to_arrow_reader().schema
    source = f"{path.name}::{shown_table(chosen)}"
    found = read_arrow(
        schema, _duckdb_batches(path, query, settings=settings), source=source, settings=settings
    )
    found.dialect = {"format": "DuckDB table"}
    return found


def _duckdb_batches(path: Path, query: str, *, settings: Settings) -> Iterator[pa.RecordBatch]:
    with read_only_duckdb(path, settings=settings) as connection:
        yield from connection.sql(query).to_arrow_reader(BATCH_ROWS)


def read_sqlite(path: Path, *, table: str, settings: Settings) -> RawTable:
    """A table or view of an SQLite file; `table` may be "" if there is only one.

    Raises
    ------
    InputError
        If the file cannot be read.
    NotFoundError
        If there is no such table, or none was named and there are several.
    """
    with read_only_sqlite(path) as connection:
        chosen = chosen_table(connection.execute(_SQLITE_TABLES).fetchall(), table, where=path.name)
        query = f"SELECT * FROM {_quoted(chosen)}"
        columns = [item[0] for item in connection.execute(f"{query} LIMIT 0").description]
    source = f"{path.name}::{shown_table(chosen)}"
    check_width(len(columns), settings=settings, source=source)
    names, notes = column_names(columns)
    batches = batches_of(_sqlite_rows(path, query), n_columns=len(names))
    return RawTable(source, names, True, batches, {"format": "SQLite table"}, notes=list(notes))


def _sqlite_rows(path: Path, query: str) -> Iterator[Row]:
    with read_only_sqlite(path) as connection:
        for number, row in enumerate(connection.execute(query), start=1):
            yield number, [printed(value) for value in row]


def chosen_table(tables: Iterable[tuple[str, str]], wanted: str, *, where: str) -> tuple[str, str]:
    """Schema ("" for the usual one) and name of the table that is meant.

    Raises
    ------
    NotFoundError
        If there is no such table, or none was named and there are several.
    """
    known = {shown_table(table): table for table in tables}
    if wanted in known:
        return known[wanted]
    if not wanted and len(known) == 1:
        return next(iter(known.values()))
    if not known:
        raise NotFoundError("The database has no tables", where=where)
    raise NotFoundError(
        f"There is no table {wanted!r}" if wanted else "The database has more than one table",
        where=where,
        to_do=f"Name one of: {', '.join(known)}",
    )


def shown_table(table: tuple[str, str]) -> str:
    """The table's name, after its schema unless that is the usual one."""
    return ".".join(filter(None, table))


def _quoted(table: tuple[str, str]) -> str:
    return ".".join(quoted_name(name) for name in table if name)
