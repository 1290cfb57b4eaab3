"""What the customers of a fit looked like, kept with the model to hold later ones against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable
from coterie.kernels import nearest_center
from coterie.segmentation.nearest import group_means
from coterie.segmentation.result import UNASSIGNED
from coterie.segmentation.scales import is_number
from coterie.segmentation.transform import Transform

if TYPE_CHECKING:
    import pandas as pd

N_BINS = 10
"""Bins of a number: tenths of the customers; fewer where many customers share a value."""

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Bins:
    """How the values of one feature are spread over bins.

    Attributes
    ----------
    name : str
    edges : tuple of float, ascending
        Of a number: bin i goes up to edge i and includes it; the last bin is open.
    levels : tuple of str
        Of a category: a bin each, and a last one for all other values.
    counts : tuple of int
        Customers of the fit in each bin.
    """

    name: str
    edges: tuple[float, ...]
    levels: tuple[str, ...]
    counts: tuple[int, ...]

    def count(self, values: pd.Series[Any]) -> Counts:
        """How many customers fall into each bin.

        Parameters
        ----------
        values : Series of shape (n,)
            In raw units.

        Returns
        -------
        ndarray of shape (n_bins,), int64
        """
        if self.levels:
            place = {level: i for i, level in enumerate(self.levels)}
            at = [place.get(str(value), len(place)) for value in values]
            return np.bincount(np.array(at, dtype=np.intp), minlength=len(self.counts))
        found = np.searchsorted(np.array(self.edges), values.to_numpy(dtype=np.float64))
        return np.bincount(found, minlength=len(self.counts))


@dataclass(frozen=True)
class Reference:
    """The customers of a fit in a few numbers.

    Attributes
    ----------
    n_customers : int
        Those with spend.
    bins : tuple of Bins
        One per feature that counts.
    centers : tuple of tuple of float
        Mean of each segment, in the order of their ids, in the space of the transform.
    mean_distance : float
        Of a customer to the nearest of them.
    """

    n_customers: int
    bins: tuple[Bins, ...]
    centers: tuple[tuple[float, ...], ...]
    mean_distance: float

    def distance(self, Z: Floats) -> float:
        """Mean distance of customers to the nearest centre.

        Parameters
        ----------
        Z : ndarray of shape (n, n_coordinates)

        Returns
        -------
        float
        """
        return _mean_distance(Z, np.array(self.centers))

    def to_state(self) -> dict[str, Any]:
        """The reference, ready for JSON.

        Returns
        -------
        dict
        """
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from `to_state`.

        Parameters
        ----------
        state : mapping

        Returns
        -------
        Reference
        """
        bins = tuple(
            Bins(str(b["name"]), *(tuple(b[part]) for part in ("edges", "levels", "counts")))
            for b in state["bins"]
        )
        centers = tuple(tuple(map(float, center)) for center in state["centers"])
        return cls(int(state["n_customers"]), bins, centers, float(state["mean_distance"]))


def reference_of(table: FeatureTable, labels: Labels, *, transform: Transform) -> Reference:
    """Describe the customers of a fit.

    Parameters
    ----------
    table : FeatureTable of n customers
    labels : ndarray of shape (n,), int32
        Their segments.
    transform : Transform

    Returns
    -------
    Reference
    """
    spent = np.flatnonzero(~table.no_net_spend)
    columns = table.rows(spent).columns(transform.columns)
    Z = transform.apply(columns)
    inside = labels[spent] != UNASSIGNED
    ids, members = np.unique(labels[spent][inside], return_inverse=True)
    centers = group_means(Z[inside], members.astype(np.int32), n_groups=len(ids))
    return Reference(
        len(spent),
        tuple(bins_of(columns[name]) for name in transform.columns),
        tuple(tuple(map(float, center)) for center in centers),
        _mean_distance(Z, centers),
    )


def bins_of(values: pd.Series[Any]) -> Bins:
    """Bins of the values of a feature, with as many customers each as can be.

    Parameters
    ----------
    values : Series of shape (n,)

    Returns
    -------
    Bins
        At most ten of a number; fewer where many customers share a value.
    """
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    if is_number(values):
        x = values.to_numpy(dtype=np.float64)
        # Values that occur, so that a value many customers share is never parted by rounding.
        cuts = np.unique(np.quantile(x, np.arange(1, N_BINS) / N_BINS, method="inverted_cdf"))
        edges = tuple(cuts[cuts < x.max()].tolist())
    else:
        levels = tuple(sorted({str(value) for value in values}))
    empty = Bins(str(values.name), edges, levels, (0,) * (len(levels) + len(edges) + 1))
    return replace(empty, counts=tuple(empty.count(values).tolist()))


def _mean_distance(Z: Floats, centers: Floats) -> float:
    return float(np.sqrt(nearest_center(Z, centers)[1]).mean())
