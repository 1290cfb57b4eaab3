"""Work in the background: what runs, how far it is, how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, url_for

from coterie.errors import NotFoundError
from coterie.web.house import pipeline, workspace
from coterie.web.rendering import done, render

if TYPE_CHECKING:
    from coterie.workspace import Job

page = Blueprint("jobs", __name__, url_prefix="/jobs")

RUNNING = ("queued", "running")
STATES = {
    "queued": "Waiting",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
TITLES = {"import": "Import of data", "segmentation": "New segmentation", "edit": "Edit of a segmentation"}
RESULTS = {"import": "data.show", "segmentation": "segmentation.show", "edit": "segmentation.show"}
"""Where to see what came of it."""
UNREADABLE = ("InputError", "SchemaError")
MOST_LISTED = 100


@page.get("")
def list_all() -> Response:
    """List the jobs, the newest first."""
    jobs = workspace().jobs.list()[:MOST_LISTED]
    return render(
        "jobs.html",
        jobs=jobs,
        names={job.id: _name(job) for job in jobs},
        titles=TITLES,
        states=STATES,
        refresh=any(job.state in RUNNING for job in jobs),
    )


@page.get("/<job_id>")
def show(job_id: str) -> Response:
    """Show one job; the page asks again by itself while it runs."""
    from coterie.workspace.pipeline import SHARES

    job = workspace().jobs.load(job_id)
    steps = list(SHARES.get(job.kind, ()))
    return render(
        "job.html",
        job=job,
        title=TITLES.get(job.kind, job.kind),
        name=_name(job),
        states=STATES,
        steps=steps,
        place=steps.index(job.step) if job.step in steps else -1,
        is_running=job.state in RUNNING,
        result=_result(job),
        repair=_repair(job),
    )


@page.post("/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """Stop a job; what was there before stays."""
    job = workspace().jobs.load(job_id)
    if job.state in RUNNING:
        pipeline().cancel(job_id)
    return done(url_for("jobs.show", job_id=job_id))


def _name(job: Job) -> str:
    """The name of the dataset or segmentation the job is about."""
    known = workspace()
    try:
        if job.kind == "import":
            return known.datasets.load(job.target_id).name
        return known.segmentations.load(job.target_id).name
    except NotFoundError:
        return ""


def _result(job: Job) -> str:
    endpoint = RESULTS.get(job.kind, "")
    if job.state != "done" or not endpoint:
        return ""
    if endpoint not in current_app.view_functions:
        return url_for("home.show")
    if job.kind == "import":
        return url_for(endpoint, dataset_id=job.target_id)
    return url_for(endpoint, segmentation_id=job.target_id)


def _repair(job: Job) -> str:
    """Where the files can be told apart better, if it was they that could not be read."""
    if job.step != "import" or not job.failure or job.failure["kind"] not in UNREADABLE:
        return ""
    of_dataset = job.kind == "import"
    dataset_id = job.target_id if of_dataset else workspace().segmentations.load(job.target_id).dataset_id
    return url_for("data.show", dataset_id=dataset_id)
