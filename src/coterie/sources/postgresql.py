"""Tables of PostgreSQL databases -> RawTable; addresses are held to an allow-list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from coterie.errors import InputError, NotFoundError
from coterie.settings import Settings
from coterie.sources.batches import Row, batches_of
from coterie.sources.database import chosen_table, shown_table
from coterie.sources.header import check_width, column_names
from coterie.sources.raw import RawTable
from coterie.store import quoted_name, read_only_postgresql

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_DATABASE = re.compile(r"[\w$-]+")
_FETCHED_ROWS = 4_096

_TABLES = """
    SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema END, table_name
    FROM information_schema.tables
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
_COLUMNS = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position
"""
_PRINTED = {
    "timestamp with time zone": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00:00'",
}
"""How a type is printed where its own text would not do."""


@dataclass(frozen=True)
class _Address:
    parameters: Mapping[str, str | int]
    table: str
    where: str


def read_postgresql(url: str, *, settings: Settings) -> RawTable:
    """A table named by ``postgresql://user:password@host:port/base?table=schema.name``.

    Raises
    ------
    InputError
        If the address is not of this form, or the database cannot be read. The password is never
        in the message.
    NotFoundError
        If there is no such table, or none was named and there are several.
    """
    address = _address(url)
    with read_only_postgresql(address.parameters, where=address.where) as connection:
        tables = connection.execute(_TABLES).fetchall()
        schema, name = chosen_table(tables, address.table.removeprefix("public."), where=address.where)
        columns = connection.execute(_COLUMNS, (schema or "public", name)).fetchall()
    source = f"{address.where}::{shown_table((schema, name))}"
    check_width(len(columns), settings=settings, source=source)
    if not columns:
        raise NotFoundError("The table has no columns this user may read", where=source)
    names, notes = column_names([column for column, _ in columns])
    query = _query((schema or "public", name), columns)
    batches = batches_of(_rows(address, query), n_columns=len(names))
    return RawTable(source, names, True, batches, {"format": "PostgreSQL table"}, notes=list(notes))


def _query(table: tuple[str, str], columns: list[tuple[str, str]]) -> str:
    cells = (_PRINTED.get(kind, "{}::text").format(quoted_name(column)) for column, kind in columns)
    return f"SELECT {', '.join(cells)} FROM {'.'.join(map(quoted_name, table))}"


def _rows(address: _Address, query: str) -> Iterator[Row]:
    with (
        read_only_postgresql(address.parameters, where=address.where) as connection,
        connection.cursor(name="coterie") as cursor,
    ):
        cursor.itersize = _FETCHED_ROWS
        cursor.execute(query)
        yield from enumerate(cursor, start=1)


def _address(url: str) -> _Address:
    """The parts of an address; whatever is not plainly allowed is refused without repeating it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as cause:
        raise _refused("it is not a valid address") from cause
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    database = unquote(parts.path.removeprefix("/"))
    _check_parts(parts, asked)
    parameters: dict[str, str | int] = {"host": parts.hostname or "localhost", "dbname": database}
    parameters |= {"port": port} if port else {}
    parameters |= {"user": unquote(parts.username)} if parts.username else {}
    parameters |= {"password": unquote(parts.password)} if parts.password else {}
    parameters |= {"sslmode": asked["sslmode"]} if "sslmode" in asked else {}
    parameters["connect_timeout"] = int(asked.get("connect_timeout", "10"))
    return _Address(parameters, asked.get("table", ""), f"{parts.hostname or 'localhost'}/{database}")


def _check_parts(parts: SplitResult, asked: Mapping[str, str]) -> None:
    if parts.scheme != "postgresql":
        raise _refused("it does not begin with postgresql://")
    if unknown := sorted(set(asked) - {"table", "sslmode", "connect_timeout"}):
        raise _refused(f"the parameter {unknown[0]!r} is not allowed")
    if parts.hostname and not _HOST.fullmatch(parts.hostname):
        raise _refused("its host is not a plain name or number")
    if not _DATABASE.fullmatch(unquote(parts.path.removeprefix("/"))):
        raise _refused("it does not name a database")
    if asked.get("sslmode", "prefer") not in _SSL_MODES:
        raise _refused("its sslmode is unknown")
    if not re.fullmatch(r"[0-9]{1,4}", asked.get("connect_timeout", "10")):
        raise _refused("its connect_timeout is not a number of seconds")


def _refused(why: str) -> InputError:
    return InputError(
        f"This database address cannot be used: {why}",
        to_do="Write it as postgresql://user:password@host:port/base?table=schema.name",
    )
