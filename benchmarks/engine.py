"""Cost and correctness of the clustering methods and the scores beside other libraries, in one run.

    python -m benchmarks.engine [--quick]

Bars are ratios of CPU seconds with one thread, and equal results: see `CASES`. --quick runs each once on
a hundredth of the rows, as a test that everything runs: it judges results, not speed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import checks, comparison, works
from benchmarks.checks import Check
from benchmarks.customers import Data
from benchmarks.measure import LONG_S, Cost, Work, cost
from benchmarks.report import Report, Row, main

REPEATS = 5
QUICK_SHARE, QUICK_ROWS = 100, 2_000
"""Of the rows a quick run takes one of so many, but not fewer than this."""

MANY, MILLION, SMALL = 858_000, 1_000_000, 30_000
MOST_MB = 2_000.0


@dataclass(frozen=True)
class Peer:
    """Another way to do the same.

    `at_most` is the most that ours may take of this peer's CPU seconds, `memory_at_most` of its memory;
    `same` says whether the results are as good, which is judged where `is_judged`; `module` is what must
    be installed.
    """

    name: str
    work: Work
    at_most: float | None = None
    memory_at_most: float | None = None
    same: Check | None = None
    is_judged: bool = True
    module: str = "sklearn"


@dataclass(frozen=True)
class Case:
    """One piece of our work and whom it is compared with; its process may take `most_mb` at most."""

    name: str
    data: Data
    ours: Work
    peers: tuple[Peer, ...]
    most_mb: float | None = None


N_INIT_10 = Peer("one scikit-learn KMeans(8, n_init=10)", works.sklearn_kmeans)

CASES = (
    Case(
        "1. whole comparison",
        Data("rfm", MANY),
        comparison.by_coterie,
        (replace(N_INIT_10, at_most=4.0),),
        most_mb=MOST_MB,
    ),
    Case(
        "2. whole comparison",
        Data("rfm", 10_000),
        comparison.by_coterie,
        (Peer("scikit-learn and SciPy", comparison.by_others, 1 / 50, same=checks.scores),),
    ),
    Case(
        "3. k-means, k = 2..12",
        Data("rfm", MANY),
        works.ours_kmeans_sweep,
        (
            Peer("one KMeans(8, n_init=1)", partial(works.sklearn_kmeans, n_init=1), 1.0),
            Peer("scikit-learn, n_init=10", works.sklearn_kmeans_sweep, same=checks.inertia),
        ),
    ),
    Case("4. Ward", Data("mix", MILLION), works.ours_ward, (replace(N_INIT_10, at_most=5.0),)),
    Case(
        "4. Ward",
        Data("mix", SMALL),
        works.ours_ward,
        (
            Peer("scikit-learn", works.sklearn_ward, 1 / 100, same=checks.heights),
            Peer("SciPy", works.scipy_ward, same=checks.heights, module="scipy"),
            Peer("fastcluster", works.fastcluster_ward, same=checks.heights, module="fastcluster"),
        ),
    ),
    Case(
        "5. Gaussian mixture, k = 8",
        Data("mix", MILLION),
        works.ours_gmm,
        (Peer("scikit-learn", works.sklearn_gmm, 1 / 20, same=checks.likelihood),),
    ),
    # Likelihoods say nothing here: a component on the spike makes them as large as one likes.
    Case(
        "5. Gaussian mixture, k = 8",
        Data("rfm", MANY),
        works.ours_gmm,
        (Peer("scikit-learn", works.sklearn_gmm, same=checks.likelihood, is_judged=False),),
    ),
    Case(
        "6. exact silhouette",
        Data("parted", 100_000),
        works.ours_silhouette,
        (Peer("scikit-learn", works.sklearn_silhouette, 1 / 40, same=checks.value),),
    ),
    Case(
        "6. exact Dunn",
        Data("parted", SMALL),
        works.ours_dunn,
        (Peer("all distances, SciPy", works.scipy_dunn, 1 / 300, same=checks.value, module="scipy"),),
    ),
    Case(
        "7. DBSCAN",
        Data("mix", MILLION, 3),
        works.ours_dbscan,
        (Peer("scikit-learn", works.sklearn_dbscan, 1 / 10, 1 / 50, same=checks.labels),),
    ),
    Case(
        "k-means, k = 8",
        Data("mix", MILLION),
        works.ours_kmeans,
        (
            replace(N_INIT_10, name="scikit-learn, n_init=10", same=checks.inertia),
            Peer("scikit-learn-intelex", works.intelex_kmeans, same=checks.inertia, module="sklearnex"),
            Peer("faiss, nredo=10", works.faiss_kmeans, same=checks.inertia, module="faiss"),
        ),
    ),
    Case("TPA, k = 8", Data("mix", MILLION), works.ours_tpa, (N_INIT_10,)),
    Case(
        "HDBSCAN",
        Data("mix", 100_000, 3),
        works.ours_hdbscan,
        (
            Peer("scikit-learn", works.sklearn_hdbscan, same=checks.labels, is_judged=False),
            Peer("hdbscan", works.hdbscan_hdbscan, same=checks.labels, is_judged=False, module="hdbscan"),
            Peer("fast_hdbscan", works.fast_hdbscan, None, None, checks.labels, False, "fast_hdbscan"),
        ),
    ),
    Case(
        "Genie, k = 8",
        Data("mix", 100_000),
        works.ours_genie,
        (Peer("genieclust", works.genieclust_genie, None, None, checks.labels, False, "genieclust"),),
    ),
)


def run(*, quick: bool = False) -> Report:
    """Measure every case."""
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        for case in CASES:
            rows += _measured(_shrunk(case) if quick else case, Path(folder), quick=quick)
            print(f"{case.name}, {case.data}: done", file=sys.stderr, flush=True)
    said = (
        "Cells say CPU seconds, wall clock, memory beyond the rows and how often it was run: "
        f"what takes more than {LONG_S:.0f} s runs once. Values are our CPU seconds over the peer's. "
        "`mix`: skewed, correlated groups and noise; `rfm`: orders of a shop where half bought once."
    )
    speed = "A quick run on few rows: speed is not judged." if quick else ""
    return Report("Clustering and scores beside other libraries", tuple(rows), said, speed)


def _shrunk(case: Case) -> Case:
    n = min(case.data.n, max(QUICK_ROWS, case.data.n // QUICK_SHARE))
    return replace(case, data=replace(case.data, n=n))


def _measured(case: Case, folder: Path, *, quick: bool) -> Iterator[Row]:
    rows, repeats = case.data.stored(folder), 1 if quick else REPEATS
    ours = cost(case.ours, rows, repeats=repeats)
    name = f"{case.name}, {case.data}"
    if case.most_mb is not None:
        met = ours.peak_mb < case.most_mb
        peak, bar = f"{ours.peak_mb:,.0f} MB", f"< {case.most_mb:,.0f} MB"
        yield Row(f"{name}: peak of the whole process", str(ours), "", peak, bar, met)
    for peer in case.peers:
        if find_spec(peer.module) is None:
            yield Row(name, str(ours), f"{peer.name}: not installed", "", _bar(peer, peer.at_most))
            continue
        theirs = cost(peer.work, rows, repeats=repeats)
        yield _compared(name, peer, (ours, theirs), is_timed=not quick)
        if peer.memory_at_most is not None:
            yield _memory(name, peer, (ours, theirs), is_judged=not quick)


def _compared(name: str, peer: Peer, costs: tuple[Cost, Cost], *, is_timed: bool) -> Row:
    ours, theirs = costs
    bar, cells = _bar(peer, peer.at_most), (str(ours), f"{peer.name}: {theirs}")
    if ours.failure or theirs.failure:
        return Row(name, *cells, "", bar, False if ours.failure else None)
    ratio, verdicts = ours.cpu_s / theirs.cpu_s, []
    said = [as_ratio(ratio)]
    if is_timed and peer.at_most is not None:
        verdicts.append(ratio <= peer.at_most)
    if peer.same is not None:
        seen, is_same = peer.same(ours.found, theirs.found)
        said.append(seen)
        verdicts += [is_same] if peer.is_judged else []
    return Row(name, *cells, "; ".join(said), bar, all(verdicts) if verdicts else None)


def _memory(name: str, peer: Peer, costs: tuple[Cost, Cost], *, is_judged: bool) -> Row:
    ours, theirs = costs
    ratio = max(ours.memory_mb, 0.1) / theirs.memory_mb if theirs.memory_mb else float("nan")
    met = bool(ratio <= (peer.memory_at_most or 0)) if is_judged else None
    cells = f"{ours.memory_mb:,.0f} MB", f"{peer.name}: {theirs.memory_mb:,.0f} MB"
    return Row(f"{name}: memory", *cells, as_ratio(ratio), _bar(peer, peer.memory_at_most), met)


def _bar(peer: Peer, at_most: float | None) -> str:
    parts = [] if at_most is None else [f"<= {as_ratio(at_most)}"]
    if peer.same is not None and peer.is_judged:
        parts.append("results as good")
    return ", ".join(parts)


def as_ratio(ratio: float) -> str:
    """A ratio below 1 as one over a number."""
    return f"1/{1 / ratio:.3g}" if 0 < ratio < 1 else f"{ratio:.3g}"


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
