"""What a piece of work costs: CPU, wall clock and memory, in a fresh process with one thread."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[Any]
Work = Callable[[Rows], dict[str, Any]]
"""Takes rows, gives figures of quality (and arrays to compare, as `Cost.found`)."""

WARM_UP_ROWS = 300
"""The work is first done on this few rows, so that imports and thread pools are not part of its cost."""


@dataclass(frozen=True)
class Cost:
    """Medians over the repeats.

    `cpu_s` and `wall_s` in seconds; `memory_mb` is the peak beyond what was taken before the work began;
    `found` is what the last repeat returned; `failure` says why there is nothing else.
    """

    cpu_s: float
    wall_s: float
    memory_mb: float
    found: dict[str, Any]
    failure: str = ""


def cost(work: Work, rows: Path, *, repeats: int) -> Cost:
    """Run work on the rows of a file, each time in a process of its own.

    Parameters
    ----------
    work : callable
        Of a module, so that another process finds it.
    rows : Path
        An .npy file.
    repeats : int

    Returns
    -------
    Cost
    """
    context = multiprocessing.get_context("spawn")
    costs = []
    for _ in range(repeats):
        with context.Pool(1) as pool:
            costs.append(pool.apply(_once, (work, rows)))
        if costs[-1].failure:
            return costs[-1]
    return Cost(
        median(c.cpu_s for c in costs),
        median(c.wall_s for c in costs),
        median(c.memory_mb for c in costs),
        costs[-1].found,
    )


def _once(work: Work, path: Path) -> Cost:
    from threadpoolctl import threadpool_limits

    rows = np.load(path)
    work(rows[:: max(1, len(rows) // WARM_UP_ROWS)])
    before = _peak_mb()
    with threadpool_limits(1):
        wall, cpu = perf_counter(), process_time()
        try:
            found = work(rows)
        except (MemoryError, ValueError) as cause:
            return Cost(np.nan, np.nan, np.nan, {}, failure=f"{type(cause).__name__}: {cause}")
        cpu, wall = process_time() - cpu, perf_counter() - wall
    return Cost(cpu, wall, max(_peak_mb() - before, 0.0), found)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
