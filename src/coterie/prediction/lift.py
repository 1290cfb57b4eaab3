"""How many times as common something is in a segment as everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PSEUDO_COUNT = 20
"""Average customers mixed into each segment before a lift is taken, so that few members do not shout."""


def shrunk_lift(
    n_with: npt.ArrayLike, n_members: npt.ArrayLike, *, share_of_all: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """How many times as common something is among members as among all, with average customers mixed in.

    Parameters
    ----------
    n_with, n_members : array-like
        Members who have it, and all members.
    share_of_all : array-like
        Share of all customers who have it, > 0.

    Returns
    -------
    ndarray of float64
        1 = as common as everywhere.
    """
    with_it, share = np.asarray(n_with, dtype=np.float64), np.asarray(share_of_all, dtype=np.float64)
    members = np.asarray(n_members, dtype=np.float64)
    return np.asarray((with_it + PSEUDO_COUNT * share) / (members + PSEUDO_COUNT) / share)
