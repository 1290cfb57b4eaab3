"""The metadata database: SQLite beside the data, or PostgreSQL by its address."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import ConflictError, CoterieError, ParameterError, StorageError
from coterie.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

_LOCKED = ("database is locked", "lock timeout", "canceling statement due to lock")
_NO_ROOM = ("disk is full", "No space left", "readonly database", "disk I/O error")


class Metadata:
    """The opened database; every change is one transaction.

    Parameters
    ----------
    address : Path or str
        The file of SQLite, or "postgresql://user:password@host/base".
    settings : Settings, optional
        How long a change waits for another.
    """

    def __init__(self, address: Path | str, *, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.url = metadata_url(address)
        self.engine = _engine(self.url, self.settings.busy_timeout_s)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database.

        Yields
        ------
        sqlalchemy.Connection
        """
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed if the block succeeds.

        Yields
        ------
        sqlalchemy.Connection

        Raises
        ------
        ConflictError
            If another process holds the database for longer than `busy_timeout_s`.
        StorageError
            If nothing can be written.
        """
        with self._told(), self.engine.connect() as connection:
            connection = connection.execution_options(coterie_writes=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        from sqlalchemy.exc import OperationalError

        try:
            yield
        except OperationalError as cause:
            failure = _failure(cause, self.settings.busy_timeout_s)
            if failure is None:
                raise
            raise failure from cause


def metadata_url(address: Path | str) -> str:
    """The address of a metadata database as SQLAlchemy reads it.

    Parameters
    ----------
    address : Path or str

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If it names another kind of database.

    Examples
    --------
    >>> metadata_url("postgresql://ann@localhost/shop")
    'postgresql+psycopg://ann@localhost/shop'
    """
    if isinstance(address, Path):
        return f"sqlite:///{address.resolve()}"
    kind, mark, rest = address.partition("://")
    if not mark or kind not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ParameterError(
            "The workspace's database must be PostgreSQL",
            where="COTERIE_DATABASE_URL",
            to_do="Write it as postgresql://user:password@host/base, or leave it out for SQLite",
        )
    return f"postgresql+psycopg://{rest}"


def _engine(url: str, busy_timeout_s: float) -> Engine:
    import sqlalchemy as sa

    milliseconds = int(busy_timeout_s * 1000)
    if url.startswith("postgresql"):
        options = f"-c lock_timeout={milliseconds} -c TimeZone=UTC"
        return sa.create_engine(url, connect_args={"options": options}, pool_pre_ping=True)
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # Python's own way of opening transactions leaves DDL out of them.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={milliseconds}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A change takes the lock at once: one that began by reading could no longer wait for it.
        writes = connection.get_execution_options().get("coterie_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _failure(cause: DBAPIError, busy_timeout_s: float) -> CoterieError | None:
    """What a refusal of the database means; the words of the database may hold a customer's data."""
    words = str(cause.orig)
    if any(sign in words for sign in _LOCKED):
        return ConflictError(
            f"The workspace is busy: another process has held its database for {busy_timeout_s:g} seconds",
            to_do="Try again; if it stays so, end the other program that has the workspace open",
        )
    if any(sign in words for sign in _NO_ROOM):
        return StorageError(
            "The workspace's database cannot be written: the disk is full, or the folder is read-only",
            to_do="Make room or give the right to write; nothing was changed",
        )
    if "unable to open database file" in words or "connection failed" in words.lower():
        return StorageError(
            "The workspace's database cannot be opened",
            to_do="Check that the folder may be written to, or that the database server runs",
        )
    return None
