"""/api/jobs: long work."""

from __future__ import annotations

from collections.abc import Sequence

from apiflask import APIBlueprint

from coterie.web.api.schemas import JobOut, listed
from coterie.web.house import pipeline, workspace
from coterie.workspace import Job

resource = APIBlueprint("api_jobs", __name__, url_prefix="/api/jobs", tag="Jobs")


@resource.get("")
@resource.output(listed(JobOut))
@resource.doc(security="token")
def list_all() -> Sequence[Job]:
    """All jobs, the newest first."""
    return workspace().jobs.list()


@resource.get("/<job_id>")
@resource.output(JobOut)
@resource.doc(security="token")
def show(job_id: str) -> Job:
    """How far one job is, or how it ended."""
    return workspace().jobs.load(job_id)


@resource.delete("/<job_id>")
@resource.output(JobOut)
@resource.doc(security="token", responses={409: "Nothing computes here"})
def cancel(job_id: str) -> Job:
    """Stop a job; what was there before stays. One that has ended stays as it is."""
    job = workspace().jobs.load(job_id)
    if job.ended_at is None:
        pipeline().cancel(job.id)
    return workspace().jobs.load(job_id)
