"""The one place that opens engines and writes files.

A Store is a folder of Parquet tables and one DuckDB connection, reached through Ibis, that can see
nothing outside this folder. Every file is written under a temporary name and renamed when complete; in
a CSV, text that looks like a formula is made harmless and numbers stay numbers.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import InputError
from coterie.settings import Settings

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    import pyarrow as pa

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
"""First characters a spreadsheet takes for a formula (OWASP ASVS 1.2.10, CWE-1236)."""


class Store:
    """Parquet tables in one folder, queried by a locked-down DuckDB.

    Parameters
    ----------
    folder : Path, optional
        Where the tables lie. Default: a temporary folder that vanishes with the Store.
    settings : Settings, optional
        Memory limit of the engine.
    """

    def __init__(self, folder: Path | None = None, *, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="coterie-")
        self.folder = (folder or Path(self._temporary.name)).resolve()  # type: ignore[union-attr]
        self.folder.mkdir(parents=True, exist_ok=True)
        self._backend: Any = None

    @property
    def backend(self) -> Any:
        """The Ibis DuckDB backend, opened on first use."""
        if self._backend is None:
            self._backend = _locked_backend(self.folder, self.settings.memory_limit_mb)
        return self._backend

    def table(self, name: str) -> ibis.Table:
        """The stored table of this name as an Ibis expression.

        Parameters
        ----------
        name : str

        Returns
        -------
        ibis.Table
        """
        return self.backend.read_parquet(str(self.path(name)))

    def path(self, name: str) -> Path:
        """Where the table of this name lies or would lie.

        Parameters
        ----------
        name : str

        Returns
        -------
        Path
        """
        return self.folder / f"{name}.parquet"

    def unused_name(self, name: str) -> str:
        """Give this name, numbered if a table has it: another Dataset may still be reading that one.

        Parameters
        ----------
        name : str

        Returns
        -------
        str
        """
        numbered = (f"{name}_{i}" if i else name for i in itertools.count())
        return next(one for one in numbered if not self.path(one).exists())

    def write(self, name: str, rows: ibis.Table) -> ibis.Table:
        """Compute an expression, store it under this name and return the stored table.

        Parameters
        ----------
        name : str
        rows : ibis.Table

        Returns
        -------
        ibis.Table
        """
        with replacing(self.path(name)) as path:
            self.backend.to_parquet(rows, str(path), compression="zstd")
        return self.table(name)

    def write_batches(self, name: str, schema: pa.Schema, *, batches: Iterable[pa.RecordBatch]) -> ibis.Table:
        """Store Arrow batches under this name, holding one batch in memory at a time.

        Parameters
        ----------
        name : str
        schema : pyarrow.Schema
        batches : iterable of pyarrow.RecordBatch

        Returns
        -------
        ibis.Table
        """
        import pyarrow.parquet as pq

        with (
            replacing(self.path(name)) as path,
            pq.ParquetWriter(path, schema, compression="zstd") as writer,
        ):
            for batch in batches:
                writer.write_batch(batch)
        return self.table(name)

    def close(self) -> None:
        """Close the engine and, if the folder is temporary, remove it."""
        if self._backend is not None:
            self._backend.disconnect()
            self._backend = None
        if self._temporary is not None:
            self._temporary.cleanup()


def _locked_backend(folder: Path, memory_limit_mb: int) -> Any:
    import duckdb
    import ibis

    spill = folder / "spill"
    connection = duckdb.connect()
    backend = ibis.duckdb.from_connection(connection)
    # A notebook without ipywidgets has no progress bar, and the engine fails when told to have none.
    [[shows_progress]] = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if shows_progress:
        connection.execute("SET enable_progress_bar=false")
    connection.execute(f"SET memory_limit='{memory_limit_mb}MiB'")
    connection.execute("SET temp_directory=$folder", {"folder": str(spill)})
    # The order matters: allow the folder, forbid all else, then forbid changing that.
    connection.execute("SET allowed_directories=[$folder]", {"folder": str(folder)})
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return backend


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary path beside `target` that takes its place only if the block succeeds.

    Parameters
    ----------
    target : Path
        File or folder to make or replace; its parent is created. An old folder stays whole until the
        new one stands in its place.

    Yields
    ------
    Path
        A name that does not exist yet, with the suffix of `target`.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft, old = (target.with_name(f".{target.stem}-{uuid.uuid4().hex}{target.suffix}") for _ in range(2))
    try:
        yield draft
        if target.is_dir():
            target.replace(old)
        draft.replace(target)
    finally:
        if old.is_dir() and not target.exists():
            old.replace(target)
        for left in (draft, old):
            if left.is_dir():
                shutil.rmtree(left)
            left.unlink(missing_ok=True)


@contextlib.contextmanager
def read_only_sqlite(path: Path) -> Iterator[Any]:
    """A connection to an SQLite file that cannot change it.

    Parameters
    ----------
    path : Path

    Yields
    ------
    sqlite3.Connection
        Text that is not UTF-8 comes with replacement characters.

    Raises
    ------
    InputError
        If the file, or anything asked of it inside the block, cannot be read.
    """
    import sqlite3

    connection = None
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        yield connection
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as cause:
        raise InputError("The SQLite file cannot be read", where=path.name) from cause
    finally:
        if connection is not None:
            connection.close()


@contextlib.contextmanager
def read_only_duckdb(path: Path, *, settings: Settings) -> Iterator[Any]:
    """A connection to a DuckDB file that cannot change it or see anything outside it.

    Parameters
    ----------
    path : Path
    settings : Settings

    Yields
    ------
    duckdb.DuckDBPyConnection

    Raises
    ------
    InputError
        If the file, or anything asked of it inside the block, cannot be read.
    """
    import duckdb

    limits: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "lock_configuration": "true",
        "memory_limit": f"{settings.memory_limit_mb}MiB",
    }
    connection = None
    try:
        connection = duckdb.connect(str(path), read_only=True, config=limits)
        yield connection
    except duckdb.Error as cause:
        raise InputError(
            "The DuckDB file cannot be read",
            where=path.name,
            to_do="Close the program that has it open, and check that it is not damaged",
        ) from cause
    finally:
        if connection is not None:
            connection.close()


@contextlib.contextmanager
def read_only_postgresql(parameters: Mapping[str, Any], *, where: str) -> Iterator[Any]:
    """A PostgreSQL connection in a read-only transaction, with UTC and ISO dates.

    Parameters
    ----------
    parameters : mapping
        host, port, user, password, dbname, sslmode, connect_timeout, as far as given.
    where : str
        How error messages name the database; never contains the password.

    Yields
    ------
    psycopg.Connection

    Raises
    ------
    InputError
        If the connection fails, or anything asked of it inside the block.
    """
    import psycopg

    connection = None
    try:
        options = "-c TimeZone=UTC -c DateStyle=ISO -c client_encoding=UTF8"
        connection = psycopg.connect(**parameters, options=options)
        connection.read_only = True
        yield connection
    except psycopg.Error as cause:
        raise InputError(
            "The PostgreSQL database cannot be read",
            where=where,
            to_do="Check the address, the user's rights and that the server runs",
        ) from cause
    finally:
        if connection is not None:
            connection.close()


def harmless(cell: object) -> object:
    """Put a quote before text that a spreadsheet would run.

    Parameters
    ----------
    cell : object

    Returns
    -------
    object
        The cell itself unless it is text that starts like a formula.

    Examples
    --------
    >>> harmless("=HYPERLINK(...)"), harmless(-2.5), harmless("Anna")
    ("'=HYPERLINK(...)", -2.5, 'Anna')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as UTF-8 CSV, text cells and headers made harmless, complete or not at all.

    Parameters
    ----------
    frame : DataFrame
    path : Path
    """
    with replacing(path) as draft:
        draft.write_text(csv_text(frame), encoding="utf-8", newline="")


def csv_text(frame: pd.DataFrame) -> str:
    """Print a frame as CSV, text cells and headers made harmless.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    str
        Lines end in a line feed; numbers have up to ten digits. Headers that become equal are numbered.
    """
    safe = frame.set_axis(range(frame.shape[1]), axis=1)
    for i in safe.columns:
        if not _is_number(safe[i]):
            safe[i] = _harmless_column(safe[i])
    safe.columns = _harmless_headers(frame.columns)
    text: str = safe.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return text


def _harmless_headers(columns: Iterable[object]) -> list[object]:
    headers: list[object] = []
    for header in map(harmless, columns):
        numbered = (f"{header} ({i})" if i > 1 else header for i in itertools.count(1))
        headers.append(next(one for one in numbered if one not in headers))
    return headers


def _is_number(column: pd.Series) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return bool(is_numeric_dtype(column) or is_bool_dtype(column))


def _harmless_column(column: pd.Series) -> pd.Series:
    """Only distinct values are looked at, so that a million rows cost little."""
    values: Iterable[object] = column.dropna().unique()
    unsafe = {value: safe for value in values if (safe := harmless(value)) is not value}
    return column.astype(object).replace(unsafe) if unsafe else column
