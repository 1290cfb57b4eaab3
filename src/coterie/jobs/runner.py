"""Durable jobs: steps in order, each noted when it is done, resumed at their step after any end.

The steps are callables given from above; here is only who runs them when, which DBOS does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID

Failure = Mapping[str, Any]
Work = Callable[[str, str], Failure | None]
"""Does one step of a job (its id, the step's name); gives what went wrong, or None."""
End = Callable[[str, Failure | None], None]
"""Told when a job has ended, and why if it failed."""

STEPS_VERSION = "1"
"""Raised when jobs begun by an earlier version could no longer go on; they then start anew."""

_QUEUE = "jobs"
_POLLED_EVERY_S = 0.5


class InterruptedWork(BaseException):
    """The server is closing: the step is not noted, and is done again at the next start.

    No Exception, so that nobody takes it for a failure of the step.
    """


class _PlainJson(Serializer):
    """Keeps what DBOS stores readable and free of anything that runs when it is read."""

    def serialize(self, data: Any) -> str:
        """Write plain JSON; of an error only its kind."""
        return json.dumps(data, default=lambda error: type(error).__name__)

    def deserialize(self, serialized_data: str) -> Any:
        """Read it back."""
        return json.loads(serialized_data)

    def name(self) -> str:
        """Name the format."""
        return "coterie_json"


class Runner:
    """Runs jobs, one server's worth; there is one in a process.

    Parameters
    ----------
    database : Path or str
        SQLite's file, or the address of PostgreSQL.
    work, end : callable
        See `Work` and `End`. Both may be called again for what was done when the server was killed.
    n_parallel : int
        So many jobs run at once.
    """

    def __init__(self, database: Path | str, *, work: Work, end: End, n_parallel: int) -> None:
        self._url = f"sqlite:///{database}" if isinstance(database, Path) else database
        self._work, self._end, self._n_parallel = work, end, n_parallel
        self._workflow: Any = None

    def start(self) -> None:
        """Take up jobs, those first that an earlier server left unfinished."""
        config: DBOSConfig = {
            "name": "coterie",
            "system_database_url": self._url,
            "application_version": STEPS_VERSION,
            "serializer": _PlainJson(),
            "log_level": "ERROR",
        }
        DBOS(config=config)
        self._workflow = DBOS.workflow(name="job")(self._job())
        DBOS.launch()
        DBOS.register_queue(_QUEUE, worker_concurrency=self._n_parallel, polling_interval_sec=_POLLED_EVERY_S)

    def submit(self, job_id: str, steps: Sequence[str]) -> None:
        """Queue a job; one that is queued already, or has run, is left as it is.

        Parameters
        ----------
        job_id : str
        steps : sequence of str
        """
        with SetWorkflowID(job_id):
            DBOS.enqueue_workflow(_QUEUE, self._workflow, job_id, list(steps))

    def close(self) -> None:
        """Take up no further jobs; those that run go on at the next start."""
        DBOS.destroy(destroy_registry=True)

    def _job(self) -> Callable[[str, list[str]], None]:
        """What a job does; a plain function, as DBOS makes notes on it."""

        def job(job_id: str, steps: list[str]) -> None:
            failure = None
            for step in steps:
                failure = DBOS.run_step({"name": step}, self._work, job_id, step)
                if failure is not None:
                    break
            DBOS.run_step({"name": "end"}, self._end, job_id, failure)

        return job
