"""Does the automatic choice depend on the seed? Online Retail, real orders, ten seeds.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.same_k

Bar: the same number of segments for at least 9 of 10 seeds.
"""

from __future__ import annotations

import sys
from collections import Counter

from benchmarks.data import MISSING, online_retail
from coterie.features import back_test, build_features
from coterie.preprocessing import clean
from coterie.selection import CompareRequest, compare
from coterie.selection.choice import AUTOMATIC
from coterie.sources import read

N_SEEDS, LEAST_EQUAL = 10, 9


def main() -> int:
    """Print the choice per seed and whether the bar is met; 0 if it is, 1 if not, 2 without the data."""
    path = online_retail("same_k")
    if path is None:
        return MISSING
    dataset, quality = clean(read(path))
    table, seen = build_features(dataset, quality=quality), back_test(dataset, quality=quality)
    chosen: Counter[int] = Counter()
    for seed in range(N_SEEDS):
        found = compare(table, AUTOMATIC, request=CompareRequest(random_state=seed), back_test=seen)
        chosen[found.chosen.n_clusters] += 1
        print(f"seed {seed}: {found.why}")
    k, n_equal = chosen.most_common(1)[0]
    met = n_equal >= LEAST_EQUAL
    verdict = "bar met" if met else "BAR MISSED"
    print(f"k={k} for {n_equal} of {N_SEEDS} seeds, bar {LEAST_EQUAL}: {verdict}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
