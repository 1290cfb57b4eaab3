"""What plain divisions foretell of later spend: figures to hold the segments against, never candidates.

The named groups of the RFM grid, and one cut by past spend into as many equal groups as there are segments,
are made as of the same earlier day, on the same customers. Segments that foretell no more than the cut add
nothing where only spend counts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.segmentation import Trial
from coterie.selection.choice import NOISE

REFERENCES = ("rfm_grid_later_value", "spend_cut_later_value")
"""Scores of a trial that are not its own but those of the plain divisions."""


def spend_cut(spend: npt.ArrayLike, n_groups: int) -> npt.NDArray[np.int32]:
    """Cut customers by spend into groups of equal size; who spent the same is in the same group.

    Parameters
    ----------
    spend : array-like of shape (n_customers,)
    n_groups : int

    Returns
    -------
    ndarray of shape (n_customers,), int32
        0 spent least; where many spent the same there are fewer groups.

    Examples
    --------
    >>> spend_cut([10, 20, 30, 40, 50, 60], 3)
    array([0, 0, 1, 1, 2, 2], dtype=int32)
    """
    values = np.asarray(spend, dtype=np.float64)
    cuts = np.quantile(values, np.arange(1, n_groups) / n_groups, method="inverted_cdf")
    return np.searchsorted(cuts, values, side="left").astype(np.int32)


def later_spend_sentence(trial: Trial) -> str:
    """Say how much of later spend the segments foretold, beside the plain divisions.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    str
        Empty without a back-test.
    """
    own, grid, cut = (_value(trial, name) for name in ("later_value", *REFERENCES))
    if own is None:
        return ""
    beside = [f"the RFM grid {grid:.1%}"] if grid is not None else []
    beside += [f"a plain cut into {trial.n_clusters} by past spend {cut:.1%}"] if cut is not None else []
    told = f"Made at an earlier day, the segments foretold {own:.1%} of the differences in later spend"
    return f"{'; '.join([told, ', '.join(beside)]) if beside else told}.{_verdict(own, cut)}"


def _verdict(own: float, cut: float | None) -> str:
    """What the comparison with the cut comes to, if the segments do not beat it."""
    if cut is None or own - cut > NOISE["later_value"]:
        return ""
    how = "worse than" if cut - own > NOISE["later_value"] else "no better than"
    return f" That is {how} the plain cut: to foretell spend, past spend alone is enough."


def _value(trial: Trial, name: str) -> float | None:
    score = trial.scores.get(name)
    return None if score is None else score.value
