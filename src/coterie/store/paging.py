"""Pages of a Parquet file: filtered, searched and sorted by a locked-down DuckDB."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import NotFoundError, ParameterError
from coterie.settings import Settings
from coterie.store.engines import lock_down
from coterie.store.quoting import quoted_name

if TYPE_CHECKING:
    import pandas as pd

ROW = "file_row_number"
"""What DuckDB calls the number of a row; no column of a file to be paged may have this name."""

_N_THREADS = 2
_N_VECTORS = 4
"""Vectors of 2,048 rows in a batch."""


@dataclass(frozen=True)
class PageRequest:
    """Which rows of a file, in which order.

    Attributes
    ----------
    equal : mapping of str to value
        Only rows with these values.
    search : tuple of (column, text)
        Only rows whose text in this column contains the other, in small or capital letters.
    sort : str
        Column to order by, empty for the order of the file; ties stay in the order of the file.
    descending : bool
    columns : sequence of str
        In this order; empty for all.
    first, n_rows : int
        The first row, counted from 0, and how many.
    """

    equal: Mapping[str, object] = field(default_factory=dict)
    search: tuple[str, str] = ("", "")
    sort: str = ""
    descending: bool = False
    columns: Sequence[str] = ()
    first: int = 0
    n_rows: int = 50


@dataclass(frozen=True)
class Page:
    """Rows of a file, and how many it has that were asked for."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    n_found: int


