"""`find_clusters`: groups of the rows of any array, as many as there are or as many as are wanted."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels import nearest
from coterie.kernels.checks import finite_rows
from coterie.selection.clustering import Attempt, Clustering
from coterie.selection.consensus import agreed_groups
from coterie.selection.structure import natural_groups

Floats = npt.NDArray[np.float64]

MAX_ROWS = 5_000
"""More are sampled: the groups are those of the sample, every other row goes with its nearest sampled one."""

LEAST_ROWS = 10
"""Fewer rows are a list to read."""

CROWD_SHARE = 0.95
"""A group this large, with nothing but handfuls beside it, is everybody."""


def find_clusters(X: npt.ArrayLike, n_clusters: int | None = None, *, random_state: int = 0) -> Clustering:
    """Divide the rows of an array into groups, and say whether they fall into groups at all.

    Without `n_clusters` the answer may be that there are none. X is used as given: scale columns that
    are not of one unit first.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Numbers, none missing.
    n_clusters : int, optional
        2 to n. Default: as many as the rows fall into.
    random_state : int

    Returns
    -------
    Clustering
        `np.asarray` of it gives the labels.

    Raises
    ------
    ParameterError
        If X is not a finite table of at least one column, or `n_clusters` is not from 1 to n.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> found = find_clusters(np.vstack([random.normal(0, 1, (100, 2)), random.normal(9, 1, (100, 2))]))
    >>> found.n_clusters, found.verdict
    (2, 'natural')
    """
    rows = finite_rows(X)
    if n_clusters is not None and not 1 <= n_clusters <= len(rows):
        raise ParameterError(
            f"n_clusters={n_clusters} is not from 1 to the {len(rows)} rows", where="n_clusters"
        )
    with warnings.catch_warnings():
        from sklearn.exceptions import ConvergenceWarning

        warnings.simplefilter("ignore", ConvergenceWarning)
        return _found(rows, n_clusters, random_state=random_state)


def _found(rows: Floats, n_clusters: int | None, *, random_state: int) -> Clustering:
    distinct = len(np.unique(rows, axis=0))
    if n_clusters == 1 or distinct == 1 or (n_clusters is None and distinct < LEAST_ROWS):
        why = "One group was asked for." if n_clusters == 1 else f"There are {distinct} distinct rows."
        return Clustering(np.zeros(len(rows), dtype=np.int32), "no natural segments", why)
    random = np.random.default_rng(random_state)
    drawn = np.arange(len(rows))
    if len(rows) > MAX_ROWS:
        drawn = np.sort(random.choice(len(rows), MAX_ROWS, replace=False))
    sample = rows[drawn]
    if n_clusters is None:
        found = _beside_dithered(sample, random_state=random_state)
    else:
        found = agreed_groups(sample, min(n_clusters, distinct), random_state=random_state)
    if len(drawn) < len(rows):
        noted = Attempt("sample", found.n_clusters, f"the groups are those of {MAX_ROWS:,} sampled rows")
        found = replace(found, labels=found.labels[nearest(sample, rows)], tried=(noted, *found.tried))
    return replace(found, warnings=(*found.warnings, *_giant(found)))


def _beside_dithered(X: Floats, *, random_state: int) -> Clustering:
    """The natural groups; where columns have atoms, compared with those of a dithered copy.

    Many equal values look like crowds: what a copy with these values spread by half a step to either
    side does not show may be the lattice and nothing else, and is said.
    """
    from coterie.segmentation.scales import dithered

    found = natural_groups(X, random_state=random_state)
    random = np.random.default_rng(random_state)
    spread = np.column_stack([dithered(column, random) for column in X.T])
    if np.array_equal(spread, X):
        return found
    copy = natural_groups(spread, random_state=random_state)
    if (copy.verdict, copy.n_clusters) == (found.verdict, found.n_clusters):
        return found
    doubt = (
        "Some columns have few values, each held by many rows. With these spread by half a step to either"
        f" side there are {copy.n_clusters} groups ({copy.verdict}), not {found.n_clusters}"
        f" ({found.verdict}): the difference may be the lattice of values, not structure."
    )
    return replace(found, warnings=(doubt,))


def _giant(found: Clustering) -> tuple[str, ...]:
    shares = np.bincount(found.labels) / len(found.labels)
    if len(shares) < 2 or shares.max() < CROWD_SHARE:
        return ()
    return (f"One group holds {shares.max():.1%} of the rows: the others are a few outliers, not segments.",)
