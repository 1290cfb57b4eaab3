"""A server without pages: takes up what is unfinished, submits what it is told to, ends when all is done.

Run as a process of its own, so that it can be killed: python -m tests.workspace.server FOLDER URL JOB ...
where a JOB is "import:DATASET" or "segmentation:SEGMENTATION"; URL may be "".
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coterie.workspace import Job, Pipeline, Workspace


def start_server(ws: Workspace, *jobs: str) -> subprocess.Popen[bytes]:
    """A server in a process of its own; each job is submitted twice at once."""
    return subprocess.Popen(
        [sys.executable, "-m", __name__, str(ws.folder), ws.database_url or "", *jobs],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
    )


def children_of(ws: Workspace) -> list[int]:
    """The processes that work on this workspace; the server itself is none of them."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode()
            except OSError:
                continue
            if "coterie.jobs.child" in line and str(ws.folder) in line:
                found.append(int(entry.name))
    return found


def main(folder: str, url: str, *jobs: str) -> None:
    ws = Workspace(folder, database_url=url or None)
    with Pipeline(ws) as pipeline:
        submits: dict[str, Callable[[str], Job]] = {
            "import": pipeline.submit_import,
            "segmentation": pipeline.submit_segmentation,
        }

        def submit(job: str) -> Job:
            kind, _, target = job.partition(":")
            return submits[kind](target)

        with ThreadPoolExecutor(2) as pool:
            assert len({job.id for job in pool.map(submit, [*jobs, *jobs])}) == len(jobs)
        while ws.jobs.list_active():
            time.sleep(0.2)
        time.sleep(1.0)  # the last note of a job is taken after it has ended
    ws.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
