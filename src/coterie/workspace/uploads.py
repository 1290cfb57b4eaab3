"""Uploads: streamed to disk, measured, hashed, and known again by their content."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from coterie.errors import ConflictError, InputError, StorageError, TooLargeError
from coterie.workspace.datasets import DatasetRecord
from coterie.workspace.repository import new_id

if TYPE_CHECKING:
    from coterie.workspace.workspace import Workspace

_BLOCK_BYTES = 2**20
_MIB = 2**20
_MAX_NAME = 200
"""Characters of a file's name that are kept to be shown."""

_SAMPLE = ("orders", "customers", "events", "feedback")

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, halves of characters, and marks that turn the direction of writing."""

_SUFFIX = re.compile(r"[a-z0-9]{1,8}")


def add_upload(
    ws: Workspace,
    files: Sequence[tuple[str, BinaryIO]],
    *,
    name: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> DatasetRecord:
    """Take in files that belong together.

    Parameters
    ----------
    ws : Workspace
    files : sequence of (name, binary stream)
        The names are only shown, never used as a path.
    name : str, optional
        Of the dataset; default is that of the first file.
    options : mapping, optional
        What the user says about the files, see `DatasetRecord`.

    Returns
    -------
    DatasetRecord
        The one there is already, if these very files were taken in before.

    Raises
    ------
    InputError
        If there is no file, or one is empty.
    TooLargeError
        If a file is larger than `max_upload_bytes`.
    StorageError
        If the workspace's quota is used up, or the disk is full; nothing is left behind.
    """
    if not files:
        raise InputError("There is nothing to upload", to_do="Choose at least one file")
    with _draft(ws) as draft:
        meter = _Meter(ws)
        taken = [
            _take(file, draft / _stored_name(n, file[0]), meter=meter) for n, file in enumerate(files, 1)
        ]
        record = DatasetRecord(
            new_id(),
            shown_name(name or Path(taken[0][0]).stem),
            datetime.now(UTC),
            tuple(taken),
            options=dict(options or {}),
        )
        return _kept(ws, record, draft=draft)


def add_sample(ws: Workspace, *, n_customers: int = 2_000) -> DatasetRecord:
    """Take in the built-in sample store.

    Parameters
    ----------
    ws : Workspace
    n_customers : int

    Returns
    -------
    DatasetRecord
    """
    from coterie.sources import write_sample_store

    with contextlib.ExitStack() as stack:
        draft = stack.enter_context(_draft(ws))
        paths = write_sample_store(draft / "sample", n_customers=n_customers)
        files = [(paths[role].name, stack.enter_context(paths[role].open("rb"))) for role in _SAMPLE]
        roles = {paths[role].name: role for role in _SAMPLE[1:]}
        options = {"roles": roles, "truth": "true_segment"}
        return add_upload(ws, files, name="Sample store", options=options)


def shown_name(name: str) -> str:
    r"""Make a name fit to be shown and stored: no control characters, not endless.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> shown_name("orders\x00.csv"), shown_name("  ")
    ('orders.csv', 'unnamed')
    """
    return _UNPRINTABLE.sub("", name).strip()[:_MAX_NAME] or "unnamed"


def stored_files(ws: Workspace, dataset_id: str) -> list[Path]:
    """Where the uploaded files of a dataset lie, in their order.

    Parameters
    ----------
    ws : Workspace
    dataset_id : str

    Returns
    -------
    list of Path
    """
    folder = ws.datasets.uploaded(dataset_id)
    names = [name for name, _, _ in ws.datasets.load(dataset_id).files]
    return [folder / _stored_name(n, name) for n, name in enumerate(names, 1)]


def told_files(ws: Workspace, record: DatasetRecord) -> list[dict[str, Any]]:
    """The files of a dataset as a step takes them: where each lies, and what was said about it.

    Parameters
    ----------
    ws : Workspace
    record : DatasetRecord

    Returns
    -------
    list of dict
        path, name, role ("" to find out) and mapping.
    """
    roles, mappings = (record.options.get(part, {}) for part in ("roles", "mappings"))
    return [
        {"path": str(path), "name": name, "role": roles.get(name, ""), "mapping": mappings.get(name, {})}
        for path, (name, _, _) in zip(stored_files(ws, record.id), record.files, strict=True)
    ]


def _stored_name(number: int, name: str) -> str:
    suffix = shown_name(name).rpartition(".")[2].lower()
    return f"{number}.{suffix if _SUFFIX.fullmatch(suffix) else 'data'}"


@dataclass
class _Meter:
    """Counts what is taken in against what there is room for."""

    ws: Workspace
    n_bytes: int = 0

    def __post_init__(self) -> None:
        self._stored = sum(n for one in self.ws.datasets.list() for _, _, n in one.files)

    def add(self, n_bytes: int) -> None:
        """Count a block before it is written."""
        self.n_bytes += n_bytes
        settings = self.ws.settings
        if self._stored + self.n_bytes > settings.workspace_quota_mb * _MIB:
            raise StorageError(
                f"The workspace is full: its uploads may take {settings.workspace_quota_mb:,} MiB",
                to_do="Remove datasets you no longer need, or allow more by COTERIE_WORKSPACE_QUOTA_MB",
            )
        if shutil.disk_usage(self.ws.tmp).free - n_bytes < settings.min_free_disk_mb * _MIB:
            raise StorageError(
                f"The disk is nearly full: {settings.min_free_disk_mb:,} MiB must stay free",
                to_do="Make room on the disk, then upload again",
            )


def _take(file: tuple[str, BinaryIO], path: Path, *, meter: _Meter) -> tuple[str, str, int]:
    """The file's shown name, SHA-256 and size; its content goes to `path`."""
    name, stream = shown_name(file[0]), file[1]
    most = meter.ws.settings.max_upload_bytes
    digest, n_bytes = hashlib.sha256(), 0
    with path.open("wb") as out:
        while block := stream.read(_BLOCK_BYTES):
            n_bytes += len(block)
            if n_bytes > most:
                raise TooLargeError(
                    f"The file is larger than {most / _MIB:,.0f} MiB",
                    where=name,
                    to_do="Split or compress it, or allow more by COTERIE_MAX_UPLOAD_BYTES",
                )
            meter.add(len(block))
            digest.update(block)
            out.write(block)
    if not n_bytes:
        raise InputError("The file is empty", where=name)
    return name, digest.hexdigest(), n_bytes


def _kept(ws: Workspace, record: DatasetRecord, *, draft: Path) -> DatasetRecord:
    """The record, or the one that has these files already."""
    known = ws.datasets.find_fingerprint(record.fingerprint)
    if known is not None:
        return known
    target = ws.uploads / record.fingerprint
    if not target.exists():
        draft.rename(target)
    try:
        return ws.datasets.add(record)
    except ConflictError:  # somebody took in the same files at the same time
        known = ws.datasets.find_fingerprint(record.fingerprint)
        if known is None:
            raise
        return known


@contextlib.contextmanager
def _draft(ws: Workspace) -> Iterator[Path]:
    """A folder for an upload, gone at the end unless it was moved; a full disk becomes a sentence."""
    draft = None
    try:
        draft = Path(tempfile.mkdtemp(dir=ws.tmp))
        yield draft
    except OSError as cause:
        full = cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise StorageError(
            "The disk is full" if full else "The upload cannot be written to the workspace",
            to_do="Make room on the disk, then upload again"
            if full
            else "Check that its folder may be written",
        ) from cause
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
