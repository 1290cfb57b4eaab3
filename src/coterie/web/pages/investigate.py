"""Changing segments by hand: what a change would do, making it, undoing it, and the list of all changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for

from coterie.errors import CoterieError
from coterie.web import changes
from coterie.web.edits import edit_of, to_values
from coterie.web.failures import status_of
from coterie.web.guard import local_target
from coterie.web.house import pipeline, workspace
from coterie.web.rendering import done, render
from coterie.web.visitors import allowed

if TYPE_CHECKING:
    from coterie.investigation import Edit
    from coterie.workspace import EditRecord, Job, SegmentationRecord

page = Blueprint("investigate", __name__, url_prefix="/segmentations/<segmentation_id>/investigate")

ORDERS = {"<=": "at most", ">": "more than", "==": "is", "!=": "is not"}
ACTIVE = ("queued", "running")


@page.get("")
def show(segmentation_id: str) -> Response:
    """Show the ways to change, or what the change in the address would do."""
    return _show(segmentation_id, is_asked="kind" in request.args)


@page.post("/preview")
def preview(segmentation_id: str) -> Response:
    """Show what a change would do that is too long for an address: many customers."""
    return _show(segmentation_id, is_asked=True)


@page.post("")
def apply(segmentation_id: str) -> Response:
    """Make a change; the pictures follow in the background."""
    record = workspace().segmentations.load(segmentation_id)
    back = local_target(request.form.get("back", ""), otherwise=_url(record))
    try:
        edit = edit_of(request.form)
        changes.tried(record, edit)
    except CoterieError as failure:
        return _show(segmentation_id, is_asked=False, wrong=failure)
    words = _words(edit, record)
    changes.make(record, edit)
    return done(back, f"{words}: done. The pictures follow in a moment.")


@page.post("/undo")
def undo(segmentation_id: str) -> Response:
    """Take the last change back."""
    record = workspace().segmentations.load(segmentation_id)
    changes.undo(record, request.form.get("edit"))
    return done(_url(record), "The last change is taken back. The pages follow in a moment.")


@page.post("/again")
def make_again(segmentation_id: str) -> Response:
    """Make the pages and pictures anew, if a job about them was cancelled or failed."""
    record = workspace().segmentations.load(segmentation_id)
    job = pipeline().submit_edit(record.id)
    return done(url_for("jobs.show", job_id=job.id))


@page.post("/replay")
def replay(segmentation_id: str) -> Response:
    """Look for segments anew in the same data and make the same changes there."""
    from coterie.workspace import new_id

    record = workspace().segmentations.load(segmentation_id)
    edits = [dict(one.edit) for one in workspace().edits.list(record.id)]
    made = replace(
        record,
        id=new_id(),
        name=f"{record.name}, made anew",
        created_at=datetime.now(UTC),
        request={**record.request, "edits": edits},
        state="running",
        headline="",
        parent_id=record.id,
    )
    workspace().segmentations.save(made)
    job = pipeline().submit_segmentation(made.id)
    return done(url_for("jobs.show", job_id=job.id))


@page.get("/recipe.json")
def download(segmentation_id: str) -> Response:
    """Hand over the list of changes."""
    record = workspace().segmentations.load(segmentation_id)
    edits = [dict(one.edit) for one in workspace().edits.list(record.id)]
    content = json.dumps({"schema": 1, "edits": edits}, indent=2, ensure_ascii=False)
    response = Response(content + "\n", mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename="edits.json")
    return response


def _url(record: SegmentationRecord) -> str:
    return url_for("investigate.show", segmentation_id=record.id)


def _show(segmentation_id: str, *, is_asked: bool, wrong: CoterieError | None = None) -> Response:
    record = workspace().segmentations.load(segmentation_id)
    content = workspace().segmentations.page(segmentation_id)
    effect: dict[str, Any] | None = None
    if is_asked and allowed("investigate.apply"):
        try:
            effect = _effect(record)
        except CoterieError as failure:
            wrong = failure
    edits = workspace().edits.list(record.id)
    chosen = request.values.get("segment", "")
    return render(
        "investigate.html",
        status=200 if wrong is None else status_of(wrong),
        record=record,
        segments=content["segments"],
        features=content["features"],
        orders=ORDERS,
        chosen=int(chosen) if chosen.isdecimal() and len(chosen) < 6 else None,
        typed=request.values,
        effect=effect,
        wrong=wrong,
        edits=_told(edits, content),
        conflicts=content.get("conflicts", []),
        is_made=workspace().segmentations.unmade_edits(record.id) == [],
        job=_job(record),
    )


def _effect(record: SegmentationRecord) -> dict[str, Any]:
    """What the change would do, with the fields of the form that makes it."""
    from coterie.investigation import edit_to_json

    edit = edit_of(request.values)
    told = changes.tried(record, edit)
    return {**told, "words": _words(edit, record), "values": to_values(edit_to_json(edit))}


def _names(content: Mapping[str, Any]) -> dict[int, str]:
    return {one["id"]: one["name"] for one in content["segments"]}


def _words(edit: Edit, record: SegmentationRecord) -> str:
    from coterie.investigation import edit_words

    return edit_words(edit, _names(workspace().segmentations.page(record.id)))


def _told(edits: list[EditRecord], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The changes in words: those the report knows as it says them."""
    from coterie.investigation import edit_from_json, edit_words

    known = content.get("edits", [])
    names = _names(content)
    return [
        {
            "id": one.id,
            "words": known[place] if place < len(known) else edit_words(edit_from_json(one.edit), names),
            "by": one.user_name,
            "at": one.at,
        }
        for place, one in enumerate(edits)
    ]


def _job(record: SegmentationRecord) -> Job | None:
    """The job that makes the changes now."""
    jobs = [job for job in workspace().jobs.list_of(record.id) if job.kind == "edit"]
    return jobs[-1] if jobs and jobs[-1].state in ACTIVE else None
