"""From raw units to a space where distance means difference.

Numbers are un-skewed and standardised, a category becomes its FAMD indicator block, in which agreeing
on a rare level counts for more than agreeing on a common one. Weights enter as sqrt(w) after scaling,
because sum_j w_j (x_j - y_j)^2 = |sqrt(w) (x - y)|^2. With categories only the leading principal
components are kept: k centres span k - 1 directions and the rest is noise (measured on 36 simulations:
mean ARI .75, with all components .73).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from coterie.errors import InputError, NotFoundError, ParameterError
from coterie.segmentation.scales import (
    CategoryScale,
    Floats,
    NumberScale,
    dithered,
    finite_numbers,
    fitted_scale,
    refitted_scale,
)

if TYPE_CHECKING:
    import pandas as pd

MIN_COMPONENTS, MAX_COMPONENTS = 2, 10

COMPONENTS_WITHOUT_K = 4
"""Kept when the method finds the number of clusters itself: what five segments would need."""


@dataclass
class Transform:
    """Scales of the columns and, with categories, a rotation to principal components.

    Fit it once on the customers that form the segments; `apply` then places anybody.

    Attributes
    ----------
    scales : tuple of NumberScale and CategoryScale
        One per column with a weight above zero.
    centre : ndarray of shape (n_coordinates,)
    components : ndarray of shape (n_components, n_coordinates) or None
        None without categories: then the coordinates are the scaled columns themselves.
    variances : tuple of float
        Variance of each column's coordinates after weighting, in the order of `scales`.
    """

    scales: tuple[NumberScale | CategoryScale, ...] = ()
    centre: Floats = field(default_factory=lambda: np.zeros(0))
    components: Floats | None = None
    variances: tuple[float, ...] = ()

    def fit(
        self, X: pd.DataFrame, *, weights: Mapping[str, float] | None = None, n_clusters: int | None = None
    ) -> Self:
        """Learn the scales.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            Raw units, nothing missing; numeric and boolean columns are numbers, all else categories.
        weights : mapping of str to float, optional
            Weight per column, default 1; they are normalised to sum to the number of columns above 0.
        n_clusters : int, optional
            Number of clusters looked for; it sets how many components are kept.

        Returns
        -------
        Transform

        Raises
        ------
        InputError
            If there are no rows, or a number is missing or infinite.
        NotFoundError, ParameterError
            As `normalised_weights`.
        """
        if not len(X):
            raise InputError("There are no customers to segment")
        shares = normalised_weights(list(X.columns), weights)
        self.scales = tuple(fitted_scale(X[name], weight) for name, weight in shares.items())
        return self._settle(X, n_clusters)

    def refitted(self, X: pd.DataFrame, *, n_clusters: int | None = None) -> Transform:
        """Learn the scales anew on other customers, under the same weights and bends.

        A column that only just passes from one bend to another would move everybody.

        Parameters
        ----------
        X : DataFrame of shape (n, p), n >= 1
            As in `fit`.
        n_clusters : int, optional
            As in `fit`.

        Returns
        -------
        Transform
            A new one.
        """
        weights = self.weights
        scales = tuple(
            refitted_scale(scale, X[scale.name], weight=weights[scale.name]) for scale in self.scales
        )
        return Transform(scales=scales)._settle(X, n_clusters)

    def _settle(self, X: pd.DataFrame, n_clusters: int | None) -> Self:
        """Learn what follows from the scales."""
        blocks = [scale.place(X[scale.name]) for scale in self.scales]
        self.variances = tuple(float(block.var(axis=0).sum()) for block in blocks)
        coordinates = np.hstack(blocks)
        self.centre = coordinates.mean(axis=0)
        self.components = None
        if any(isinstance(scale, CategoryScale) for scale in self.scales):
            self.components = _principal(coordinates - self.centre, n_components(n_clusters))
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that count."""
        return tuple(scale.name for scale in self.scales)

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each column that counts; 1 for one that was constant at the fit."""
        return {
            scale.name: scale.root_weight**2 if isinstance(scale, CategoryScale) else variance or 1.0
            for scale, variance in zip(self.scales, self.variances, strict=True)
        }

    def apply(self, X: pd.DataFrame) -> Floats:
        """Place customers; where one lies does not depend on the others in `X`.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            With at least the columns of the fit.

        Returns
        -------
        ndarray of shape (n, n_coordinates), float64
        """
        return self._rotated([scale.place(X[scale.name]) for scale in self.scales])

    def apply_dithered(self, X: pd.DataFrame, *, random_state: int) -> Floats:
        """Place customers with atoms spread over half a step to either side.

        Half of a shop's customers may have exactly one order; a density method takes that spike for
        a cluster. Columns where one value has more than 5 % of the customers are therefore spread
        uniformly over their lattice step. Only for fitting: predictions use `apply`.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
        random_state : int

        Returns
        -------
        ndarray of shape (n, n_coordinates), float64
        """
        random = np.random.default_rng(random_state)
        blocks = []
        for scale in self.scales:
            if isinstance(scale, NumberScale):
                blocks.append(scale.place_numbers(dithered(finite_numbers(X[scale.name]), random)))
            else:
                blocks.append(scale.place(X[scale.name]))
        return self._rotated(blocks)

    def _rotated(self, blocks: list[Floats]) -> Floats:
        coordinates = np.hstack(blocks)
        if self.components is None:
            return coordinates
        centred = coordinates - self.centre
        # Row sums, not a matrix product: BLAS may round a row differently depending on its neighbours.
        return np.column_stack([(centred * component).sum(axis=1) for component in self.components])

    def real_shares(self) -> dict[str, float]:
        """How much each column really counts: w_j Var_j / sum, after weighting.

        Returns
        -------
        dict of str to float
            Adds up to 1, unless every column is constant; then all are 0. A category of L levels has
            up to L - 1 times the variance of a number.
        """
        total = sum(self.variances)
        return {
            scale.name: variance / total if total else 0.0
            for scale, variance in zip(self.scales, self.variances, strict=True)
        }

    def to_state(self) -> dict[str, Any]:
        """Everything learned, ready for JSON, which keeps every float64 exactly.

        Returns
        -------
        dict
        """
        return {
            "numbers": [asdict(s) for s in self.scales if isinstance(s, NumberScale)],
            "categories": [asdict(s) for s in self.scales if isinstance(s, CategoryScale)],
            "order": list(self.columns),
            "centre": self.centre.tolist(),
            "components": None if self.components is None else self.components.tolist(),
            "variances": list(self.variances),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from `to_state`.

        Parameters
        ----------
        state : mapping

        Returns
        -------
        Transform
        """
        scales: dict[str, NumberScale | CategoryScale] = {
            s["name"]: NumberScale(**s) for s in state["numbers"]
        }
        for s in state["categories"]:
            values = {**s, "levels": tuple(s["levels"]), "shares": tuple(s["shares"])}
            scales[s["name"]] = CategoryScale(**values)
        components = state["components"]
        return cls(
            scales=tuple(scales[name] for name in state["order"]),
            centre=np.array(state["centre"], dtype=np.float64),
            components=None if components is None else np.array(components, dtype=np.float64),
            variances=tuple(state["variances"]),
        )


