"""What feature building gives: one row per customer, each column with its meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from coterie.errors import NotFoundError
from coterie.features.words import counted
from coterie.preprocessing import DataQuality
from coterie.sources import Dataset

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FeatureSpec:
    """One feature: what it is, its unit, where it comes from, what stands in when it is missing.

    `unit` is "days", "orders", "money", "share", "count", "years", "category", ...; `fill` is the
    value that replaces a missing one (the median of a number, "(missing)" for a category), the same
    for later customers; `n_missing` says how often that happened when the table was built.

    `label` names it in a sentence ("days since last order"). `levels` are the values a category has
    ("other" stands for the rare ones), or the one value that a share or count is about. `parameters`
    are fitted numbers that computing it for later customers needs.
    """

    name: str
    unit: str
    description: str
    source: str
    kind: Literal["number", "category"] = "number"
    fill: float | str = 0.0
    n_missing: int = 0
    label: str = ""
    levels: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A spec read back from JSON brings a list.
        object.__setattr__(self, "levels", tuple(self.levels))

    @property
    def words(self) -> str:
        """What people call it: the label, or the name without its underscores."""
        return self.label or self.name.replace("_", " ")


@dataclass(frozen=True)
class FeatureTable:
    """Customers in rows, features in columns, raw units, nothing missing.

    Attributes
    ----------
    customer_ids : ndarray of shape (n_customers,), str objects, ascending
    X : DataFrame of shape (n_customers, n_features), float64 and category columns, RangeIndex
    specs : tuple of FeatureSpec, in the order of the columns of X
    defaults : tuple of str
        The features that cluster unless the user names others.
    no_net_spend : ndarray of shape (n_customers,), bool
        Customers who bought but kept nothing of value; they get segment -1.
    observation_end : date or None
        Recency counts from here; None without dated orders.
    filled : mapping of str to ndarray of int
        By feature the positions of customers whose value is not known and was filled; a feature that is
        known of everybody is not in it. None of a thing that is counted is a known 0.
    dataset, quality : where the table came from, if from a Dataset.
    """

    customer_ids: npt.NDArray[np.object_]
    X: pd.DataFrame
    specs: tuple[FeatureSpec, ...]
    defaults: tuple[str, ...]
    no_net_spend: npt.NDArray[np.bool_]
    observation_end: date | None = None
    dataset: Dataset | None = None
    quality: DataQuality | None = None
    filled: Mapping[str, npt.NDArray[np.intp]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.customer_ids)

    def spec(self, name: str) -> FeatureSpec:
        """The spec of one feature.

        Parameters
        ----------
        name : str
            Of a feature.

        Returns
        -------
        FeatureSpec
        """
        for spec in self.specs:
            if spec.name == name:
                return spec
        names = ", ".join(s.name for s in self.specs)
        raise NotFoundError(f"There is no feature named {name!r}", to_do=f"Choose from: {names}")

    def rows(self, keep: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> FeatureTable:
        """The same table with only these customers (mask or positions).

        Parameters
        ----------
        keep : ndarray of bool or of int
            A mask of shape (n_customers,), or positions.

        Returns
        -------
        FeatureTable
        """
        filled = {name: np.flatnonzero(~self.known(name)[keep]) for name in self.filled}
        return replace(
            self,
            customer_ids=self.customer_ids[keep],
            X=self.X.iloc[keep if keep.dtype != bool else np.flatnonzero(keep)].reset_index(drop=True),
            no_net_spend=self.no_net_spend[keep],
            filled={name: positions for name, positions in filled.items() if len(positions)},
        )

    def with_column(
        self, spec: FeatureSpec, values: npt.NDArray[np.float64], *, made_of: Sequence[str] = ()
    ) -> FeatureTable:
        """The same table with one more feature at the end, as unknown as those it was made of.

        Parameters
        ----------
        spec : FeatureSpec
        values : ndarray of shape (n_customers,), float64
        made_of : sequence of str
            Names of the features it was computed from.

        Returns
        -------
        FeatureTable
        """
        X = self.X.assign(**{spec.name: values})
        unknown = np.flatnonzero(~np.all([self.known(name) for name in (*made_of, spec.name)], axis=0))
        filled = {**self.filled, **({spec.name: unknown} if len(unknown) else {})}
        return replace(self, X=X, specs=(*self.specs, spec), filled=filled)

    def without_column(self, name: str) -> FeatureTable:
        """The same table without this feature.

        Parameters
        ----------
        name : str
            Of a feature.

        Returns
        -------
        FeatureTable
        """
        specs = tuple(spec for spec in self.specs if spec.name != name)
        return replace(
            self,
            X=self.X.loc[:, [spec.name for spec in specs]],
            specs=specs,
            defaults=tuple(default for default in self.defaults if default != name),
            filled={feature: rows for feature, rows in self.filled.items() if feature != name},
        )

    def known(self, name: str) -> npt.NDArray[np.bool_]:
        """Of which customers the value of a feature is known, and not filled.

        Parameters
        ----------
        name : str
            Of a feature.

        Returns
        -------
        ndarray of shape (n_customers,), bool
        """
        known = np.ones(len(self), dtype=bool)
        known[self.filled.get(name, [])] = False
        return known

    def whole(self, name: str) -> bool:
        """Whether a feature is a number that takes whole values only, what was filled included.

        Parameters
        ----------
        name : str
            Of a feature.

        Returns
        -------
        bool
        """
        if self.spec(name).kind != "number":
            return False
        values = self.X[name].to_numpy(dtype=np.float64)
        return bool((values == np.floor(values)).all())

    def missing_rule(self, name: str) -> str:
        """How often a feature is missing and what stands in; empty if it never is.

        Parameters
        ----------
        name : str
            Of a feature.

        Returns
        -------
        str
        """
        n = len(self.filled.get(name, ()))
        if not n:
            return ""
        spec = self.spec(name)
        how_often = f"missing for {counted(n, 'customer')}"
        if spec.kind == "category":
            return f'{how_often}, shown as "{spec.fill}"'
        return f"{how_often}, replaced by the median {spec.fill:,.6g} where a number is needed"

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        """These features only, in this order.

        Parameters
        ----------
        names : sequence of str

        Returns
        -------
        DataFrame of shape (n_customers, len(names))
        """
        for name in names:
            self.spec(name)
        return self.X.loc[:, list(names)]
