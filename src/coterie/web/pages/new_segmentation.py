"""A new segmentation: by what, how, and into how many; all of it is filled in already."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for

from coterie.errors import CoterieError
from coterie.web.failures import status_of
from coterie.web.house import pipeline, workspace
from coterie.web.rendering import done, render
from coterie.web.wishes import (
    FEWEST,
    MOST_WEIGHT,
    Wishes,
    first_wishes,
    free_name,
    groups_of,
    request_of,
    truths_of,
    weights_of,
    wishes_of,
)
from coterie.workspace import SegmentationRecord, find_attributes, find_base, new_id, preview_moves

if TYPE_CHECKING:
    from coterie.workspace import DatasetRecord

page = Blueprint("fits", __name__, url_prefix="/segmentations/new")


@page.get("")
def show() -> Response:
    """Show the form, or what has to be done before."""
    record = _dataset(request.args.get("dataset", ""))
    known = find_attributes(workspace(), record.id) if record is not None else None
    if record is None or known is None or record.state != "ready":
        return _not_yet(record)
    return _form(record, known, wishes=_first(record, known))


@page.post("")
def submit() -> Response:
    """Begin the segmentation that is asked for."""
    record = workspace().datasets.load(request.form.get("dataset", ""))
    known = find_attributes(workspace(), record.id)
    if known is None or record.state != "ready":
        return _not_yet(record)
    wishes = wishes_of(request.form, _first(record, known))
    try:
        asked = request_of(wishes, known)
    except CoterieError as failure:
        return _form(record, known, wishes=wishes, wrong=failure)
    made = SegmentationRecord(
        id=new_id(), name=wishes.name, dataset_id=record.id, created_at=datetime.now(UTC), request=asked
    )
    runner = pipeline()
    workspace().segmentations.save(made)
    job = runner.submit_segmentation(made.id)
    return done(url_for("jobs.show", job_id=job.id))


@page.get("/movers")
def movers() -> Response:
    """Say who would be in another segment if the attributes of the form had its weights."""
    record = _dataset(request.args.get("dataset", ""))
    base = None if record is None else find_base(workspace(), record.id)
    view: dict[str, Any] = {"moves": None, "new": [], "wrong": ""}
    if base is not None:
        attributes = workspace().segmentations.summary(base.id)["segmentation"]["attributes"]
        view["new"] = [name for name in request.args.getlist("attribute") if name not in attributes]
        try:
            view["moves"] = preview_moves(workspace(), base.id, weights=weights_of(request.args, attributes))
        except CoterieError as failure:
            view["wrong"] = f"{failure.what}."
    return render("movers.html", dataset=record, base=base, **view)


@page.post("/read")
def read() -> Response:
    """Read the files of a dataset, so that there is something to choose from."""
    known = workspace()
    record = known.datasets.load(request.form.get("dataset", ""))
    runner = pipeline()
    if record.state == "ready":  # read by a job that ended before it described the customers
        known.datasets.save(replace(record, state="uploaded"))
    return done(url_for("jobs.show", job_id=runner.submit_import(record.id).id))


def _dataset(dataset_id: str) -> DatasetRecord | None:
    """The dataset that is asked for, or the newest that is ready."""
    if dataset_id:
        return workspace().datasets.load(dataset_id)
    listed = workspace().datasets.list()
    return next((one for one in listed if one.state == "ready"), listed[0] if listed else None)


def _first(record: DatasetRecord, known: dict[str, Any]) -> Wishes:
    taken = (one.name for one in workspace().segmentations.list())
    return first_wishes(record, known, name=free_name(record.name, taken))


def _not_yet(record: DatasetRecord | None) -> Response:
    return render("new_segmentation.html", dataset=record, datasets=workspace().datasets.list(), view=None)


def _form(
    record: DatasetRecord, known: dict[str, Any], *, wishes: Wishes, wrong: CoterieError | None = None
) -> Response:
    view = {
        "known": known,
        "base": find_base(workspace(), record.id),
        "wishes": wishes,
        "groups": groups_of(known, truth=wishes.truth),
        "truths": truths_of(known),
        "fewest": FEWEST,
        "most_weight": MOST_WEIGHT,
        "wrong": "" if wrong is None else f"{wrong.what}.",
        "where": "" if wrong is None else wrong.where,
    }
    return render(
        "new_segmentation.html",
        status=200 if wrong is None else status_of(wrong),
        dataset=record,
        datasets=workspace().datasets.list(),
        view=view,
    )