class Pager:
    """One DuckDB for all Parquet files of a folder, with a cursor per thread.

    Parameters
    ----------
    folder : Path
        It can see nothing else.
    settings : Settings, optional
        How much memory it may use.
    """

    def __init__(self, folder: Path, *, settings: Settings | None = None) -> None:
        self.folder = folder.resolve()
        self.settings = settings or Settings()
        self._opening = threading.Lock()
        self._connection: Any = None
        self._own = threading.local()

    def page(self, path: Path, request: PageRequest | None = None) -> Page:
        """Some rows of a file.

        Parameters
        ----------
        path : Path
            In the folder.
        request : PageRequest, optional

        Returns
        -------
        Page

        Raises
        ------
        NotFoundError
            If there is no such file.
        ParameterError
            If a column does not exist.
        """
        asked = request or PageRequest()
        columns = self._known_columns(path, asked)
        n_found, numbers = self._numbers(path, asked)
        return Page(columns, self._rows(path, numbers, columns=columns), n_found)

    def batches(self, path: Path, request: PageRequest) -> Iterator[pd.DataFrame]:
        """All rows of a file that are asked for, in its order, as many at a time as are quick to handle.

        Parameters
        ----------
        path : Path
            In the folder.
        request : PageRequest
            `sort`, `first` and `n_rows` are not heeded.

        Returns
        -------
        iterator of DataFrame
            At least one, if only with the names of the columns.

        Raises
        ------
        NotFoundError, ParameterError
            As `page`, before the first of them.
        """
        chosen = ", ".join(map(quoted_name, self._known_columns(path, request)))
        conditions, parameters = _conditions(request)
        # A cursor of its own: pages are asked for while this one is read.
        cursor = self._opened().cursor()
        cursor.execute(
            f"SELECT {chosen} FROM read_parquet($path) WHERE {' AND '.join(conditions) or 'true'}",
            {"path": str(path), **parameters},
        )
        return _frames(cursor)

    def columns(self, path: Path) -> tuple[str, ...]:
        """The names of the columns of a file.

        Parameters
        ----------
        path : Path

        Returns
        -------
        tuple of str
        """
        if not path.is_file():
            raise NotFoundError("There is no such table", where=path.name)
        cursor = self._cursor().execute("SELECT * FROM read_parquet($path) LIMIT 0", {"path": str(path)})
        return tuple(column[0] for column in cursor.description)

    def ask(self, query: str, parameters: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """Answer a question over files of the folder.

        Parameters
        ----------
        query : str
            SQL; whatever a visitor typed stands in `parameters` alone.
        parameters : mapping of str to value, optional

        Returns
        -------
        list of tuple
        """
        rows: list[tuple[Any, ...]] = self._cursor().execute(query, dict(parameters or {})).fetchall()
        return rows

    def _known_columns(self, path: Path, asked: PageRequest) -> tuple[str, ...]:
        known = self.columns(path)
        columns = tuple(asked.columns) or known
        for name in (*columns, *asked.equal, asked.sort, asked.search[0]):
            if name and name not in known:
                raise ParameterError(
                    f"There is no column named {name[:100]!r}", to_do=f"Choose from: {', '.join(known)}"
                )
        return columns

    def close(self) -> None:
        """Close the engine."""
        with self._opening:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._own = None, threading.local()

    def _numbers(self, path: Path, asked: PageRequest) -> tuple[int, list[int]]:
        """How many rows were found, and the numbers of those on the page.

        Ordering reads one or two columns; the others are then read for the rows of the page alone.
        """
        conditions, parameters = _conditions(asked)
        key = quoted_name(asked.sort) if asked.sort else ROW
        direction = "DESC" if asked.descending else "ASC"
        found = (
            f"WITH found AS MATERIALIZED (SELECT {ROW} AS number, {key} AS key"
            f" FROM read_parquet($path, {ROW}=true)"
            f" WHERE {' AND '.join(conditions) or 'true'})"
        )
        page = f"SELECT number FROM found ORDER BY key {direction} NULLS LAST, number LIMIT $n OFFSET $first"
        limits = {"n": max(0, asked.n_rows), "first": max(0, asked.first)}
        rows = (
            self._cursor()
            .execute(
                f"{found} SELECT (SELECT count(*) FROM found), list(number) FROM ({page})",
                {"path": str(path), **parameters, **limits},
            )
            .fetchone()
        )
        return int(rows[0]), list(rows[1] or ())

    def _rows(self, path: Path, numbers: Sequence[int], *, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        if not numbers:
            return []
        chosen = ", ".join(map(quoted_name, columns))
        wanted = ", ".join(str(int(number)) for number in numbers)
        found = self._cursor().execute(
            f"SELECT {ROW}, {chosen} FROM read_parquet($path, {ROW}=true) WHERE {ROW} IN ({wanted})",
            {"path": str(path)},
        )
        by_number = {row[0]: row[1:] for row in found.fetchall()}
        return [by_number[number] for number in numbers]

    def _cursor(self) -> Any:
        cursor = getattr(self._own, "cursor", None)
        if cursor is None:
            cursor = self._own.cursor = self._opened().cursor()
        return cursor

    def _opened(self) -> Any:
        import duckdb

        with self._opening:
            if self._connection is None:
                connection = duckdb.connect()
                connection.execute(f"SET threads={_N_THREADS}")
                connection.execute("SET parquet_metadata_cache=true")
                lock_down(connection, folder=self.folder, memory_limit_mb=self.settings.page_memory_mb)
                self._connection = connection
            return self._connection


def _frames(cursor: Any) -> Iterator[pd.DataFrame]:
    try:
        frame = cursor.fetch_df_chunk(_N_VECTORS)
        yield frame
        while len(frame := cursor.fetch_df_chunk(_N_VECTORS)):
            yield frame
    finally:
        cursor.close()


def _conditions(asked: PageRequest) -> tuple[list[str], dict[str, object]]:
    conditions, parameters = [], {}
    for i, (name, value) in enumerate(asked.equal.items()):
        conditions.append(f"{quoted_name(name)} = $equal_{i}")
        parameters[f"equal_{i}"] = value
    column, text = asked.search
    if column and text:
        conditions.append(f"contains(lower({quoted_name(column)}), lower($text))")
        parameters["text"] = text
    return conditions, parameters
