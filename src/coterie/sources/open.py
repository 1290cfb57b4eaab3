"""Any source -> RawTable: what it is, is decided by its content."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import InputError, NotFoundError, SchemaError
from coterie.settings import Settings
from coterie.sources.batches import screened
from coterie.sources.child import read_in_child
from coterie.sources.columnar import read_frame
from coterie.sources.content import HEAD_BYTES, kind_of
from coterie.sources.database import read_duckdb, read_sqlite
from coterie.sources.decode import byte_blocks, checked_encoding, compression_of, text_blocks
from coterie.sources.delimited import read_delimited
from coterie.sources.json_rows import read_json
from coterie.sources.postgresql import read_postgresql
from coterie.sources.raw import RawTable

if TYPE_CHECKING:
    import pyarrow as pa

_ADDRESS = re.compile(r"[A-Za-z][^/]*://")


def open_raw(source: object, *, encoding: str | None = None, settings: Settings) -> RawTable:
    """Open a file, a table of a database or a frame as rows of text.

    Parameters
    ----------
    source : path, address or frame
        A path, "book.xlsx::Sheet", "base.duckdb::table", "base.sqlite::table",
        "postgresql://host/base?table=schema.name", or a pandas, polars or pyarrow table.
    encoding : str, optional
        Encoding of a text file; default is to find out.
    settings : Settings
        Limits of size.

    Returns
    -------
    RawTable
        Its first batch is read already, so what is wrong from the start is told here.

    Raises
    ------
    NotFoundError
        If the file, sheet or table does not exist.
    InputError
        If it is empty, damaged, too large or of a kind that cannot be read.
    SchemaError
        If it has too many columns, or no line of it fits its header.
    """
    table = _open(source, checked_encoding(encoding) if encoding else None, settings=settings)
    table.batches = _begun(table, screened(table, settings=settings))
    return table


def _begun(table: RawTable, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    first = next(batches, None)
    if first is not None:
        return itertools.chain([first], batches)
    if not table.rejected:
        raise InputError("The table has column names but no rows", where=table.source)
    reject = table.rejected[0]
    raise SchemaError(
        f"No line can be read as a row of this table; the first: {reject.reason}",
        where=f"{table.source}, line {reject.line}",
        to_do="Check the delimiter, the header and the encoding",
    )


def _open(source: object, encoding: str | None, *, settings: Settings) -> RawTable:
    if not isinstance(source, str | os.PathLike):
        return read_frame(source, settings=settings)
    text = os.fspath(source)
    if isinstance(text, str) and _ADDRESS.match(text):
        return read_postgresql(text, settings=settings)
    path, part = _existing(str(text))
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise InputError("The file is empty", where=path.name)
    compression = compression_of(head)
    kind = "" if compression else kind_of(path, head)
    if kind == "workbook":
        return read_in_child(path, kind="workbook", sheet=part, settings=settings)
    if kind in ("duckdb", "sqlite"):
        read = read_duckdb if kind == "duckdb" else read_sqlite
        return read(path, table=part, settings=settings)
    if part:
        raise InputError('Only workbooks and databases have parts to name after "::"', where=path.name)
    if kind == "parquet":
        return read_in_child(path, kind="parquet", settings=settings)
    return _open_text(path, compression, encoding=encoding, settings=settings)


def _open_text(path: Path, compression: str, *, encoding: str | None, settings: Settings) -> RawTable:
    dialect = {"compression": compression} if compression else {}
    notes: list[str] = []
    kind = _kind_within(path, compression, settings=settings)

    def texts() -> Iterator[str]:
        blocks = byte_blocks(path, compression, settings=settings)
        return text_blocks(blocks, encoding=encoding, dialect=dialect, notes=notes)

    if kind == "text":
        return read_delimited(texts(), source=path.name, dialect=dialect, notes=notes, settings=settings)
    by_line = kind == "json lines"
    return read_json(texts, lines=by_line, source=path.name, dialect=dialect, settings=settings)


def _kind_within(path: Path, compression: str, *, settings: Settings) -> str:
    """What the text file, packed or not, holds: "text", "json" or "json lines"."""
    head = next(byte_blocks(path, compression, settings=settings), b"")
    if not head.strip():
        raise InputError("The file is empty", where=path.name)
    nested = compression_of(head)
    kind = "text" if nested else kind_of(path, head[:HEAD_BYTES])
    if nested or kind not in ("text", "json", "json lines"):
        raise InputError(
            f"The {compression} file holds a {nested or kind} file, not text",
            where=path.name,
            to_do="Unpack it first",
        )
    return kind


def _existing(text: str) -> tuple[Path, str]:
    """The file and what is named after "::"; a file's own name may have a "::" too."""
    name, mark, part = text.rpartition("::")
    path, part = (Path(name), part) if mark and not _is_there(Path(text)) else (Path(text), "")
    if not _is_there(path):
        raise NotFoundError("There is no such file", where=str(path)[:200].replace("\0", ""))
    if path.is_dir():
        raise InputError("This is a folder, not a file", where=path.name)
    if not path.is_file():
        raise InputError("This is a device or a pipe, not a file", where=path.name)
    if not os.access(path, os.R_OK):
        raise InputError("The file may not be read by this user", where=path.name)
    return path, part


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
