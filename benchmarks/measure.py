"""What a piece of work costs: CPU, wall clock and memory, in a fresh process with one thread."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
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

LONG_S = 30.0
"""Work that takes longer is not repeated."""

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Set to 1 where the process starts: a pool of threads that a library makes later reads nothing else."""


@dataclass(frozen=True)
class Cost:
    """Medians over `n_repeats`.

    `cpu_s` and `wall_s` in seconds; `memory_mb` is the peak beyond what was taken when the work began,
    `peak_mb` that of the whole process, rows and libraries included; `found` is what the last repeat
    returned; `failure` says why there is nothing else.
    """

    cpu_s: float
    wall_s: float
    memory_mb: float
    peak_mb: float
    found: dict[str, Any]
    failure: str = ""
    n_repeats: int = 1

    @classmethod
    def failed(cls, reason: str) -> Cost:
        return cls(np.nan, np.nan, np.nan, np.nan, {}, failure=reason)

    def __str__(self) -> str:
        if self.failure:
            return self.failure
        return f"{self.cpu_s:.3g} s CPU, {self.wall_s:.3g} s, {self.memory_mb:,.0f} MB ({self.n_repeats}x)"


def cost(work: Work, rows: Path, *, repeats: int) -> Cost:
    """Run work on the rows of a file, each time in a process of its own.

    Parameters
    ----------
    work : callable
        Of a module, so that another process finds it.
    rows : Path
        An .npy file.
    repeats : int
        At most; one that takes longer than LONG_S is the last.

    Returns
    -------
    Cost
    """
    costs: list[Cost] = []
    while len(costs) < repeats and not (costs and costs[-1].wall_s > LONG_S):
        costs.append(_in_a_process(work, rows))
        if costs[-1].failure:
            return costs[-1]
    return Cost(
        median(c.cpu_s for c in costs),
        median(c.wall_s for c in costs),
        median(c.memory_mb for c in costs),
        median(c.peak_mb for c in costs),
        costs[-1].found,
        n_repeats=len(costs),
    )


def _in_a_process(work: Work, rows: Path) -> Cost:
    context = multiprocessing.get_context("spawn")
    with _one_thread(), ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(_once, work, rows).result()
        except BrokenProcessPool:
            return Cost.failed("the process was ended, most likely for want of memory")


@contextmanager
def _one_thread() -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _once(work: Work, path: Path) -> Cost:
    from threadpoolctl import threadpool_limits

    rows = np.load(path)
    work(rows[:: max(1, len(rows) // WARM_UP_ROWS)])
    before = _taken_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    with threadpool_limits(1):
        wall, cpu = perf_counter(), process_time()
        try:
            found = work(rows)
        except (MemoryError, ValueError) as cause:
            return Cost.failed(f"{type(cause).__name__}: {cause}")
        cpu, wall = process_time() - cpu, perf_counter() - wall
    peak = _taken_mb("VmHWM")
    return Cost(cpu, wall, max(peak - before, 0.0), peak, found)


def _taken_mb(field: str) -> float:
    """Memory of this process now (VmRSS) or at its peak (VmHWM), as Linux tells it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024
