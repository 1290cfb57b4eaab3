"""A workspace with a real segmentation of a small store, made as a job makes it but for the pictures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coterie.settings import Settings
from coterie.workspace import SegmentationRecord, Workspace, add_sample, steps
from coterie.workspace.uploads import stored_files

SHOP = "shop"
N_CUSTOMERS = 200
REQUEST = {"method": "kmeans", "n_segments": 3}


def make_shop(folder: Path) -> Path:
    """Make the workspace; its segmentation is called by the id SHOP and is in use.

    Parameters
    ----------
    folder : Path
        New.

    Returns
    -------
    Path
        The folder.
    """
    ws = Workspace(folder)
    dataset = add_sample(ws, n_customers=N_CUSTOMERS)
    record = SegmentationRecord(SHOP, "Small shop", dataset.id, datetime.now(UTC), REQUEST, state="ready")
    ws.segmentations.save(record)
    tables, made = ws.datasets.folder(dataset.id), folder.parent / "made"
    always: dict[str, Any] = {"settings": asdict(Settings()), "progress": lambda sentence, share: None}
    files = [
        {"path": str(path), "name": name, "role": ""}
        for path, (name, *_) in zip(stored_files(ws, dataset.id), dataset.files, strict=True)
    ]
    tables.parent.mkdir(exist_ok=True)
    steps.import_files(files, {}, target=str(tables), **always)
    steps.build_table(str(tables), None, target=str(made / "features"), **always)
    steps.segment(str(made / "features"), REQUEST, recipe=None, target=str(made / "segmentation"), **always)
    for name in ("pictures", "drawings"):
        (made / "charts" / name).mkdir(parents=True)
    (made / "charts" / "charts.json").write_text("[]")
    folders = {name: str(made / name) for name in ("features", "segmentation", "charts")}
    steps.write(folders, target=str(ws.segmentations.folder(SHOP)), **always)
    ws.segmentations.save_current(SHOP, instead_of=None)
    ws.close()
    return folder
