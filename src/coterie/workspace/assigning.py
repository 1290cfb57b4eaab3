"""Customers of other files put into the segments of a finished segmentation."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from coterie.errors import ConflictError
from coterie.jobs import Progress
from coterie.settings import Settings
from coterie.store import Store, replacing
from coterie.workspace.reading import given_tables, input_options
from coterie.workspace.uploads import told_files
from coterie.workspace.waiting import run_awaited
from coterie.workspace.workspace import Workspace

MOST_SECONDS = 120.0


def assign_customers(
    ws: Workspace, segmentation_id: str, *, dataset_id: str, observation_end: date | None = None
) -> list[dict[str, Any]]:
    """Put the customers of a dataset into the segments; what was told once is kept.

    Parameters
    ----------
    ws : Workspace
    segmentation_id, dataset_id : str
    observation_end : date, optional
        The day to look from. Default: the day of the last order.

    Returns
    -------
    list of dict
        customer_id, segment_id, segment_name, margin.

    Raises
    ------
    CoterieError
        If the files do not fit the model, or it takes too long.
    """
    record = ws.datasets.load(dataset_id)
    asked = {
        "model": str(ws.segmentations.folder(segmentation_id) / "result" / "model"),
        "files": told_files(ws, record),
        "options": dict(record.options),
        "observation_end": None if observation_end is None else observation_end.isoformat(),
    }
    made = ws.segmentations.page(segmentation_id).get("edit_ids")
    key = hashlib.sha256(json.dumps([asked, made], sort_keys=True).encode()).hexdigest()
    path = ws.tmp / f"assigned-{key[:32]}.json"
    if not path.is_file():
        run_awaited(
            ws,
            assign_files,
            arguments={**asked, "settings": asdict(ws.settings), "target": str(path)},
            within_s=MOST_SECONDS,
            too_long=ConflictError(
                f"It takes longer than {MOST_SECONDS:g} seconds",
                to_do="Use 'coterie assign' for so many customers",
            ),
        )
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def assign_files(
    model: str,
    files: Sequence[Mapping[str, Any]],
    *,
    options: Mapping[str, Any],
    observation_end: str | None,
    settings: Mapping[str, Any],
    target: str,
    progress: Progress,
) -> None:
    """Read files and put their customers into the segments of a model.

    Parameters
    ----------
    model : str
        Its folder.
    files : sequence of mapping
        As in `coterie.workspace.steps.import_files`.
    options : mapping
        Of the dataset.
    observation_end : str or None
        ISO date.
    settings : mapping
    target : str
        JSON: what `assign_customers` returns.
    progress : callable
    """
    from coterie import river, sources

    limits = Settings(**settings)
    with replacing(Path(target)) as draft:
        with contextlib.closing(Store(settings=limits)) as store:
            dataset = sources.read(
                *given_tables(files), options=input_options(options, limits), store=store, progress=progress
            )
            placed = river.assign(
                river.load_model(Path(model)),
                dataset,
                observation_end=observation_end,
                keep_duplicates=bool(options.get("keep_duplicates")),
                progress=progress,
            )
        draft.write_text(placed.to_json(orient="records", force_ascii=False), encoding="utf-8")
