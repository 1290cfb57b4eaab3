"""All segmentations of the workspace: which is in use, what each found, rename, remove."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request, url_for

from coterie.errors import ConflictError, CoterieError, ParameterError
from coterie.web.failures import status_of
from coterie.web.house import pipeline, workspace
from coterie.web.rendering import done, render
from coterie.web.wishes import MOST_NAME_LENGTH

page = Blueprint("segmentations", __name__, url_prefix="/segmentations")

STATES = {"running": "Being made", "ready": "Ready", "failed": "Failed"}
BADGES = {"running": "running", "ready": "done", "failed": "failed"}


@page.get("")
def list_all() -> Response:
    """List the segmentations, the newest first."""
    return _list()


@page.post("/<segmentation_id>/use")
def use(segmentation_id: str) -> Response:
    """Put a segmentation into use, unless somebody else has chosen another since the page was shown."""
    known = workspace().segmentations
    record = known.load(segmentation_id)
    try:
        if record.state != "ready":
            raise ConflictError(f"{record.name} is not ready")
        known.save_current(segmentation_id, instead_of=request.form.get("instead_of") or None)
    except CoterieError as failure:
        return _list(wrong=str(failure), status=status_of(failure))
    return done(url_for("segmentations.list_all"), f"{record.name} is in use now.")


@page.post("/<segmentation_id>/rename")
def rename(segmentation_id: str) -> Response:
    """Give a segmentation another name."""
    known = workspace().segmentations
    record, name = known.load(segmentation_id), request.form.get("name", "").strip()
    try:
        if not 1 <= len(name) <= MOST_NAME_LENGTH or not name.isprintable():
            raise ParameterError(f"A name has 1 to {MOST_NAME_LENGTH} letters", where="name")
    except CoterieError as failure:
        return _list(wrong=f"{failure.what}.", typed={segmentation_id: name}, status=status_of(failure))
    known.save(replace(record, name=name))
    return done(url_for("segmentations.list_all"))


@page.get("/<segmentation_id>/remove")
def ask(segmentation_id: str) -> Response:
    """Ask before a segmentation is removed."""
    known = workspace().segmentations
    current = known.load_current()
    return render(
        "segmentation_remove.html",
        segmentation=known.load(segmentation_id),
        is_current=current is not None and current.id == segmentation_id,
    )


@page.post("/<segmentation_id>/remove")
def remove(segmentation_id: str) -> Response:
    """Remove a segmentation; what makes it is stopped first."""
    record = workspace().segmentations.load(segmentation_id)
    if record.state == "running":
        for job in workspace().jobs.list_of(segmentation_id):
            pipeline().cancel(job.id)
    workspace().segmentations.remove(segmentation_id)
    return done(url_for("segmentations.list_all"), f"{record.name} is removed.")


def _list(*, wrong: str = "", typed: dict[str, str] | None = None, status: int = 200) -> Response:
    from coterie.segmentation import CLUSTERERS

    known = workspace()
    current = known.segmentations.load_current()
    return render(
        "segmentations.html",
        status=status,
        segmentations=known.segmentations.list(),
        datasets={one.id: one.name for one in known.datasets.list()},
        jobs={job.target_id: job for job in known.jobs.list()[::-1]},
        methods={name: method.title for name, method in CLUSTERERS.items()},
        current_id=current.id if current else "",
        typed=typed or {},
        states=STATES,
        badges=BADGES,
        wrong=wrong,
    )
