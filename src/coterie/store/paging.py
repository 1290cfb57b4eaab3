"""Pages of a Parquet file: filtered, searched and sorted by a locked-down DuckDB."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import NotFoundError, ParameterError
from coterie.settings import Settings
from coterie.store.engines import lock_down
from coterie.store.quoting import quoted_name

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

ROW = "file_row_number"
"""What DuckDB calls the number of a row; no column of a file to be paged may have this name."""

_N_THREADS = 2
_N_VECTORS = 4
"""Vectors of 2,048 rows in a batch."""
_KEPT_BYTES = 128 * 2**20
_LIST_BYTES = 2**16
"""A list counts as this much at least, so that there are not too many of them."""


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


class _Kept:
    """The lists of rows that were asked for last, within a limit of memory."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, npt.NDArray[np.int32]] = OrderedDict()
        self._changing = threading.Lock()

    def find(self, key: str) -> npt.NDArray[np.int32] | None:
        with self._changing:
            if key in self._lists:
                self._lists.move_to_end(key)
            return self._lists.get(key)

    def keep(self, key: str, rows: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        with self._changing:
            self._lists[key] = rows
            while len(self._lists) > 1 and self._n_bytes() > _KEPT_BYTES:
                self._lists.popitem(last=False)
        return rows

    def _n_bytes(self) -> int:
        return sum(rows.nbytes + _LIST_BYTES for rows in self._lists.values())


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
        self._kept = _Kept()

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
        """How many rows were found, and the numbers of those on the page."""
        first, last = max(0, asked.first), max(0, asked.first) + max(0, asked.n_rows)
        if not (asked.equal or asked.search[1] or asked.sort):
            [(n_found,)] = self.ask("SELECT count(*) FROM read_parquet($path)", {"path": str(path)})
            return n_found, list(range(first, min(last, n_found)))
        found = self._found(path, asked)
        return len(found), found[first:last].tolist()

    def _found(self, path: Path, asked: PageRequest) -> npt.NDArray[np.int32]:
        """The numbers of all rows found, in order; kept for the next page, and for the next reader."""
        key = (path, path.stat().st_mtime_ns, *astuple(replace(asked, columns=(), first=0, n_rows=0)))
        known = self._kept.find(repr(key))
        return known if known is not None else self._kept.keep(repr(key), self._sorted(path, asked))

    def _sorted(self, path: Path, asked: PageRequest) -> npt.NDArray[np.int32]:
        conditions, parameters = _conditions(asked)
        key = quoted_name(asked.sort) if asked.sort else ROW
        direction = "DESC" if asked.descending else "ASC"
        found = self._cursor().execute(
            f"SELECT {ROW}::INTEGER AS number FROM read_parquet($path, {ROW}=true)"
            f" WHERE {' AND '.join(conditions) or 'true'} ORDER BY {key} {direction} NULLS LAST, {ROW}",
            {"path": str(path), **parameters},
        )
        numbers: npt.NDArray[np.int32] = found.fetchnumpy()["number"]
        return numbers

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
