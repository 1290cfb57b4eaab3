"""The engines: a locked-down DuckDB over Parquet, and other databases that are only read."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import InputError
from coterie.settings import Settings
from coterie.store.files import replacing

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


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

    connection = duckdb.connect()
    backend = ibis.duckdb.from_connection(connection)
    lock_down(connection, folder=folder, memory_limit_mb=memory_limit_mb)
    return backend


def lock_down(connection: Any, *, folder: Path, memory_limit_mb: int) -> None:
    """Keep a DuckDB connection to one folder and to so much memory, for good.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    folder : Path
        The only one it may see; what does not fit into memory is spilled into it.
    memory_limit_mb : int
    """
    # A notebook without ipywidgets has no progress bar, and the engine fails when told to have none.
    [[shows_progress]] = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if shows_progress:
        connection.execute("SET enable_progress_bar=false")
    connection.execute(f"SET memory_limit='{memory_limit_mb}MiB'")
    connection.execute("SET temp_directory=$folder", {"folder": str(folder / "spill")})
    # The order matters: allow the folder, forbid all else, then forbid changing that.
    connection.execute("SET allowed_directories=[$folder]", {"folder": str(folder)})
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")


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
