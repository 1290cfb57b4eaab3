"""Does the automatic choice depend on the seed? Online Retail, real orders, ten seeds.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.same_k

Bar: the same number of segments for at least 9 of 10 seeds.
"""

from __future__ import annotations

import sys
from collections import Counter

from benchmarks.data import online_retail
from benchmarks.report import Report, Row, main
from coterie.features import back_test, build_features
from coterie.preprocessing import clean
from coterie.selection import CompareRequest, compare
from coterie.selection.choice import AUTOMATIC
from coterie.sources import read

N_SEEDS, QUICK_SEEDS, LEAST_EQUAL = 10, 2, 0.9


def run(*, quick: bool = False) -> Report:
    """The choice of every seed."""
    title = "The same number of segments whatever the seed"
    path, missing = online_retail()
    if path is None:
        return Report(title, missing=missing)
    dataset, quality = clean(read(path))
    table, seen = build_features(dataset, quality=quality), back_test(dataset, quality=quality)
    chosen: Counter[int] = Counter()
    reasons = []
    n_seeds = QUICK_SEEDS if quick else N_SEEDS
    for seed in range(n_seeds):
        found = compare(table, AUTOMATIC, request=CompareRequest(random_state=seed), back_test=seen)
        chosen[found.chosen.n_clusters] += 1
        reasons.append(f"- seed {seed}: {found.why}")
    k, n_equal = chosen.most_common(1)[0]
    met, bar = n_equal >= LEAST_EQUAL * n_seeds, f">= {LEAST_EQUAL:.0%}"
    row = Row("automatic choice", f"k = {k}", "other seeds", f"{n_equal} of {n_seeds} seeds", bar, met)
    return Report(title, (row,), after="\n".join(reasons))


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
