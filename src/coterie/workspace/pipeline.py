"""From an upload to a finished segmentation: durable jobs, a child process for each step."""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from coterie.errors import ConflictError, CoterieError, InputError
from coterie.jobs import Stopwatch
from coterie.jobs.child import CancelledError, failure_from, failure_told, run_in_child
from coterie.jobs.runner import Failure, InterruptedWork, Runner
from coterie.jobs.turns import Turns
from coterie.store import read_json
from coterie.workspace import steps
from coterie.workspace.datasets import DatasetState
from coterie.workspace.editing import archived, keep_replayed, recipe_for, try_edit, write_edits
from coterie.workspace.finishing import finish
from coterie.workspace.jobs import ACTIVE, Job, JobKind, JobState
from coterie.workspace.uploads import told_files
from coterie.workspace.workspace import Workspace

_log = logging.getLogger(__name__)

SHARES: Mapping[JobKind, Mapping[str, float]] = {
    "import": {"import": 1.0},
    "segmentation": {
        **{"import": 0.2, "features": 0.1, "segmentation": 0.4},
        **{"forecast": 0.06, "charts": 0.14, "report": 0.1},
    },
    "edit": {"edit": 0.02, "charts": 0.58, "report": 0.4},
}
"""The steps of a job in order, and how much of its time each usually takes."""

SENTENCES = {
    "import": "Reading the files",
    "features": "Describing the customers",
    "segmentation": "Looking for segments",
    "forecast": "Looking ahead",
    "edit": "Making the change",
    "charts": "Drawing the charts",
    "report": "Writing the report",
}

CANCELLED = {"kind": "CancelledError", "what": "The job was cancelled", "where": "", "to_do": ""}

MOST_TRIED = 2
"""Edits tried at the same time: each has a whole result in memory."""

_LOOK_EVERY_S = 0.25
_TOLD_SHARE = 0.005
"""Progress smaller than this is not written down."""


