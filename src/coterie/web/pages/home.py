"""The first thing to see: what the segments are, what to do next, what is going on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, url_for

from coterie.web.house import pipeline, workspace
from coterie.web.rendering import done, render

if TYPE_CHECKING:
    from coterie.workspace import Job, SegmentationRecord

page = Blueprint("home", __name__)

TYPICAL = ("recency_days", "n_orders", "monetary")
"""Features whose typical value stands on a card, if the data have them."""
MOST_CHANGES = 6
SAMPLE_NAME = "Sample store"


@dataclass(frozen=True)
class Card:
    """A segment at a glance.

    Attributes
    ----------
    id : int
    name : str
    n_customers : int
    share, revenue_share : float or None, 0-1
    traits : list of str
    typical : list of (label, value)
    stability : str
        Share of its members found again when it is made anew; empty if unknown.
    action : str
        What to do about it, in a sentence; empty if nothing is known.
    """

    id: int
    name: str
    n_customers: int
    share: float
    revenue_share: float | None
    traits: list[str]
    typical: list[tuple[str, str]]
    stability: str
    action: str


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
        "next_steps": page["next_steps"],
        "n_unassigned": summary["segmentation"]["n_unassigned"],
        "n_customers": summary["data"]["n_customers"],
        "observation_end": summary["data"]["observation_end"],
        "method": page["method"],
        "changes": _changes(current),
    }


def segment_cards(page: dict[str, Any], summary: dict[str, Any]) -> list[Card]:
    """Join the words and the figures of each segment.

    Parameters
    ----------
    page, summary : dict
        What `ws.segmentations.page` and `.summary` give.

    Returns
    -------
    list of Card
    """
    figures = {segment["id"]: segment for segment in summary["segments"]}
    labels = {name: label for label, name, *_ in page["glossary"]}
    typical = [labels[name] for name in TYPICAL if name in labels]
    return [_card(words, figures[words["id"]], typical=typical) for words in page["segments"]]


def _card(words: dict[str, Any], figures: dict[str, Any], *, typical: list[str]) -> Card:
    medians = {label: own for label, own, _ in words["medians"]}
    return Card(
        id=words["id"],
        name=words["name"],
        n_customers=figures["n_customers"],
        share=figures["share"],
        revenue_share=figures["revenue_share"],
        traits=words["traits"],
        typical=[(label, medians[label]) for label in typical if label in medians],
        stability=words["stability"],
        action=words["action"]["strategy"] if words["action"] else "",
    )


def _changes(current: SegmentationRecord) -> list[tuple[datetime, str]]:
    """What was done last: segmentations made, edits and notes of the one in use."""
    known = workspace()
    made = [(record.created_at, f"{record.name} was made") for record in known.segmentations.list()]
    edited = [(edit.at, f"{edit.user_name} edited {current.name}") for edit in known.edits.list(current.id)]
    noted = [(note.at, f"{note.user_name} wrote a note") for note in known.notes.list(current.id, None)]
    return sorted([*made, *edited, *noted], reverse=True)[:MOST_CHANGES]
