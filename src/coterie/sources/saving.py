"""A Dataset on disk: its tables as Parquet and the account of reading them as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coterie.errors import ConflictError, NotFoundError
from coterie.sources.dataset import ROLES, ColumnGuess, Dataset, FileReport, IngestReport
from coterie.store import Store, link_or_copy

SCHEMA = 1
"""Raised whenever a folder of an earlier version could be misread."""

DATASET_FILE = "dataset.json"
_REJECTED = "rejected"


def save_dataset(dataset: Dataset, folder: Path) -> Path:
    """Write a dataset into a folder.

    Parameters
    ----------
    dataset : Dataset
    folder : Path
        New, or without tables.

    Returns
    -------
    Path
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store = dataset.store
    tables: dict[str, Any] = {
        role: getattr(dataset, role) for role in ROLES if getattr(dataset, role) is not None
    }
    for name, rows in {**tables, _REJECTED: dataset.report.rejected}.items():
        kept = store.unused_name(f"{name}_kept")
        store.write(kept, rows)
        link_or_copy(store.path(kept), folder / f"{name}.parquet")
    content = {
        "schema": SCHEMA,
        "fingerprint": dataset.fingerprint,
        "currency": dataset.currency,
        "tables": list(tables),
        "files": [asdict(one) for one in dataset.report.files],
    }
    (folder / DATASET_FILE).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def load_dataset(folder: Path, *, store: Store | None = None) -> Dataset:
    """Read a dataset that `save_dataset` wrote.

    Parameters
    ----------
    folder : Path
    store : Store, optional
        Where later stages put tables of theirs; the folder itself stays as it is. Default: a temporary one.

    Returns
    -------
    Dataset

    Raises
    ------
    NotFoundError
        If there is none in this folder.
    ConflictError
        If another version of Coterie wrote it.
    """
    content = _read_json(folder / DATASET_FILE)
    store = store or Store()
    for name in (*content["tables"], _REJECTED):
        link_or_copy(folder / f"{name}.parquet", store.path(name))
    files = tuple(_file_report(one) for one in content["files"])
    return Dataset(
        store=store,
        report=IngestReport(files, store.table(_REJECTED)),
        fingerprint=content["fingerprint"],
        currency=content["currency"],
        **{role: store.table(role) for role in content["tables"]},
    )


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise NotFoundError("There is no imported dataset", where=str(path.parent))
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if content["schema"] != SCHEMA:
        raise ConflictError(
            "Another version of Coterie imported this dataset",
            where=str(path.parent),
            to_do="Import its files again",
        )
    return content


def _file_report(content: dict[str, Any]) -> FileReport:
    columns = tuple(ColumnGuess(**column) for column in content["columns"])
    return FileReport(**{**content, "columns": columns, "notes": tuple(content["notes"])})
