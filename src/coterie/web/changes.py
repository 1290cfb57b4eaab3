"""Changing segments by hand, for the page and the API alike: check, try, make, undo."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from coterie.errors import ConflictError
from coterie.web.house import pipeline, visitor, workspace

if TYPE_CHECKING:
    from coterie.investigation import Edit
    from coterie.workspace import EditRecord, Job, SegmentationRecord

NOBODY_MOVES: dict[str, Any] = {
    "n_moved": 0,
    "segments": [],
    "silhouette_before": None,
    "silhouette_after": None,
}


def tried(record: SegmentationRecord, edit: Edit) -> dict[str, Any]:
    """What an edit would do; nobody moves by a name, a lock or a remark.

    Parameters
    ----------
    record : SegmentationRecord
    edit : Edit

    Returns
    -------
    dict
        `coterie.investigation.EditEffect` as JSON.

    Raises
    ------
    ConflictError
        If it cannot be made now.
    """
    from coterie.investigation import Annotate, Lock, Rename, edit_to_json

    _check(record, edit)
    if isinstance(edit, Rename | Lock | Annotate):
        return NOBODY_MOVES
    return pipeline().try_edit(record.id, edit_to_json(edit))


def make(record: SegmentationRecord, edit: Edit) -> tuple[EditRecord, Job]:
    """Make an edit that was tried; the pictures follow in the background.

    Parameters
    ----------
    record : SegmentationRecord
    edit : Edit

    Returns
    -------
    made : EditRecord
    job : Job
    """
    from coterie.investigation import edit_to_json
    from coterie.workspace import EditRecord, new_id

    maker, running = visitor(), pipeline()
    made = EditRecord(
        new_id(), record.id, datetime.now(UTC), maker.name if maker else "", edit=edit_to_json(edit)
    )
    workspace().edits.append(made)
    return made, running.submit_edit(record.id)


def undo(record: SegmentationRecord, edit_id: str | None) -> Job:
    """Take the last edit back.

    Parameters
    ----------
    record : SegmentationRecord
    edit_id : str or None
        The one that was the last when this was decided.

    Returns
    -------
    Job

    Raises
    ------
    ConflictError
        If another one is the last by now.
    """
    edits = workspace().edits.list(record.id)
    if not edits or edits[-1].id != edit_id:
        raise ConflictError("The list of changes is another one by now", to_do="Look at it again")
    running = pipeline()
    workspace().edits.undo(edits[-1].id)
    return running.submit_edit(record.id)


def _check(record: SegmentationRecord, edit: Edit) -> None:
    """Refuse what cannot be made now, as far as that is known without the data."""
    from coterie.investigation import Rename
    from coterie.investigation.edits import checked_name

    segments = {one["id"]: one["name"] for one in workspace().segmentations.page(record.id)["segments"]}
    waiting = workspace().segmentations.unmade_edits(record.id)
    if waiting is None or any(one.edit["kind"] not in ("rename", "lock", "annotate") for one in waiting):
        raise ConflictError(
            "The last change is still being made", to_do="Wait until its job has ended, then go on"
        )
    for segment_id in getattr(edit, "segment_ids", None) or (getattr(edit, "segment_id", None),):
        if segment_id is not None and segment_id not in segments:
            raise ConflictError("There is no such segment any more", to_do="Look at the segments again")
    if isinstance(edit, Rename):
        checked_name(edit.name, {i: name for i, name in segments.items() if i != edit.segment_id})
