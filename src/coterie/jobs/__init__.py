"""Long work: how it tells of its progress, runs in child processes and survives the end of the server.

`coterie.jobs.child` runs a callable in a process of its own, `coterie.jobs.runner` runs the steps of jobs.
"""

from coterie.jobs.progress import Progress, Stopwatch, ignore_progress

__all__ = ["Progress", "Stopwatch", "ignore_progress"]
