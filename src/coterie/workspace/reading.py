"""A dataset besides its rows: how its files are read, and by what its customers can be parted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from coterie.errors import ConflictError, CoterieError, InputError
from coterie.jobs import Progress
from coterie.settings import Settings
from coterie.store import read_json, replacing
from coterie.workspace.uploads import told_files
from coterie.workspace.waiting import run_awaited

if TYPE_CHECKING:
    from coterie.features import FeatureTable
    from coterie.sources import GivenTable, InputOptions
    from coterie.workspace.datasets import DatasetRecord
    from coterie.workspace.workspace import Workspace

READING_OPTIONS = ("mapping", "date_order", "encoding", "decimal", "time_zone")
LEFT_OUT = "-"
"""The role of a file that is not imported."""

ATTRIBUTES = "attributes.json"
MOST_SECONDS = 90
_ROOM = BoundedSemaphore(2)
"""So many files are looked into at once; the others are told to wait rather than slow everything down."""


def given_tables(files: Sequence[Mapping[str, Any]]) -> list[GivenTable]:
    """The files of a dataset, with what is said about each.

    Parameters
    ----------
    files : sequence of mapping
        See `import_files`.

    Returns
    -------
    list of GivenTable
        Those that are not left out, the orders first.
    """
    from coterie.sources import GivenTable

    used = [file for file in files if file["role"] != LEFT_OUT]
    used.sort(key=lambda file: file["role"] != "transactions")
    return [GivenTable(file["path"], file["role"] or None, file["mapping"]) for file in used]


def input_options(options: Mapping[str, Any], settings: Settings) -> InputOptions:
    """The options of a dataset that say how to read.

    Parameters
    ----------
    options : mapping
    settings : Settings

    Returns
    -------
    InputOptions
    """
    from coterie.sources import InputOptions

    return InputOptions(
        **{name: options[name] for name in READING_OPTIONS if options.get(name)}, settings=settings
    )


def attributes(table: FeatureTable) -> dict[str, Any]:
    """What is known of the customers, for those who choose by what to segment.

    Parameters
    ----------
    table : FeatureTable

    Returns
    -------
    dict
        first_day, observation_end, n_customers (with spend), most_segments, methods (name, title,
        sentence), and attributes: name, label, unit, kind, description, source, is_default.
    """
    from coterie.features import label
    from coterie.river import ALL_METHODS
    from coterie.segmentation import CLUSTERERS
    from coterie.segmentation.fit import CUSTOMERS_PER_SEGMENT, MAX_CLUSTERS

    end, n_customers = table.observation_end, int((~table.no_net_spend).sum())
    return {
        "first_day": _first_day(table),
        "observation_end": None if end is None else end.isoformat(),
        "n_customers": n_customers,
        "most_segments": min(MAX_CLUSTERS, n_customers // CUSTOMERS_PER_SEGMENT),
        "methods": [
            {part: getattr(CLUSTERERS[name], part) for part in ("name", "title", "sentence")}
            for name in ALL_METHODS
        ],
        "attributes": [
            {
                **{part: getattr(spec, part) for part in ("name", "unit", "kind", "description", "source")},
                "label": label(spec),
                "is_default": spec.name in table.defaults,
            }
            for spec in table.specs
        ],
    }


def _first_day(table: FeatureTable) -> str | None:
    """The day of the first order."""
    if table.observation_end is None or "tenure_days" not in table.X.columns:
        return None
    return (table.observation_end - timedelta(days=int(table.X["tenure_days"].max()))).isoformat()


def find_attributes(ws: Workspace, dataset_id: str) -> dict[str, Any] | None:
    """What `attributes` wrote of a dataset.

    Parameters
    ----------
    ws : Workspace
    dataset_id : str

    Returns
    -------
    dict or None
        None if its customers have not been described yet.
    """
    path = ws.datasets.folder(dataset_id) / ATTRIBUTES
    return read_json(path) if path.is_file() else None


def preview_files(
    files: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    *,
    settings: Mapping[str, Any],
    target: str,
    progress: Progress,
) -> None:
    """Look into files without importing them.

    Parameters
    ----------
    files : sequence of mapping
        As in `coterie.workspace.steps.import_files`.
    options : mapping
        Of the dataset.
    settings : mapping
    target : str
        JSON: for each file what `coterie.sources.preview` gives, or `failure`, why it cannot be read.
    progress : callable
    """
    limits = Settings(**settings)
    reading = input_options(options, limits)
    found = []
    for i, file in enumerate(files):
        progress("Looking into the files", i / len(files))
        found.append(_looked_into(file, reading))
    with replacing(Path(target)) as draft:
        draft.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def _looked_into(file: Mapping[str, Any], options: InputOptions) -> dict[str, Any]:
    from coterie.sources import GivenTable, preview

    role = None if file["role"] == LEFT_OUT else file["role"] or None
    try:
        return asdict(preview(GivenTable(file["path"], role, file["mapping"]), options=options))
    except CoterieError as failure:
        return {"failure": failure.what}


def load_preview(ws: Workspace, record: DatasetRecord) -> list[dict[str, Any]]:
    """Look into the files of a dataset, or say what was seen the last time.

    Parameters
    ----------
    ws : Workspace
    record : DatasetRecord
        Its options need not be those that are stored.

    Returns
    -------
    list of dict
        See `preview_files`.

    Raises
    ------
    ConflictError
        If others are at it and there is no room.
    InputError
        If it takes too long.
    """
    files, options = told_files(ws, record), dict(record.options)
    key = hashlib.sha256(json.dumps([files, options], sort_keys=True).encode()).hexdigest()
    path = ws.tmp / f"preview-{key[:32]}.json"
    if not path.is_file():
        _run(ws, {"files": files, "options": options, "target": str(path)})
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _run(ws: Workspace, arguments: Mapping[str, Any]) -> None:
    if not _ROOM.acquire(timeout=MOST_SECONDS / 10):
        raise ConflictError("Other files are being looked into right now", to_do="Try again in a few seconds")
    try:
        run_awaited(
            ws,
            preview_files,
            arguments={**arguments, "settings": asdict(ws.settings)},
            within_s=MOST_SECONDS,
            too_long=InputError(
                f"Looking into the files took longer than {MOST_SECONDS} seconds",
                to_do="Save them as CSV or Parquet, or as several smaller files",
            ),
        )
    finally:
        _ROOM.release()
