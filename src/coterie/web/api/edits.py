"""/api/segmentations/ID/edits: changes made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint

from coterie.web import changes
from coterie.web.api.schemas import EditIn, EditOut, EffectOut, JobOut, MadeOut, listed
from coterie.web.house import workspace
from coterie.workspace import EditRecord, Job

if TYPE_CHECKING:
    from coterie.investigation import Edit

resource = APIBlueprint(
    "api_edits", __name__, url_prefix="/api/segmentations/<segmentation_id>/edits", tag="Edits"
)
REFUSED = {400: "Not JSON", 409: "It cannot be made now", 422: "It is no edit"}


@resource.get("")
@resource.output(listed(EditOut))
@resource.doc(security="token")
def list_all(segmentation_id: str) -> Sequence[EditRecord]:
    """The changes made, the first one first: the recipe that the next run replays."""
    known = workspace()
    return known.edits.list(known.segmentations.load(segmentation_id).id)


@resource.post("")
@resource.input(EditIn)
@resource.output(MadeOut, status_code=202)
@resource.doc(security="token", responses=REFUSED)
def make(segmentation_id: str, json_data: EditIn) -> MadeOut:
    """Make a change; names are new at once, the job brings the rest."""
    record, edit = workspace().segmentations.load(segmentation_id), _edit(json_data)
    changes.tried(record, edit)
    return MadeOut.of(*changes.make(record, edit))


@resource.post("/effect")
@resource.input(EditIn)
@resource.output(EffectOut)
@resource.doc(security="token", responses=REFUSED)
def tell(segmentation_id: str, json_data: EditIn) -> dict[str, Any]:
    """Say what a change would do, without making it."""
    return changes.tried(workspace().segmentations.load(segmentation_id), _edit(json_data))


@resource.delete("/<edit_id>")
@resource.output(JobOut, status_code=202)
@resource.doc(security="token", responses={409: "It is not the last one"})
def undo(segmentation_id: str, edit_id: str) -> Job:
    """Take the last change back."""
    return changes.undo(workspace().segmentations.load(segmentation_id), edit_id)


def _edit(asked: EditIn) -> Edit:
    from coterie.investigation import edit_from_json

    return edit_from_json(asked.model_dump(exclude_none=True))
