"""/api/segmentations/ID/notes: what experts wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from apiflask import APIBlueprint

from coterie.web.api.schemas import NoteIn, NoteOut, listed
from coterie.web.house import visitor, workspace
from coterie.workspace import NoteRecord, new_id

resource = APIBlueprint(
    "api_notes", __name__, url_prefix="/api/segmentations/<segmentation_id>/notes", tag="Notes"
)


@resource.get("")
@resource.output(listed(NoteOut))
@resource.doc(security="token")
def list_all(segmentation_id: str) -> Sequence[NoteRecord]:
    """All notes of a segmentation."""
    known = workspace()
    return known.notes.list(known.segmentations.load(segmentation_id).id, None)


@resource.post("")
@resource.input(NoteIn)
@resource.output(NoteOut, status_code=201)
@resource.doc(security="token", responses={400: "Not JSON"})
def add(segmentation_id: str, json_data: NoteIn) -> NoteRecord:
    """Write a note."""
    known, writer = workspace(), visitor()
    note = NoteRecord(
        id=new_id(),
        segmentation_id=known.segmentations.load(segmentation_id).id,
        segment_id=json_data.segment_id,
        at=datetime.now(UTC),
        user_name=writer.name if writer else "",
        text=json_data.text,
    )
    return known.notes.add(note)


@resource.delete("/<note_id>")
@resource.output({}, status_code=204)
@resource.doc(security="token")
def remove(segmentation_id: str, note_id: str) -> str:
    """Remove a note."""
    workspace().segmentations.load(segmentation_id)
    workspace().notes.remove(note_id)
    return ""
