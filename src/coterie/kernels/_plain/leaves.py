"""Leaves of a kd-tree by sorting every node along its widest side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.kernels.checks import Rows


def leaves(X: Rows, size: int) -> npt.NDArray[np.int32]:
    """See `coterie.kernels.leaves`."""
    found = np.empty(len(X), dtype=np.int32)
    nodes, n_leaves = [np.arange(len(X))], 0
    while nodes:
        node = nodes.pop()
        spans = np.ptp(X[node], axis=0) if len(node) > size else np.zeros(1)
        if not spans.max() > 0:
            found[node] = n_leaves
            n_leaves += len(node) > 0
            continue
        by_side = np.argsort(X[node, spans.argmax()], kind="stable")
        middle = len(node) // 2
        nodes += [np.sort(node[by_side[middle:]]), np.sort(node[by_side[:middle]])]
    return found
