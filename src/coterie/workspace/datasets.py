"""What was uploaded, and what reading made of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from coterie.store import tables
from coterie.store.metadata import Metadata
from coterie.workspace.repository import Repository

DatasetState = Literal["uploaded", "importing", "ready", "failed"]


@dataclass(frozen=True)
class DatasetRecord:
    """Files that belong together.

    Attributes
    ----------
    files : tuple of (name, SHA-256, bytes)
        The names are the user's own: text to show, never a path.
    options : mapping
        What the user said about them: mapping, roles and mappings by file name, date_order, encoding,
        decimal, time_zone, keep_duplicates, and truth, the column of known groups, if there is one.
    report, quality : mapping or None
        The account of reading and of cleaning, once imported.
    """

    id: str
    name: str
    created_at: datetime
    files: tuple[tuple[str, str, int], ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] | None = None
    quality: Mapping[str, Any] | None = None
    n_customers: int = 0
    state: DatasetState = "uploaded"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the files' SHA-256s, in their order."""
        return fingerprint_of(sha for _, sha, _ in self.files)


def fingerprint_of(digests: Iterable[str]) -> str:
    """SHA-256 of the digests of files, in their order.

    Parameters
    ----------
    digests : iterable of str

    Returns
    -------
    str
    """
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


class Datasets(Repository[DatasetRecord]):
    """The data sets and their folders.

    Parameters
    ----------
    metadata : Metadata
    workspace : Path
        In whose folder the uploads and the tables lie.
    """

    table, kind, word = tables.datasets, DatasetRecord, "dataset"

    def __init__(self, metadata: Metadata, workspace: Path) -> None:
        super().__init__(metadata)
        self._workspace = workspace

    def list(self) -> list[DatasetRecord]:
        """All datasets, the newest first.

        Returns
        -------
        list of DatasetRecord
        """
        return self._select(order=[tables.datasets.c.created_at.desc()])

    def find_fingerprint(self, fingerprint: str) -> DatasetRecord | None:
        """The dataset with exactly these files.

        Parameters
        ----------
        fingerprint : str

        Returns
        -------
        DatasetRecord or None
        """
        return self._find(tables.datasets.c.fingerprint == fingerprint)

    def folder(self, dataset_id: str) -> Path:
        """Where the tables of an imported dataset lie.

        Parameters
        ----------
        dataset_id : str

        Returns
        -------
        Path
        """
        return self._workspace / "datasets" / self.load(dataset_id).id

    def uploaded(self, dataset_id: str) -> Path:
        """Where the files of a dataset lie as they were uploaded, numbered from 1.

        Parameters
        ----------
        dataset_id : str

        Returns
        -------
        Path
        """
        return self._workspace / "uploads" / self.load(dataset_id).fingerprint

    def remove(self, key: str) -> None:
        """Remove a dataset with its files and tables.

        Parameters
        ----------
        key : str

        Raises
        ------
        ConflictError
            If a segmentation was made from it.
        """
        folders = (self.folder(key), self.uploaded(key))
        super().remove(key)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _row(self, record: DatasetRecord) -> dict[str, Any]:
        return super()._row(record) | {"fingerprint": record.fingerprint}

    def _record(self, row: dict[str, Any]) -> DatasetRecord:
        return super()._record(
            row | {"files": tuple((str(n), str(sha), int(b)) for n, sha, b in row["files"])}
        )
