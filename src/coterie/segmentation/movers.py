"""Who would be in another segment if attributes counted more or less: a preview while a weight is turned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, ParameterError
from coterie.features import counted, percent
from coterie.kernels import lloyd
from coterie.segmentation.fit import fit_trial
from coterie.segmentation.nearest import group_means
from coterie.segmentation.registry import CLUSTERERS
from coterie.segmentation.result import UNASSIGNED, Segmentation
from coterie.segmentation.transform import Transform, normalised_weights

MAX_STEPS = 30
"""Passes from the present centres; later ones move less than one customer in a thousand."""
TOLERANCE = 1e-4

Labels = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Movers:
    """Customers who would change their segment.

    Attributes
    ----------
    matrix : ndarray of shape (n_ids, n_ids), int
        Customers by the id of their present segment (row) and of the new one (column).
    names : mapping of int to str
        Of the present segments; a new segment has the id of the one it came from.
    customer_ids : ndarray of shape (n_movers,), str objects, ascending
    from_ids, to_ids : ndarray of shape (n_movers,), int32
        Segment now and then.
    sentence : str
    """

    matrix: npt.NDArray[np.int64]
    names: Mapping[int, str]
    customer_ids: npt.NDArray[np.object_]
    from_ids: Labels
    to_ids: Labels
    sentence: str


def who_moves(result: Segmentation, weights: Mapping[str, float]) -> Movers:
    """Say who would be in another segment if the attributes had other weights.

    Parameters
    ----------
    result : Segmentation
        Edits made by hand are left aside: the method knows nothing of them.
    weights : mapping of str to float
        Weight per attribute, default 1; 0 drops it.

    Returns
    -------
    Movers
        K-Means starts from the present centres, so that a segment stays itself; the segments of other
        methods are found again by the customers they share.

    Raises
    ------
    ParameterError
        If the method knows no weights, or a weight cannot be one.
    NotFoundError
        If a weight names no attribute.
    """
    found = result.found
    if CLUSTERERS[found.method].space == "raw":
        raise ParameterError(f"{CLUSTERERS[found.method].title} does not know weights", where="weights")
    wanted = normalised_weights(found.attributes, weights)
    if wanted == normalised_weights(found.attributes, found.weights):
        return _movers(found, found.labels)
    if found.method == "kmeans":
        return _movers(found, _from_present_centres(found, weights))
    return _movers(found, _made_anew(found, weights))


def _from_present_centres(found: Segmentation, weights: Mapping[str, float]) -> Labels:
    inside = found.labels != UNASSIGNED
    columns = found.table.rows(inside).columns(found.attributes)
    ids, present = np.unique(found.labels[inside], return_inverse=True)
    Z = Transform().fit(columns, weights=dict(weights), n_clusters=len(ids)).apply(columns)
    start = group_means(Z, present.astype(np.int32), n_groups=len(ids))
    labels = found.labels.copy()
    labels[inside] = ids[lloyd(Z, start, max_steps=MAX_STEPS, tolerance=TOLERANCE)[1]]
    return labels


def _made_anew(found: Segmentation, weights: Mapping[str, float]) -> Labels:
    """Another fit, its segments numbered by those of now that they share most customers with."""
    from scipy.optimize import linear_sum_assignment

    trial = fit_trial(
        found.table,
        found.method,
        n_clusters=found.n_segments,
        attributes=found.attributes,
        weights=weights,
        random_state=found.random_state,
    )
    if trial.labels is None:
        raise InputError(trial.failure, where=trial.method)
    n_old, n_new = found.n_ids, max(trial.n_clusters, found.n_ids)
    both = (trial.labels >= 0) & (found.labels >= 0)
    pairs = found.labels[both] * n_new + trial.labels[both]
    shared = np.bincount(pairs, minlength=n_old * n_new).reshape(-1, n_new)
    place = np.full(n_new + 1, UNASSIGNED, dtype=np.int32)
    old, new = linear_sum_assignment(-shared)
    place[new] = old
    # A segment that is the successor of none is told as the one most of its customers come from.
    rest = np.setdiff1d(np.arange(n_new), new)
    place[rest] = shared[:, rest].argmax(axis=0)
    return place[trial.labels]


def _movers(found: Segmentation, labels: Labels) -> Movers:
    k, moved = found.n_ids, np.flatnonzero(labels != found.labels)
    inside = (labels >= 0) & (found.labels >= 0)
    matrix = np.bincount(found.labels[inside] * k + labels[inside], minlength=k * k).reshape(k, k)
    return Movers(
        matrix=matrix,
        names=found.names,
        customer_ids=found.table.customer_ids[moved],
        from_ids=found.labels[moved],
        to_ids=labels[moved],
        sentence=_sentence(found, matrix, n_moved=len(moved)),
    )


def _sentence(found: Segmentation, matrix: npt.NDArray[np.int64], *, n_moved: int) -> str:
    if not n_moved:
        return "Nobody changes the segment."
    told = f"{counted(n_moved, 'customer')} ({percent(n_moved / len(found.labels))}) would change the segment"
    off = matrix * ~np.eye(len(matrix), dtype=bool)
    if not off.any():
        return f"{told}."
    old, new = np.unravel_index(off.argmax(), off.shape)
    most = f"{found.names[int(old)]} to {found.names[int(new)]}"
    return f"{told}; the largest group goes from {most} ({off.max():,})."
