"""The first thing to see: what the segments are, what to do next, what is going on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, url_for

from coterie.web.ahead import find_outlook
from coterie.web.cards import segment_cards
from coterie.web.house import pipeline, workspace
from coterie.web.rendering import done, render

if TYPE_CHECKING:
    from coterie.workspace import Job, SegmentationRecord

page = Blueprint("home", __name__)

MOST_CHANGES = 6
SAMPLE_NAME = "Sample store"


@page.get("/")
def show() -> Response:
    """Show the segmentation in use, or how to begin."""
    known = workspace()
    current, jobs = known.segmentations.load_current(), known.jobs.list()
    view: dict[str, Any] = {
        "running": known.jobs.list_active(),
        "failed": _failed(jobs),
        "is_empty": not known.datasets.list(),
        "current": current,
    }
    if current is not None:
        view |= _view(current)
    return render("home.html", **view)


@page.post("/sample")
def try_sample() -> Response:
    """Make the sample store and segment it."""
    from coterie.workspace import SegmentationRecord, add_sample, new_id

    dataset = add_sample(workspace())
    record = SegmentationRecord(
        id=new_id(),
        name=SAMPLE_NAME,
        dataset_id=dataset.id,
        created_at=datetime.now(UTC),
    )
    workspace().segmentations.save(record)
    imported = pipeline().submit_import(dataset.id)
    job = pipeline().submit_segmentation(record.id, after=imported.id)
    return done(url_for("jobs.show", job_id=job.id))


def _failed(jobs: list[Job]) -> Job | None:
    """The newest job, if it failed: what failed earlier is for the page of jobs."""
    return jobs[0] if jobs and jobs[0].state == "failed" else None


def _view(current: SegmentationRecord) -> dict[str, Any]:
    known = workspace().segmentations
    page, summary = known.page(current.id), known.summary(current.id)
    return {
        "headline": page["headline"],
        "verdict": page["verdict"],
        "cards": segment_cards(page, summary),
        "ahead": find_outlook(current.id),
        "next_steps": page["next_steps"],
        "n_unassigned": summary["segmentation"]["n_unassigned"],
        "n_customers": summary["data"]["n_customers"],
        "observation_end": summary["data"]["observation_end"],
        "method": page["method"],
        "changes": _changes(current),
    }


def _changes(current: SegmentationRecord) -> list[tuple[datetime, str]]:
    """What was done last: segmentations made, edits and notes of the one in use."""
    known = workspace()
    made = [(record.created_at, f"{record.name} was made") for record in known.segmentations.list()]
    edited = [(edit.at, f"{edit.user_name} edited {current.name}") for edit in known.edits.list(current.id)]
    noted = [(note.at, f"{note.user_name} wrote a note") for note in known.notes.list(current.id, None)]
    return sorted([*made, *edited, *noted], reverse=True)[:MOST_CHANGES]