class Pipeline:
    """Takes jobs for a workspace and does them; one in a server, used as a context.

    What an earlier server left unfinished is taken up at its step when the context begins.

    Parameters
    ----------
    ws : Workspace
    """

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws
        self._closing = threading.Event()
        self._at_work = 0
        self._leaving = threading.Condition()
        self._trying = threading.Semaphore(MOST_TRIED)
        self._watches: dict[str, Stopwatch] = {}
        self._imports = Turns()
        self._runner = Runner(
            ws.database_url or ws.folder / "jobs.sqlite",
            work=self._work,
            end=self._end,
            n_parallel=ws.settings.parallel_jobs,
        )

    def __enter__(self) -> Self:
        self._closing.clear()
        self.ws.sweep()
        self._runner.start()
        for job in self.ws.jobs.list_active():
            self._runner.submit(job.id, list(SHARES[job.kind]))
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with self._leaving:
            self._leaving.wait_for(lambda: not self._at_work)
        self._runner.close()

    def submit_import(self, dataset_id: str) -> Job:
        """Import a dataset.

        Parameters
        ----------
        dataset_id : str

        Returns
        -------
        Job
            The one there is already, if the dataset is being imported or is ready.
        """
        is_ready = self.ws.datasets.load(dataset_id).state == "ready"
        return self._submit(Job("", "import", dataset_id, datetime.now(UTC)), is_ready)

    def submit_segmentation(self, segmentation_id: str, *, after: str | None = None) -> Job:
        """Make a segmentation; its dataset is imported first if need be.

        Parameters
        ----------
        segmentation_id : str
        after : str, optional
            Id of a job to wait for.

        Returns
        -------
        Job
            The one there is already, if the segmentation is being made or is ready.
        """
        is_ready = self.ws.segmentations.load(segmentation_id).state == "ready"
        job = Job("", "segmentation", segmentation_id, datetime.now(UTC), after_id=after)
        return self._submit(job, is_ready)

    def submit_edit(self, segmentation_id: str) -> Job:
        """Make the folder of a segmentation anew after its list of edits changed.

        Parameters
        ----------
        segmentation_id : str

        Returns
        -------
        Job
            A new one; an unfinished one about an earlier list is given up.
        """
        for job in self.ws.jobs.list_of(segmentation_id):
            if job.kind == "edit" and job.state in ACTIVE:
                self.cancel(job.id)
        return self._submit(Job("", "edit", segmentation_id, datetime.now(UTC)), False)

    def try_edit(self, segmentation_id: str, edit: Mapping[str, Any]) -> dict[str, Any]:
        """Say what an edit would do, without making it.

        Parameters
        ----------
        segmentation_id : str
        edit : mapping
            As `coterie.investigation.edit_to_json` gives it.

        Returns
        -------
        dict
            `coterie.investigation.EditEffect` as JSON.

        Raises
        ------
        CoterieError
            If it cannot be made, or takes too long to tell.
        """
        with self._trying:
            return try_edit(self.ws, segmentation_id, edit=edit)

    def cancel(self, job_id: str) -> Job:
        """End a job; it leaves nothing half-written.

        Parameters
        ----------
        job_id : str

        Returns
        -------
        Job
            As it is now; one that had ended stays as it was.
        """
        if self.ws.jobs.save_end(job_id, "cancelled"):
            self._settle(self.ws.jobs.load(job_id), CANCELLED)
        return self.ws.jobs.load(job_id)

    def _submit(self, asked: Job, is_ready: bool) -> Job:
        """Queue a job, unless it is there; of two who ask at once one finds the other's, by its number."""
        earlier = [job for job in self.ws.jobs.list_of(asked.target_id) if job.kind == asked.kind]
        if earlier and (earlier[-1].state in ACTIVE or (is_ready and earlier[-1].state == "done")):
            return earlier[-1]
        job = replace(asked, id=f"{asked.kind}-{asked.target_id}-{len(earlier) + 1}")
        with contextlib.suppress(ConflictError):
            self.ws.jobs.add(job)
        self._runner.submit(job.id, list(SHARES[job.kind]))
        return self.ws.jobs.load(job.id)

    def _work(self, job_id: str, step: str) -> Failure | None:
        try:
            with self._counted():
                job = self.ws.jobs.load(job_id)
                self._watches.setdefault(job_id, Stopwatch(job.share))
                if not self._tell(job, step, sentence=SENTENCES[step], share=0.0):
                    raise CancelledError
                getattr(self, f"_{step}")(job)
        except CancelledError:
            return CANCELLED
        except CoterieError as failure:
            return failure_told(failure)
        except Exception as fault:
            told = failure_told(fault)
            _log.error("job=%s step=%s fault=%s place=%s", job_id, step, type(fault).__name__, told["where"])
            return told
        return None

    def _end(self, job_id: str, failure: Failure | None) -> None:
        state: JobState = "done" if failure is None else "cancelled" if failure == CANCELLED else "failed"
        self.ws.jobs.save_end(job_id, state, failure=failure if state == "failed" else None)
        if failure is not None:
            self._settle(self.ws.jobs.load(job_id), failure)
        shutil.rmtree(self.ws.work / job_id, ignore_errors=True)
        self._watches.pop(job_id, None)

    def _settle(self, job: Job, failure: Failure) -> None:
        """Say of what a job was to make that it is not there; an edit leaves what there was."""
        if job.kind == "edit":
            return
        dataset_id = job.target_id
        if job.kind == "segmentation":
            made = self.ws.segmentations.load(job.target_id)
            dataset_id = made.dataset_id
            if made.state == "running":
                self.ws.segmentations.save(replace(made, state="failed"))
        record = self.ws.datasets.load(dataset_id)
        if job.step == "import" and record.state == "importing":
            state: DatasetState = "uploaded" if failure == CANCELLED else "failed"
            self.ws.datasets.save(replace(record, state=state))

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        """Lets the end of the pipeline wait until no step is at work."""
        with self._leaving:
            self._at_work += 1
        try:
            yield
        finally:
            with self._leaving:
                self._at_work -= 1
                self._leaving.notify_all()

    def _tell(self, job: Job, step: str, *, sentence: str, share: float) -> bool:
        """Write down how far a job is; False if somebody cancelled it."""
        if self._closing.is_set():
            raise InterruptedWork
        shares = SHARES[job.kind]
        before = list(shares)[: list(shares).index(step)]
        known = self.ws.jobs.load(job.id)
        done = max(known.share, sum(shares[name] for name in before) + shares[step] * share)
        if (known.step, known.sentence) == (step, sentence) and done - known.share < _TOLD_SHARE:
            return known.state in ACTIVE
        return self.ws.jobs.save_progress(
            job.id,
            state="running",
            step=step,
            sentence=sentence,
            share=done,
            seconds_left=self._watches[job.id].seconds_left(done),
        )

    def _in_child(self, job: Job, step: str, *, function: Callable[..., None], **arguments: Any) -> None:
        def watch(sentence: str, share: float) -> bool:
            return self._tell(job, step, sentence=sentence or SENTENCES[step], share=share)

        settings = self.ws.settings
        target = Path(arguments["target"])
        try:
            run_in_child(
                function,
                {**arguments, "settings": asdict(settings)},
                memory_mb=settings.job_memory_mb,
                watch=watch,
            )
        finally:
            for left in target.parent.glob(f".{target.stem}-*"):
                shutil.rmtree(left, ignore_errors=True)

    def _made(self, job: Job, step: str) -> str:
        """Where a step of a job leaves what the next ones need."""
        (self.ws.work / job.id).mkdir(exist_ok=True)
        return str(self.ws.work / job.id / step)

    def _import(self, job: Job) -> None:
        self._await(job)
        of = self.ws.segmentations.load(job.target_id) if job.kind == "segmentation" else None
        dataset_id = job.target_id if of is None else of.dataset_id
        waiting = partial(self._tell, job, "import", sentence=SENTENCES["import"], share=0.0)
        with self._imports.turn(dataset_id, goes_on=waiting):
            if of is None or self.ws.datasets.load(dataset_id).state != "ready":
                self._import_into(dataset_id, job)

    def _import_into(self, dataset_id: str, job: Job) -> None:
        record = self.ws.datasets.save(replace(self.ws.datasets.load(dataset_id), state="importing"))
        folder = self.ws.datasets.folder(dataset_id)
        self._in_child(
            job,
            "import",
            function=steps.import_files,
            files=told_files(self.ws, record),
            options=dict(record.options),
            describe=job.kind == "import",
            target=str(folder),
        )
        told = {name: read_json(folder / f"{name}.json") for name in ("report", "quality")}
        count = told["quality"]["n_customers"]
        self.ws.datasets.save(replace(record, **told, n_customers=count, state="ready"))

    def _await(self, job: Job) -> None:
        """Wait for the job this one shall come after."""
        while job.after_id is not None:
            first = self.ws.jobs.load(job.after_id)
            if first.state == "failed":
                raise failure_from(first.failure or CANCELLED)
            if first.state == "cancelled":
                raise InputError("The import was cancelled", to_do="Import the files, then try again")
            if first.state == "done":
                return
            if not self._tell(job, "import", sentence=SENTENCES["import"], share=first.share):
                raise CancelledError
            time.sleep(_LOOK_EVERY_S)

    def _features(self, job: Job) -> None:
        made = self.ws.segmentations.load(job.target_id)
        self._in_child(
            job,
            "features",
            function=steps.build_table,
            dataset=str(self.ws.datasets.folder(made.dataset_id)),
            observation_end=made.request.get("observation_end"),
            target=self._made(job, "features"),
        )

    def _segmentation(self, job: Job) -> None:
        made = self.ws.segmentations.load(job.target_id)
        truth = self.ws.datasets.load(made.dataset_id).options.get("truth")
        asked = {key: made.request[key] for key in made.request if key not in ("observation_end", "edits")}
        self._in_child(
            job,
            "segmentation",
            function=steps.segment,
            features=self._made(job, "features"),
            request={"truth": truth, **asked},
            recipe=recipe_for(self.ws, made),
            target=self._made(job, "segmentation"),
        )
        keep_replayed(self.ws, made.id, path=self._folders(job)["edits"])

    def _forecast(self, job: Job) -> None:
        made, target = self._made(job, "features"), self._made(job, "forecast")
        self._in_child(job, "forecast", function=steps.foretell, features=made, target=target)

    def _edit(self, job: Job) -> None:
        """Hold fast which edits this job is about."""
        write_edits(self.ws, job.target_id, path=Path(self._made(job, "edits.json")))

    def _folders(self, job: Job) -> dict[str, str]:
        """Where the steps before left what charts and report are made of."""
        if job.kind == "edit":
            return {**archived(self.ws, job.target_id), "edits": self._made(job, "edits.json")}
        made = {name: self._made(job, name) for name in ("features", "segmentation", "forecast")}
        return {**made, "edits": str(Path(made["segmentation"]) / steps.EDITS_FILE)}

    def _charts(self, job: Job) -> None:
        made = {name: folder for name, folder in self._folders(job).items() if name != "forecast"}
        self._in_child(job, "charts", function=steps.draw, **made, target=self._made(job, "charts"))

    def _report(self, job: Job) -> None:
        self._in_child(
            job,
            "report",
            function=steps.write,
            folders={**self._folders(job), "charts": self._made(job, "charts")},
            target=str(self.ws.segmentations.folder(job.target_id)),
        )
        finish(self.ws, job.target_id)
