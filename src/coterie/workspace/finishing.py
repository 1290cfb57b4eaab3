"""The end of a job that made a segmentation: what is written down of it."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from coterie.errors import ConflictError
from coterie.workspace.workspace import Workspace


def finish(ws: Workspace, segmentation_id: str) -> None:
    """Say what came out; the first segmentation of a workspace is put into use.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
        Its folder is whole.
    """
    page, summary = ws.segmentations.page(segmentation_id), ws.segmentations.summary(segmentation_id)
    ws.segmentations.save(
        replace(
            ws.segmentations.load(segmentation_id),
            state="ready",
            headline=page["headline"],
            n_customers=summary["data"]["n_customers"],
            n_segments=summary["segmentation"]["n_segments"],
            method=summary["segmentation"]["method"],
        )
    )
    if ws.segmentations.load_current() is None:
        with contextlib.suppress(ConflictError):
            ws.segmentations.save_current(segmentation_id, instead_of=None)
