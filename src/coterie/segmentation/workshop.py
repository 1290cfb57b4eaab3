"""The bench on which the trials of one method are made, with what they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import NotFoundError, TooFewCustomersError
from coterie.features import FeatureTable
from coterie.segmentation.registry import Clusterer, Estimator
from coterie.segmentation.scales import is_number
from coterie.segmentation.transform import Transform, n_components

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Workshop:
    """What the trials of one method share: rows, transforms and trees.

    Attributes
    ----------
    table : FeatureTable
    clusterer : Clusterer
    asked : tuple of str
        The attributes the user wants; the method may have its own.
    weights : dict of str to float
    random_state : int
    several : bool
        Whether more than one number of clusters will be tried.
    frozen : Transform or None
        One that is taken as it is.
    start : Estimator or None
        One to go on from.
    """

    table: FeatureTable
    clusterer: Clusterer
    asked: tuple[str, ...]
    weights: dict[str, float]
    random_state: int
    several: bool = False
    frozen: Transform | None = None
    start: Estimator | None = None
    _transforms: dict[int, Transform] = field(default_factory=dict)
    _trees: dict[int, Estimator] = field(default_factory=dict)
    _sweeps: dict[int, Callable[[int], Estimator]] = field(default_factory=dict)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes the method works on."""
        return self.clusterer.attributes or self.asked

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what of the request the method does not heed."""
        said = []
        if self.asked != self.table.defaults and set(self.attributes) != set(self.asked):
            said.append(f"{self.clusterer.title} always works on {', '.join(self.attributes)}.")
        if self.weights and self.clusterer.space == "raw":
            said.append(f"{self.clusterer.title} does not know weights.")
        return tuple(said)

    @cached_property
    def columns(self) -> pd.DataFrame:
        """The attributes of the customers with spend; raises CoterieError if there are none."""
        present = {spec.name for spec in self.table.specs}
        missing = [name for name in self.attributes if name not in present]
        if missing:
            raise NotFoundError(
                f"{self.clusterer.title} needs {', '.join(missing)}, which these customers do not have"
            )
        if self.table.no_net_spend.all():
            raise TooFewCustomersError("No customer has spend")
        return self.table.rows(~self.table.no_net_spend).columns(self.attributes)

    def _n_kept(self, n_clusters: int | None) -> int:
        """Number of components, all that ties the transform to k; 0 if there are only numbers."""
        only_numbers = all(is_number(self.columns[name]) for name in self.attributes)
        return 0 if only_numbers else n_components(n_clusters)

    def transform(self, n_clusters: int | None) -> Transform:
        """Give the transform for this number of clusters.

        Parameters
        ----------
        n_clusters : int or None

        Returns
        -------
        Transform
            Fitted; the same one for every number that keeps as many components.
        """
        if self.frozen is not None:
            return self.frozen
        kept = self._n_kept(n_clusters)
        if kept not in self._transforms:
            weights = {name: w for name, w in self.weights.items() if name in self.attributes}
            fitted = Transform().fit(self.columns, weights=weights, n_clusters=n_clusters)
            self._transforms[kept] = fitted
        return self._transforms[kept]

    def estimator(self, n_clusters: int | None) -> Estimator:
        """Give a fitted estimator: of a sweep or a tree that all k of one transform share, or afresh.

        Parameters
        ----------
        n_clusters : int or None

        Returns
        -------
        Estimator
        """
        clusterer, kept = self.clusterer, self._n_kept(n_clusters)
        if self.start is not None and clusterer.resume is not None:
            return clusterer.resume(self.start, self._seen(n_clusters))
        if n_clusters is not None and clusterer.recut is not None:
            if kept not in self._trees:
                self._trees[kept] = self._fitted(n_clusters)
            return clusterer.recut(self._trees[kept], n_clusters)
        if n_clusters is not None and clusterer.sweep is not None and self.several:
            if kept not in self._sweeps:
                self._sweeps[kept] = clusterer.sweep(self._seen(n_clusters), self.random_state)
            return self._sweeps[kept](n_clusters)
        return self._fitted(n_clusters)

    def _fitted(self, n_clusters: int | None) -> Estimator:
        estimator = self.clusterer.build(n_clusters, self.random_state)
        estimator.fit(self._seen(n_clusters))
        return estimator

    def _seen(self, n_clusters: int | None) -> npt.NDArray[np.float64]:
        """What the estimator is fitted on."""
        if self.clusterer.space == "raw":
            return self.columns.to_numpy(dtype=np.float64)
        if self.clusterer.dithers:
            return self.transform(n_clusters).apply_dithered(self.columns, random_state=self.random_state)
        return self.transform(n_clusters).apply(self.columns)
