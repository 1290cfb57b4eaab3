"""Tables of databases, taken in as they stand now; only from hosts that the settings name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from coterie.errors import ConflictError, InputError
from coterie.jobs import Progress
from coterie.jobs.child import CancelledError, run_in_child
from coterie.settings import Settings
from coterie.store import replacing
from coterie.workspace.uploads import add_upload

if TYPE_CHECKING:
    from coterie.workspace.datasets import DatasetRecord
    from coterie.workspace.workspace import Workspace

MOST_SECONDS = 300
USUAL_PORT = 5432
_ROOM = BoundedSemaphore(1)


def allowed_hosts(settings: Settings) -> list[str]:
    """The hosts whose databases may be read, each with its port.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    list of str

    Examples
    --------
    >>> allowed_hosts(Settings(allow_database_sources="db.shop.example, localhost:5433"))
    ['db.shop.example:5432', 'localhost:5433']
    """
    named = (entry.strip().lower() for entry in settings.allow_database_sources.split(","))
    return [_with_port(entry) for entry in named if entry]


def _with_port(entry: str) -> str:
    host, _, port = entry.rpartition(":")
    return entry if host and port.isdigit() else f"{entry}:{USUAL_PORT}"


def add_table(ws: Workspace, address: str, *, name: str) -> DatasetRecord:
    """Take in a table of a database as a file.

    Parameters
    ----------
    ws : Workspace
    address : str
        postgresql://user:password@host:port/base?table=schema.name. It is not kept.
    name : str
        What the file is to be called.

    Returns
    -------
    DatasetRecord
        The one there is already, if the table has not changed since it was taken in.

    Raises
    ------
    InputError
        If the host is not allowed, or the table cannot be read.
    ConflictError
        If another table is being read.
    """
    _check_host(address, allowed_hosts(ws.settings))
    if not _ROOM.acquire(blocking=False):
        raise ConflictError("Another table is being read right now", to_do="Try again in a minute")
    try:
        with tempfile.TemporaryDirectory(dir=ws.tmp) as folder:
            path = Path(folder) / "table.parquet"
            _fetch(ws, address, target=path)
            with path.open("rb") as stream:
                return add_upload(ws, [(f"{name}.parquet", stream)], name=name)
    finally:
        _ROOM.release()


def _check_host(address: str, allowed: Iterable[str]) -> None:
    try:
        parts = urlsplit(address)
        host = f"{(parts.hostname or '').lower()}:{parts.port or USUAL_PORT}"
    except ValueError:
        host = ""
    if host not in allowed or parts.scheme != "postgresql":
        raise InputError(
            "Databases of this host may not be read from here",
            to_do="Whoever runs the server can name it in the setting allow_database_sources",
        )


def _fetch(ws: Workspace, address: str, *, target: Path) -> None:
    """By a child; the address goes to it in a file that nobody else reads, for it holds a password."""
    told = target.with_name("address")
    told.touch(0o600)
    told.write_text(address, encoding="utf-8")
    ends_at = monotonic() + MOST_SECONDS
    try:
        run_in_child(
            fetch_table,
            {"address_file": str(told), "settings": asdict(ws.settings), "target": str(target)},
            memory_mb=ws.settings.job_memory_mb,
            watch=lambda _sentence, _share: monotonic() < ends_at,
        )
    except CancelledError:
        raise InputError(
            f"Reading the table took longer than {MOST_SECONDS} seconds",
            to_do="Export it as Parquet or CSV and upload that",
        ) from None


def fetch_table(address_file: str, *, settings: Mapping[str, Any], target: str, progress: Progress) -> None:
    """Write a table of a database as Parquet; every cell is text, as in a CSV file.

    Parameters
    ----------
    address_file : str
        Holds the address, and is removed.
    settings : mapping
    target : str
    progress : callable
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from coterie.sources import open_raw

    address = Path(address_file).read_text(encoding="utf-8")
    Path(address_file).unlink()
    raw = open_raw(address, settings=Settings(**settings))
    schema = pa.schema([(name, pa.string()) for name in raw.columns])
    progress("Reading the table", 0.0)
    with replacing(Path(target)) as draft, pq.ParquetWriter(draft, schema) as writer:
        for batch in raw.batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns[1:], schema=schema))
