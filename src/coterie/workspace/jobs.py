"""Long work: what it is doing and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from coterie.store import tables
from coterie.workspace.repository import Repository

JobKind = Literal["import", "segmentation", "edit"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
ACTIVE: tuple[JobState, ...] = ("queued", "running")


@dataclass(frozen=True)
class Job:
    """One job: importing a dataset, or making a segmentation.

    `share` is how much is done, 0-1, `sentence` what is being done; `failure` has kind, what, where and
    to_do; `after_id` names a job it waits for.
    """

    id: str
    kind: JobKind
    target_id: str
    submitted_at: datetime
    state: JobState = "queued"
    step: str = ""
    sentence: str = ""
    share: float = 0.0
    seconds_left: float | None = None
    failure: Mapping[str, Any] | None = None
    ended_at: datetime | None = None
    after_id: str | None = None


class Jobs(Repository[Job]):
    """The jobs."""

    table, kind, word = tables.jobs, Job, "job"

    def list(self) -> list[Job]:
        """All jobs, the newest first.

        Returns
        -------
        list of Job
        """
        return self._select(order=[tables.jobs.c.submitted_at.desc()])

    def list_active(self) -> Sequence[Job]:
        """The jobs that have not ended, the oldest first.

        Returns
        -------
        list of Job
        """
        return self._select(tables.jobs.c.state.in_(ACTIVE), order=[tables.jobs.c.submitted_at])

    def list_of(self, target_id: str) -> Sequence[Job]:
        """The jobs of a dataset or segmentation, the oldest first.

        Parameters
        ----------
        target_id : str

        Returns
        -------
        list of Job
        """
        own = tables.jobs.c
        return self._select(own.target_id == target_id, order=[own.submitted_at])

    def save_progress(self, job_id: str, **progress: Any) -> bool:
        """Note how far a job is, unless it has ended.

        Parameters
        ----------
        job_id : str
        **progress : state, step, sentence, share, seconds_left

        Returns
        -------
        bool
            False if it has ended: somebody cancelled it.
        """
        return self._change(job_id, progress)

    def save_end(self, job_id: str, state: JobState, *, failure: Mapping[str, Any] | None = None) -> bool:
        """Note how a job ended, unless it has ended already.

        Parameters
        ----------
        job_id : str
        state : "done", "failed" or "cancelled"
        failure : mapping, optional

        Returns
        -------
        bool
            False if it had ended.
        """
        ended: dict[str, Any] = {"state": state, "failure": failure, "ended_at": datetime.now(UTC)}
        done = {"share": 1.0} if state == "done" else {}
        return self._change(job_id, ended | done | {"seconds_left": None})

    def _change(self, job_id: str, values: Mapping[str, Any]) -> bool:
        own = tables.jobs.c
        change = tables.jobs.update().where(own.id == job_id, own.state.in_(ACTIVE)).values(**values)
        with self.metadata.writing() as connection:
            return bool(connection.execute(change).rowcount)
