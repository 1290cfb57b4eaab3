"""Scores of labels against something known: another grouping, or a number per customer.

Noise (label -1) counts as a group of its own here: leaving it out would reward a method for giving up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.assessment.partition import NOISE, Codes, Floats
from coterie.assessment.score import Score
from coterie.errors import ParameterError

ROUNDING = 1e-12
MAX_COUNTED = 100
"""Labels within a range of so many are counted as they are."""


def ari(labels: npt.ArrayLike, truth: npt.ArrayLike) -> Score:
    """Adjusted Rand index: agreement of two groupings on pairs, 0 = chance, 1 = the same.

    Parameters
    ----------
    labels, truth : arrays of shape (n,)
        Numbers or texts. Customers whose truth is missing (None, nan, "") are left out; noise (-1)
        is a group of its own.

    Returns
    -------
    Score, -0.5 to 1, higher is better

    References
    ----------
    .. [1] Hubert & Arabie (1985). Comparing partitions. J. Classification 2, 193-218, equation 5.

    Examples
    --------
    >>> float(ari([0, 0, 1, 1], ["b", "b", "a", "a"]))
    1.0
    """
    counts = _contingency(labels, truth)
    return Score("ari", None, reason=_NO_TRUTH, low=-0.5) if counts is None else ari_of_counts(counts)


def ari_of_counts(counts: npt.NDArray[np.int64]) -> Score:
    """Adjusted Rand index of two groupings whose members are already counted, see `ari`.

    Parameters
    ----------
    counts : ndarray of shape (n_groups, n_other_groups)
        How many stand in each two groups.

    Returns
    -------
    Score, -0.5 to 1, higher is better

    Examples
    --------
    >>> float(ari_of_counts(np.array([[2, 0], [0, 2]])))
    1.0
    """
    pairs = _n_pairs(counts.sum(keepdims=True))
    together = _n_pairs(counts.ravel())
    ours, theirs = _n_pairs(counts.sum(axis=1)), _n_pairs(counts.sum(axis=0))
    # In whole numbers: with floats 100k customers would lose the last digits.
    numerator = 2 * (pairs * together - ours * theirs)
    denominator = pairs * (ours + theirs) - 2 * ours * theirs
    return Score("ari", numerator / denominator if denominator else 1.0, low=-0.5)


def nmi(labels: npt.ArrayLike, truth: npt.ArrayLike) -> Score:
    """Normalised mutual information: mutual information over the mean of the two entropies.

    Parameters
    ----------
    labels, truth : arrays of shape (n,)
        As for `ari`.

    Returns
    -------
    Score, 0 to 1, higher is better
        0 if one grouping is trivial and the other is not, 1 if both are.

    References
    ----------
    .. [1] Vinh, Epps & Bailey (2010). Information theoretic measures for clusterings comparison.
       JMLR 11, 2837-2854, table 2 (sum).
    """
    counts = _contingency(labels, truth)
    if counts is None:
        return Score("nmi", None, reason=_NO_TRUTH)
    ours, theirs = _entropy(counts.sum(axis=1)), _entropy(counts.sum(axis=0))
    if ours + theirs == 0:
        return Score("nmi", 1.0)
    mutual = ours + theirs - _entropy(counts.ravel())
    return Score("nmi", 0.0 if mutual < ROUNDING else min(1.0, 2 * mutual / (ours + theirs)))


def eta_squared(labels: npt.ArrayLike, y: npt.ArrayLike) -> Score:
    """Share of the variance of y that lies between the groups.

    Parameters
    ----------
    labels : array of shape (n,)
        Noise (-1) is a group of its own.
    y : array of shape (n,)
        Any number per customer, e.g. the logarithm of later spend.

    Returns
    -------
    Score, 0 to 1, higher is better

    References
    ----------
    .. [1] Fisher (1925). Statistical Methods for Research Workers, chapter 7 (correlation ratio).

    Examples
    --------
    >>> float(eta_squared([0, 0, 1, 1], [1.0, 1.0, 3.0, 3.0]))
    1.0
    """
    values = np.asarray(y, dtype=np.float64)
    marks = np.asarray(labels)
    if marks.shape != values.shape or values.ndim != 1:
        raise ParameterError(f"eta squared needs one number per label, not {values.shape} and {marks.shape}")
    _, codes, sizes = np.unique(marks, return_inverse=True, return_counts=True)
    reason = _why_no_eta(values, len(sizes))
    if reason:
        return Score("eta_squared", None, reason=reason)
    deviations = values - values.mean()
    sums = np.bincount(codes, weights=deviations)
    share = float(np.sum(sums**2 / sizes) / np.sum(deviations**2))
    return Score("eta_squared", min(1.0, share))


def _why_no_eta(values: Floats, n_groups: int) -> str:
    if n_groups < 2:
        return "there is only one segment"
    if n_groups == len(values):
        return "every customer is a segment of their own"
    if np.ptp(values) == 0:
        return "the value is the same for every customer"
    return ""


_NO_TRUTH = "no customer has a known group"


def _contingency(labels: npt.ArrayLike, truth: npt.ArrayLike) -> Codes | None:
    """Counts of customers per pair of groups; None if nobody has a known group."""
    ours, theirs = np.asarray(labels), np.asarray(truth)
    if ours.shape != theirs.shape or ours.ndim != 1:
        raise ParameterError(f"Two groupings need the same customers, not {ours.shape} and {theirs.shape}")
    known = _known(theirs)
    if not known.any():
        return None
    rows, columns = _codes(ours[known]), _codes(theirs[known])
    shape = rows.max() + 1, columns.max() + 1
    return np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)


def _known(marks: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    if marks.dtype.kind in "iu":
        return np.ones(len(marks), dtype=bool)
    return np.array([not _is_missing(value) for value in marks.tolist()], dtype=bool)


def _codes(marks: npt.NDArray[Any]) -> Codes:
    """Numbers from 0 on, equal where marks are; sorting is only for marks that cannot be counted."""
    if marks.dtype.kind in "iu" and int(marks.max()) - int(marks.min()) < MAX_COUNTED:
        return marks.astype(np.int64) - int(marks.min())
    plain = marks.astype(str) if marks.dtype == object else marks
    codes: Codes = np.unique(plain, return_inverse=True)[1]
    return codes


def _is_missing(value: object) -> bool:
    return value is None or value == "" or value != value


def _n_pairs(counts: Codes) -> int:
    return sum(count * (count - 1) // 2 for count in counts.ravel().tolist())


def _entropy(counts: Codes) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-np.sum(shares * np.log(shares)))


def _sizes(labels: npt.ArrayLike) -> tuple[Codes, int]:
    """Sizes of the clusters, and the number of all customers, noise included."""
    marks = np.asarray(labels)
    return np.unique(marks[marks != NOISE], return_counts=True)[1], len(marks)


def noise_share(labels: npt.ArrayLike) -> Score:
    """Share of customers in no segment (-1): 0 to 1.

    Parameters
    ----------
    labels : array-like of shape (n_customers,), -1 = in no segment

    Returns
    -------
    Score
    """
    sizes, n = _sizes(labels)
    if n == 0:
        return Score("noise_share", None, reason="there are no customers", higher_is_better=None)
    return Score("noise_share", float(1 - sizes.sum() / n) if sizes.sum() < n else 0.0, higher_is_better=None)


def largest_share(labels: npt.ArrayLike) -> Score:
    """Share of all customers that the largest segment holds: 0 to 1.

    Parameters
    ----------
    labels : array-like of shape (n_customers,), -1 = in no segment

    Returns
    -------
    Score
    """
    sizes, n = _sizes(labels)
    if not len(sizes):
        return Score("largest_share", None, reason="no customer is in a segment", higher_is_better=None)
    return Score("largest_share", float(sizes.max() / n), higher_is_better=None)


def smallest_share(labels: npt.ArrayLike) -> Score:
    """Share of all customers that the smallest segment holds: 0 to 1.

    Parameters
    ----------
    labels : array-like of shape (n_customers,), -1 = in no segment

    Returns
    -------
    Score
    """
    sizes, n = _sizes(labels)
    if not len(sizes):
        return Score("smallest_share", None, reason="no customer is in a segment", higher_is_better=None)
    return Score("smallest_share", float(sizes.min() / n), higher_is_better=None)


def best_jaccards(labels: npt.NDArray[np.int32], found: npt.NDArray[np.int32], *, n_segments: int) -> Floats:
    """For each segment the Jaccard similarity with the most similar found cluster.

    Parameters
    ----------
    labels, found : ndarrays of shape (n,), int32
        -1 is in no segment, in no cluster.
    n_segments : int

    Returns
    -------
    ndarray of shape (n_segments,), 0-1
        0 for a segment without customers here.

    Examples
    --------
    >>> best_jaccards(np.array([0, 0, 1, 1]), np.array([1, 1, 1, 0]), n_segments=2)
    array([0.66666667, 0.5       ])
    """
    best: Floats = jaccards(labels, found, n_segments=n_segments).max(axis=1, initial=0.0)
    return best


def jaccards(labels: npt.NDArray[np.int32], found: npt.NDArray[np.int32], *, n_segments: int) -> Floats:
    """The Jaccard similarity of every segment with every found cluster.

    Parameters
    ----------
    labels, found : ndarrays of shape (n,), int32
        Of the same customers; -1 is in no segment, in no cluster.
    n_segments : int
        Above all `labels`.

    Returns
    -------
    ndarray of shape (n_segments, n_found), 0-1
        Customers in both over customers in one of the two; n_found is above all of `found`.

    Examples
    --------
    >>> jaccards(np.array([0, 0, 1, 1]), np.array([0, 0, 0, -1]), n_segments=2).round(2).tolist()
    [[0.67], [0.25]]
    """
    n_found = int(found.max(initial=-1)) + 1
    codes = (labels + 1).astype(np.intp) * (n_found + 1) + (found + 1)
    counts = np.bincount(codes, minlength=(n_segments + 1) * (n_found + 1))
    counts = counts.reshape(n_segments + 1, n_found + 1)
    shared = counts[1:, 1:]
    union = counts.sum(axis=1)[1:, None] + counts.sum(axis=0)[None, 1:] - shared
    similar: Floats = shared / np.maximum(union, 1)
    return similar
