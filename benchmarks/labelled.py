"""Are known groups found again? 42 labelled sets of the clustering benchmark suite of Gagolewski.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.labelled

Sets of more than 1,500 points are sampled; columns of measured data (UCI) are standardised, all others are
scaled by one common factor. A partition is scored by the adjusted Rand index against each reference, points
that the reference calls noise left out; the best reference counts. With the number of groups given, every
reference is given its own.

Beside stand 25 draws of data without any groups (Gaussian, correlated, uniform, t with 5 degrees of freedom),
where the right answer is "no natural segments".

Bars: mean ARI without k >= .83 and >= .40 on the UCI sets, with k >= .84, Genie alone >= .82; none on 24 or
more of the 25 draws; 3 CPU seconds a set.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from benchmarks.data import public_data
from benchmarks.report import Report, Row, main
from coterie import find_clusters
from coterie.segmentation import Genie

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer]

MAX_POINTS, N_NULL, N_SEEDS = 1500, 25, 3
BARS = {"without k": 0.83, "with k": 0.84, "Genie, with k": 0.82}
UCI_BAR, NULL_BAR, SECONDS_BAR = 0.40, 24, 3.0


def labelled_sets(folder: Path, seed: int) -> Iterator[tuple[str, Floats, list[Labels]]]:
    """Name, scaled points and reference labels (0 = noise) of every set."""
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as stored:
            X = stored["X"].astype(np.float64)
            references = [stored[name] for name in stored.files if name.startswith("labels")]
        if len(X) > MAX_POINTS:
            drawn = np.sort(np.random.default_rng(seed).choice(len(X), MAX_POINTS, replace=False))
            X, references = X[drawn], [labels[drawn] for labels in references]
        spread = X.std(axis=0)
        scale = np.where(spread > 0, spread, 1.0) if path.stem.startswith("uci") else X.std()
        yield path.stem, (X - X.mean(axis=0)) / scale, references


def agreement(labels: Labels, reference: Labels) -> float:
    """Adjusted Rand index over the points that are no noise."""
    known = reference > 0
    return float(adjusted_rand_score(reference[known], labels[known]))


def scores(X: Floats, references: list[Labels], seed: int) -> dict[str, float]:
    """ARI of each way of asking, and the CPU seconds the slowest one took."""
    started = process_time()
    free = np.asarray(find_clusters(X, random_state=seed))
    seconds = process_time() - started
    by_k: dict[int, tuple[Labels, Labels]] = {}
    for k in {int(reference.max()) for reference in references}:
        started = process_time()
        by_k[k] = np.asarray(find_clusters(X, k, random_state=seed)), Genie(k).fit(X).labels_
        seconds = max(seconds, process_time() - started)
    given = [by_k[int(reference.max())] for reference in references]
    return {
        "without k": max(agreement(free, reference) for reference in references),
        "with k": max(agreement(own[0], r) for own, r in zip(given, references, strict=True)),
        "Genie, with k": max(agreement(own[1], r) for own, r in zip(given, references, strict=True)),
        "CPU s": seconds,
    }


def null_data(seed: int) -> Iterator[Floats]:
    """Rows without any groups."""
    random = np.random.default_rng(seed)
    for draw in range(N_NULL):
        n, d = int(random.integers(500, 2001)), int(random.integers(2, 9))
        kinds = (
            random.normal(size=(n, d)),
            random.normal(size=(n, d)) @ random.normal(size=(d, d)),
            random.uniform(size=(n, d)),
            random.standard_t(5, size=(n, d)),
        )
        yield kinds[draw % len(kinds)]


def run(*, quick: bool = False) -> Report:
    """Mean scores over the sets and seeds; quick: one seed, every tenth set."""
    title = "Known groups"
    folder, missing = public_data("clustering_benchmark")
    if folder is None:
        return Report(title, missing=missing)
    found = [
        {"set": name, **scores(X, references, seed)}
        for seed in range(1 if quick else N_SEEDS)
        for name, X, references in list(labelled_sets(folder, seed))[:: 10 if quick else 1]
    ]
    table = pd.DataFrame(found).groupby("set").mean()
    n_none = sum(find_clusters(X, random_state=1).verdict == "no natural segments" for X in null_data(1))
    said = f"Mean adjusted Rand index of `find_clusters` over {len(table)} labelled sets."
    return Report(title, tuple(_rows(table, n_none, judged=not quick)), said)


def _rows(table: pd.DataFrame, n_none: int, *, judged: bool) -> Iterator[Row]:
    uci = table[table.index.str.startswith("uci")]["without k"].mean()
    values = [(name, float(table[name].mean()), bar) for name, bar in BARS.items()]
    for name, value, bar in [*values, ("UCI sets, without k", float(uci), UCI_BAR)]:
        yield Row(name, f"{value:.3f}", "", "", f">= {bar}", value >= bar if judged else None)
    yield Row(
        "no groups where there are none",
        f"{n_none} of {N_NULL}",
        "",
        "",
        f">= {NULL_BAR}",
        n_none >= NULL_BAR,
    )
    slowest = float(table["CPU s"].max())
    yield Row("slowest set, CPU s", f"{slowest:.1f}", "", "", f"<= {SECONDS_BAR:.0f}", slowest <= SECONDS_BAR)


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
