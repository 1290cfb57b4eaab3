"""Genie merges with the Gini index computed anew at every step."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt


def genie_linkage(edges: npt.NDArray[np.int32], gini_threshold: float) -> npt.NDArray[np.int32]:
    """See `coterie.kernels.genie_linkage`."""
    n = len(edges) + 1
    ends = edges.astype(np.intp)  # of every edge the clusters it joins
    left = np.ones(n - 1, dtype=bool)
    size = np.ones(2 * n - 1, dtype=np.int64)
    counts = Counter({1: n})
    merges = np.empty((n - 1, 2), dtype=np.int32)
    for step in range(n - 1):
        candidates = left
        if _gini_exceeds(counts, n, gini_threshold):
            candidates = left & (size[ends] == min(counts)).any(axis=1)
        edge = int(candidates.argmax())
        left[edge] = False
        pair = np.sort(ends[edge])
        merges[step] = pair
        size[n + step] = size[pair].sum()
        counts.subtract(size[pair].tolist())
        counts[int(size[n + step])] += 1
        counts = +counts
        ends[np.isin(ends, pair)] = n + step
    return merges


def _gini_exceeds(counts: Counter[int], n_rows: int, limit: float) -> bool:
    """Whether the sum of all differences of sizes over its largest possible value exceeds the limit."""
    sizes = np.sort(np.array(list(counts.elements()), dtype=np.int64))
    k = len(sizes)
    differences = int(((2 * np.arange(k) - k + 1) * sizes).sum())
    return differences > limit * (float(k - 1) * float(n_rows))
