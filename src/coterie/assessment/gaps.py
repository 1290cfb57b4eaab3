"""The Dunn index, exact without looking at every pair of customers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.assessment.partition import Partition, Space, partition
from coterie.assessment.score import Score
from coterie.kernels import gap_and_width


def dunn(X: npt.ArrayLike | Space, labels: npt.ArrayLike) -> Score:
    """Smallest distance between customers of two clusters over the largest distance within one.

    Exact for any number of customers.

    Parameters
    ----------
    X : array of shape (n, p), or Space
        A Space saves the search for neighbours in all labellings but the first.
    labels : array of shape (n,)
        -1 is noise and left out.

    Returns
    -------
    Score, 0 or more, higher is better

    References
    ----------
    .. [1] Dunn (1974). Well-separated clusters and optimal fuzzy partitions. J. Cybernetics 4(1), 95-104.

    Examples
    --------
    >>> float(dunn([[0.0], [1.0], [4.0], [6.0]], [0, 0, 1, 1]))
    1.5
    """
    parts = partition(X, labels)
    reason = parts.reason
    value = None
    if not reason:
        value, reason = _dunn(parts)
    return Score("dunn", value, reason=reason, high=np.inf)


def _dunn(parts: Partition) -> tuple[float | None, str]:
    gap, width = gap_and_width(*parts.near(), is_ordered=True)
    if width == 0:
        return None, "customers of a segment do not differ at all"
    return gap / width, ""
