"""The clustering methods by name; packages add to them through the entry point group "coterie.clusterers"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, NotFoundError

Floats = npt.NDArray[np.float64]

ENTRY_POINT_GROUP = "coterie.clusterers"


class Estimator(Protocol):
    """What a clusterer must do: a scikit-learn estimator whose state can be saved without pickle.

    `predict(X)` of the rows of the fit is `labels_`; -1 is noise. `margin` says how clearly each row
    belongs, 0-1. `restore(export())` predicts what the original predicts.
    """

    labels_: npt.NDArray[np.integer[Any]]

    def fit(self, X: Any, y: Any = None) -> Any:
        """Find the clusters."""

    def predict(self, X: Any) -> npt.NDArray[np.integer[Any]]:
        """Give the cluster of each row."""

    def margin(self, X: Any) -> Floats:
        """Say how clearly each row belongs to its cluster."""

    def export(self) -> Mapping[str, Any]:
        """Give the fitted state as arrays, numbers, text and truth values."""


@dataclass(frozen=True)
class Clusterer:
    """One clustering method: how to build it and what it needs.

    Attributes
    ----------
    name, title : str
        As in options and as in prose.
    sentence : str
        What it does, for a reader who does not know it.
    build : callable (n_clusters, random_state) -> Estimator
        `n_clusters` is None for a method that finds the number itself.
    restore : callable (state) -> Estimator
        Rebuilds what `Estimator.export` gave.
    takes_n_clusters : bool
    space : "transformed" or "raw"
        Whether the estimator sees the output of the Transform or the attributes in their own units.
    attributes : tuple of str
        If not empty, the method works on these, in this order, whatever was asked.
    dithers : bool
        Whether spikes of equal values are spread before the fit.
    sweep : callable (X, random_state) -> callable (n_clusters) -> Estimator, optional
        Fits the same rows at many numbers of clusters with shared work; each fit equals that of `build`.
    recut : callable (estimator, n_clusters) -> Estimator, optional
        Turns a fit into one with fewer clusters, where that is cheaper than a new fit.
    resume : callable (estimator, X) -> Estimator, optional
        Goes on from a fit over other rows; cluster i of the one is cluster i of the other.
    bytes_per_row, bytes_per_number : float
        What its fits at six numbers of clusters take at their peak, beyond the table, for each row and
        each number of a row: measured with the compiled kernels and rounded up.
    bytes_at_least : float
        What they take whatever the rows.
    """

    name: str
    title: str
    sentence: str
    build: Callable[[int | None, int], Estimator]
    restore: Callable[[Mapping[str, Any]], Estimator]
    takes_n_clusters: bool = True
    space: Literal["transformed", "raw"] = "transformed"
    attributes: tuple[str, ...] = ()
    dithers: bool = False
    sweep: Callable[[Floats, int], Callable[[int], Estimator]] | None = None
    recut: Callable[[Any, int], Estimator] | None = None
    resume: Callable[[Any, Floats], Estimator] | None = None
    bytes_per_row: float = 0.0
    bytes_per_number: float = 24.0
    bytes_at_least: float = 0.0

    def bytes_needed(self, n_rows: int, n_columns: int) -> float:
        """Estimate the memory that fits at several numbers of clusters take.

        Parameters
        ----------
        n_rows : int
            Customers that cluster.
        n_columns : int
            Numbers of each; those of the method's own attributes if it has them.

        Returns
        -------
        float, bytes
        """
        wide = len(self.attributes) or n_columns
        return self.bytes_at_least + n_rows * (self.bytes_per_row + self.bytes_per_number * wide)


class Clusterers(Mapping[str, Clusterer]):
    """The built-in methods, then those of installed packages, which are loaded on first use.

    A package that cannot be loaded leaves a Clusterer whose `build` says why, so that a comparison
    shows the reason beside the methods that ran. A built-in name cannot be taken over.
    """

    @cached_property
    def _all(self) -> dict[str, Clusterer]:
        found = {point.name: point for point in sorted(entry_points(group=ENTRY_POINT_GROUP))}
        added = {name: _loaded(point) for name, point in found.items() if name not in _BUILT_IN}
        return {**_BUILT_IN, **added}

    def __getitem__(self, name: str) -> Clusterer:
        try:
            return self._all[name]
        except KeyError:
            raise NotFoundError(
                f"There is no method named {name!r}", to_do=f"Choose from: {', '.join(self._all)}"
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._all

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _loaded(point: EntryPoint) -> Clusterer:
    try:
        clusterer = point.load()
    except Exception as cause:  # whatever another package does wrong must not stop this one
        return _broken(point, f"{type(cause).__name__}: {cause}")
    if not isinstance(clusterer, Clusterer):
        return _broken(point, f"{point.value} is a {type(clusterer).__name__}, not a Clusterer")
    return clusterer


def _broken(point: EntryPoint, reason: str) -> Clusterer:
    def refuse(*_: object) -> Estimator:
        raise InputError(
            f"The clustering method {point.name!r} of an installed package cannot be loaded: {reason}",
            where=f"{ENTRY_POINT_GROUP} {point.value}",
            to_do="Update or remove that package",
        )

    return Clusterer(point.name, point.name, "An installed method that cannot be loaded.", refuse, refuse)


def _built_in(
    name: str,
    title: str,
    *,
    path: str,
    count: str = "n_clusters",
    sweeps: bool = False,
    fixed: Mapping[str, Any] = MappingProxyType({}),
    **about: Any,
) -> Clusterer:
    """A method of this package; `path` is "module:class", imported when it is built with what is `fixed`.

    One that sweeps has a function `sweep` beside its class.
    """
    module, _, kind = path.partition(":")

    def estimator() -> Any:
        return getattr(import_module(f"coterie.segmentation.{module}"), kind)

    def build(n_clusters: int | None, random_state: int) -> Estimator:
        accepted = estimator()().get_params()
        given = {count: n_clusters, "random_state": random_state, **fixed}
        built: Estimator = estimator()(**{k: v for k, v in given.items() if k in accepted})
        return built

    def restore(state: Mapping[str, Any]) -> Estimator:
        restored: Estimator = estimator().restore(state)
        return restored

    def sweep(X: Floats, random_state: int) -> Callable[[int], Estimator]:
        swept: Callable[[int], Estimator] = import_module(f"coterie.segmentation.{module}").sweep(
            X, random_state
        )
        return swept

    return Clusterer(name, title, build=build, restore=restore, sweep=sweep if sweeps else None, **about)


_BUILT_IN = {
    clusterer.name: clusterer
    for clusterer in (
        _built_in(
            "kmeans",
            "K-Means",
            sentence="Puts each customer with the nearest of k typical customers.",
            path="kmeans:KMeans",
            sweeps=True,
            fixed={"n_starts": 10},  # as a sweep has them on every rung: see ladder.RUNG_STARTS
            resume=lambda fitted, X: fitted.resumed(X),
            bytes_per_row=110,
            bytes_per_number=30,
        ),
        _built_in(
            "gmm",
            "Gaussian mixture",
            sentence="Explains customers as k overlapping clouds and gives each customer to the likeliest.",
            path="gmm:GaussianMixture",
            count="n_components",
            sweeps=True,
            resume=lambda fitted, X: fitted.resumed(X),
            dithers=True,
            bytes_per_row=80,
            bytes_per_number=35,
        ),
        _built_in(
            "hierarchical",
            "Hierarchical (Ward)",
            sentence="Joins the most alike customers, then groups, step by step; cuts that tree at k groups.",
            path="hierarchical:Hierarchical",
            recut=lambda tree, n_clusters: tree.cut(n_clusters),
            bytes_per_row=250,
            bytes_per_number=55,
        ),
        _built_in(
            "dbscan",
            "DBSCAN",
            sentence="Finds crowded regions, as many as there are; those in thin regions stay unassigned.",
            path="dbscan:DBSCAN",
            takes_n_clusters=False,
            dithers=True,
            bytes_per_row=120,
            bytes_per_number=30,
        ),
        _built_in(
            "tpa",
            "TPA (three phases)",
            sentence="Clusters recency, orders, money and lifetime value, then refines by a neural network.",
            path="tpa:TPA",
            attributes=("recency_days", "n_orders", "monetary", "ltv"),
            bytes_per_row=700,
            bytes_per_number=30,
        ),
        _built_in(
            "rfm",
            "RFM grid",
            sentence="Sorts customers into fixed, named cells of a 5 x 5 grid of recency and orders.",
            path="rfm_grid:RFMGrid",
            takes_n_clusters=False,
            space="raw",
            attributes=("recency_days", "n_orders", "monetary"),
            bytes_per_row=80,
            bytes_per_number=24,
        ),
        _built_in(
            "genie",
            "Genie",
            sentence="Joins the nearest customers, then groups, small ones first where sizes grow unequal.",
            path="genie:Genie",
            dithers=True,
            recut=lambda tree, n_clusters: tree.cut(n_clusters),
            bytes_per_row=160,
            bytes_per_number=50,
        ),
        _built_in(
            "hdbscan",
            "HDBSCAN",
            sentence="Finds crowds of any density that last while thin regions drop out, unassigned.",
            path="hdbscan:HDBSCAN",
            takes_n_clusters=False,
            dithers=True,
            bytes_per_row=150,
            bytes_per_number=50,
        ),
        _built_in(
            "sparse",
            "Sparse K-Means",
            sentence="K-Means that finds out which attributes separate the groups and lets the others go.",
            path="sparse:SparseKMeans",
            bytes_per_row=300,
            bytes_per_number=60,
        ),
        _built_in(
            "kmedoids",
            "K-Medoids",
            sentence="Puts each customer with the nearest of k real customers; for up to 5,000.",
            path="kmedoids:KMedoids",
        ),
    )
}

CLUSTERERS = Clusterers()