def normalised_weights(columns: Collection[str], weights: Mapping[str, float] | None) -> dict[str, float]:
    """Weights of the columns that count, summing to their number so that sums of squares stay comparable.

    Parameters
    ----------
    columns : collection of str
    weights : mapping of str to float, optional
        Default 1 each; 0 drops a column.

    Returns
    -------
    dict of str to float
        In the order of `columns`, without those of weight 0.

    Raises
    ------
    NotFoundError
        If a weight names no column.
    ParameterError
        If a weight is negative or not a finite number, or all are 0.
    """
    given = dict(weights or {})
    for name, weight in given.items():
        if name not in columns:
            known = ", ".join(map(str, columns))
            raise NotFoundError(
                f"There is no clustering attribute named {name!r}",
                where="weights",
                to_do=f"The attributes that cluster are: {known}",
            )
        if not 0 <= weight < np.inf:
            raise ParameterError(f"The weight of {name} must be 0 or more, not {weight!r}", where="weights")
    kept = {name: float(given.get(name, 1.0)) for name in columns if given.get(name, 1.0) > 0}
    if not kept:
        raise ParameterError("All weights are 0: nothing is left to tell customers apart", where="weights")
    largest = max(kept.values())
    total = sum(weight / largest for weight in kept.values())
    return {name: weight / largest / total * len(kept) for name, weight in kept.items()}


def n_components(n_clusters: int | None) -> int:
    """How many principal components are kept for this number of clusters.

    Parameters
    ----------
    n_clusters : int or None

    Returns
    -------
    int
        n_clusters - 1, but at least 2 and at most 10.
    """
    wanted = COMPONENTS_WITHOUT_K if n_clusters is None else n_clusters - 1
    return min(max(wanted, MIN_COMPONENTS), MAX_COMPONENTS)


def _principal(centred: Floats, wanted: int) -> Floats:
    """Leading principal axes, each turned so that its largest loading is positive."""
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    order = np.argsort(-variances, kind="stable")[:wanted]
    real = order[variances[order] > 1e-12 * max(float(variances.max()), 1e-300)]
    rows = axes[:, real if len(real) else order[:1]].T
    largest = np.abs(rows).argmax(axis=1)
    signs = np.where(rows[np.arange(len(rows)), largest] < 0, -1.0, 1.0)
    return np.ascontiguousarray(rows * signs[:, np.newaxis])
