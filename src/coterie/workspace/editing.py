"""From the list of edits to what a child needs to make them: files in, an effect or a folder out."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coterie.errors import ConflictError
from coterie.store import replacing
from coterie.workspace import steps
from coterie.workspace.edits import EditRecord
from coterie.workspace.segmentations import SegmentationRecord
from coterie.workspace.waiting import run_awaited
from coterie.workspace.workspace import Workspace

TRIED_WITHIN_S = 120.0
"""Nobody waits longer for a page that says what an edit would do."""
REPLAYED_BY = "an earlier segmentation"


def archived(ws: Workspace, segmentation_id: str) -> dict[str, str]:
    """Where a finished segmentation keeps what it was made of.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str

    Returns
    -------
    dict
        features, forecast and segmentation: the segments as the method found them.
    """
    archive = ws.segmentations.folder(segmentation_id) / "archive"
    return {name: str(archive / name) for name in ("features", "segmentation", "forecast")}


def write_edits(ws: Workspace, segmentation_id: str, *, path: Path) -> None:
    """Write the list of edits as it is now.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    path : Path
    """
    edits = [{"id": one.id, "edit": dict(one.edit)} for one in ws.edits.list(segmentation_id)]
    known = ws.segmentations.page(segmentation_id).get("conflicts", [])
    with replacing(path) as draft:
        draft.write_text(json.dumps({"edits": edits, "conflicts": known}, ensure_ascii=False), "utf-8")


def try_edit(ws: Workspace, segmentation_id: str, *, edit: Mapping[str, Any]) -> dict[str, Any]:
    """Let a child say what an edit would do; what was told once is kept.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    edit : mapping
        As JSON.

    Returns
    -------
    dict
        `coterie.investigation.EditEffect` as JSON.

    Raises
    ------
    CoterieError
        If it cannot be made, or takes too long to tell.
    """
    made = [one.id for one in ws.edits.list(segmentation_id)]
    asked = json.dumps([segmentation_id, made, edit], sort_keys=True)
    target = ws.tmp / f"effect-{hashlib.sha256(asked.encode()).hexdigest()[:32]}"
    if not target.is_dir():
        with contextlib.ExitStack() as ending:
            edits = target.with_suffix(".json")
            ending.callback(edits.unlink, missing_ok=True)
            write_edits(ws, segmentation_id, path=edits)
            folders = {**archived(ws, segmentation_id), "edits": str(edits)}
            run_awaited(
                ws,
                steps.try_edit,
                arguments={"folders": folders, "edit": edit, "target": str(target)},
                within_s=TRIED_WITHIN_S,
                too_long=ConflictError(
                    "It takes too long to say what this would change", to_do="Try again when fewer jobs run"
                ),
            )
    effect: dict[str, Any] = json.loads((target / "effect.json").read_text(encoding="utf-8"))
    return effect


def recipe_for(ws: Workspace, made: SegmentationRecord) -> dict[str, Any] | None:
    """The edits of an earlier segmentation that this one shall begin with.

    Parameters
    ----------
    ws : Workspace
    made : SegmentationRecord
        Its request names them as `edits`, its parent is the segmentation they were made on.

    Returns
    -------
    dict or None
        As `steps.segment` takes it.
    """
    edits = made.request.get("edits")
    if not edits:
        return None
    parent = (
        "" if made.parent_id is None else ws.segmentations.folder(made.parent_id) / "result" / "edits.json"
    )
    return {"edits": list(edits), "path": str(parent), "id": made.id}


def keep_replayed(ws: Workspace, segmentation_id: str, *, path: str) -> None:
    """Note the edits that were made anew as edits of the new segmentation, once.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    path : str
        What `steps.segment` wrote, if there was a recipe.
    """
    if not Path(path).is_file():
        return
    known = {one.id for one in ws.edits.list(segmentation_id)}
    for one in json.loads(Path(path).read_text(encoding="utf-8"))["edits"]:
        if one["id"] not in known:
            ws.edits.append(
                EditRecord(one["id"], segmentation_id, datetime.now(UTC), REPLAYED_BY, edit=one["edit"])
            )
