"""The fitted rule that puts customers into segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from coterie.errors import NotFoundError, SchemaError
from coterie.features import FeatureSpec, FeatureTable, build_features
from coterie.prediction import LTV, with_same_ltv
from coterie.preprocessing import DataQuality
from coterie.segmentation.amendments import Amendment, Cut, Relabel, amended_labels, relabelled
from coterie.segmentation.reference import Reference
from coterie.segmentation.registry import CLUSTERERS, Estimator
from coterie.segmentation.result import NO_NET_SPEND_NAME, OUTLIERS_NAME, UNASSIGNED
from coterie.segmentation.transform import Transform
from coterie.sources import Dataset

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted segmentation that can place further customers.

    The customers of the fit get the segments of the fit, bit for bit, also after saving and loading;
    a customer's segment does not depend on who else is in the table.

    Attributes
    ----------
    method : str
        A name of CLUSTERERS.
    transform : Transform
        Fitted on the customers with spend.
    estimator : Estimator
        Fitted; of the class of `method`.
    order : ndarray of shape (n_clusters,), int32
        Segment id of each of the estimator's clusters; -1 for one nobody belonged to.
    attributes : tuple of str
        The features that cluster.
    specs, defaults
        Of the table of the fit; with them the same features are built for later customers.
    names : mapping of int to str
        Segment name by id.
    observation_end : date or None
        The day the table of the fit looked from.
    version : str
        Version of Coterie that made it.
    amendments : tuple of Amendment
        What people changed: steps that follow the estimator's rule, in this order.
    reference : Reference or None
        What the customers of the fit looked like; None of a trial that was not chosen.
    revision : int
        1 for a fresh fit, one more for every refit.
    """

    method: str
    transform: Transform
    estimator: Estimator
    order: npt.NDArray[np.int32]
    attributes: tuple[str, ...]
    specs: tuple[FeatureSpec, ...]
    defaults: tuple[str, ...]
    names: Mapping[int, str]
    observation_end: date | None
    version: str
    amendments: tuple[Amendment, ...] = ()
    reference: Reference | None = None
    revision: int = 1

    def described(
        self,
        dataset: Dataset,
        *,
        observation_end: date | None = None,
        quality: DataQuality | None = None,
    ) -> FeatureTable:
        """Describe other customers in the features of the fit, with its fills, levels and purchase model.

        Parameters
        ----------
        dataset : Dataset
            Cleaned.
        observation_end : date, optional
            Default: the day of the last transaction.
        quality : DataQuality, optional
            Of the cleaning.

        Returns
        -------
        FeatureTable
        """
        specs = tuple(spec for spec in self.specs if spec.name != LTV)
        table = build_features(dataset, observation_end=observation_end, quality=quality, specs=specs)
        return self._with_ltv(table)

    def _with_ltv(self, table: FeatureTable) -> FeatureTable:
        known = {spec.name for spec in table.specs}
        spec = next((spec for spec in self.specs if spec.name == LTV and spec.parameters), None)
        return table if spec is None or LTV in known else with_same_ltv(table, spec)

    def aligned(self, table: FeatureTable) -> FeatureTable:
        """The same customers in the features of the fit: another table filled and pooled for itself.

        Parameters
        ----------
        table : FeatureTable of n customers

        Returns
        -------
        FeatureTable of the same customers
            The very same table if its features are already those of the fit, or it has no dataset.
        """
        own = {spec.name: spec for spec in table.specs}
        if all(own.get(spec.name) == spec for spec in self.specs if spec.name in self._looked_at):
            return table
        if table.dataset is None:
            return self._with_ltv(table)
        again = self.described(table.dataset, observation_end=table.observation_end, quality=table.quality)
        return again.rows(np.searchsorted(again.customer_ids, table.customer_ids))

    @property
    def _looked_at(self) -> set[str]:
        """The features that decide where a customer goes."""
        return {*self.attributes, *(a.condition.feature for a in self.amendments if isinstance(a, Cut))}

    def predict(self, table: FeatureTable) -> npt.NDArray[np.int32]:
        """Segment of every customer.

        Parameters
        ----------
        table : FeatureTable of n customers
            With at least the attributes of the fit.

        Returns
        -------
        ndarray of shape (n,), int32
            -1 for customers without net spend and for outliers.

        Raises
        ------
        SchemaError
            If the table lacks an attribute, or has a category where the fit had a number.
        """
        table = self.aligned(table)
        labels = np.full(len(table), UNASSIGNED, dtype=np.int32)
        spent = ~table.no_net_spend
        if spent.any():
            labels[spent] = self.segment_of(
                self.estimator.predict(self.seen(self._columns(table.rows(spent))))
            )
        for amendment in self.amendments:
            labels = amended_labels(labels, amendment, table=table, places=self.transformed)
        return labels

    def margin(self, table: FeatureTable) -> Floats:
        """How clearly every customer belongs to its segment.

        Parameters
        ----------
        table : FeatureTable of n customers

        Returns
        -------
        ndarray of shape (n,), 0-1
            0 on the border to another segment; nan for the unassigned.
        """
        table = self.aligned(table)
        margin = np.full(len(table), np.nan)
        assigned = np.flatnonzero(self.predict(table) != UNASSIGNED)
        if len(assigned):
            margin[assigned] = self.estimator.margin(self.seen(self._columns(table.rows(assigned))))
        return margin

    def transformed(self, table: FeatureTable) -> Floats:
        """Where every customer lies in the space the segments were judged in.

        Parameters
        ----------
        table : FeatureTable of n customers

        Returns
        -------
        ndarray of shape (n, n_coordinates)
        """
        return self.transform.apply(self._columns(self.aligned(table)))

    def assign(self, table: FeatureTable) -> pd.DataFrame:
        """Segment, its name and the margin of every customer.

        Parameters
        ----------
        table : FeatureTable of n customers

        Returns
        -------
        DataFrame of shape (n, 4)
            customer_id, segment_id, segment_name, margin.
        """
        import pandas as pd

        table = self.aligned(table)
        labels = self.predict(table)
        named = [self.names.get(int(label), OUTLIERS_NAME) for label in labels]
        return pd.DataFrame(
            {
                "customer_id": table.customer_ids,
                "segment_id": labels,
                "segment_name": np.where(table.no_net_spend, NO_NET_SPEND_NAME, named),
                "margin": self.margin(table),
            }
        )

    def amended(self, amendment: Amendment, names: Mapping[int, str]) -> Self:
        """The model with one more change that people made.

        Parameters
        ----------
        amendment : Amendment
        names : mapping of int to str
            Name of every segment after it.

        Returns
        -------
        Model
            Segments that are merged first of all are merged in its own rule.
        """
        if isinstance(amendment, Relabel) and not self.amendments:
            return replace(self, order=relabelled(self.order, amendment), names=names)
        return replace(self, amendments=(*self.amendments, amendment), names=names)

    def with_names(self, names: Mapping[int, str]) -> Self:
        """Name the segments anew; those not mentioned keep their names.

        Parameters
        ----------
        names : mapping of int to str
            Name by segment id.

        Returns
        -------
        Model

        Raises
        ------
        NotFoundError
            If an id is no segment of this model.
        """
        for segment_id in names:
            if segment_id not in self.names:
                raise NotFoundError(f"There is no segment {segment_id} to name")
        return replace(self, names={**self.names, **names})

    def seen(self, columns: pd.DataFrame) -> Floats:
        """What the estimator sees of customers.

        Parameters
        ----------
        columns : DataFrame of shape (n, n_attributes)
            The attributes in raw units.

        Returns
        -------
        ndarray of shape (n, n_coordinates) or, for a method that works in raw units, (n, n_attributes)
        """
        if CLUSTERERS[self.method].space == "raw":
            return columns.to_numpy(dtype=np.float64)
        return self.transform.apply(columns)

    def save(self, folder: str | Path) -> Path:
        """Write the model as ``model.json`` and ``arrays.npz``, without pickle.

        Parameters
        ----------
        folder : path
            Made, or replaced as a whole.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ConflictError
            If the folder exists and holds anything but a model.
        """
        from coterie.segmentation.saving import save_model

        return save_model(self, Path(folder))

    def segment_of(self, clusters: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.int32]:
        """Segment ids of the estimator's clusters.

        Parameters
        ----------
        clusters : ndarray of shape (n,), int

        Returns
        -------
        ndarray of shape (n,), int32
            -1 for noise and for clusters nobody belonged to at the fit.
        """
        known = (clusters >= 0) & (clusters < len(self.order))
        return np.where(known, self.order[np.where(known, clusters, 0)], np.int32(UNASSIGNED))

    def _columns(self, table: FeatureTable) -> pd.DataFrame:
        kinds = {spec.name: spec.kind for spec in self.specs}
        found = {spec.name: spec.kind for spec in table.specs}
        for name in sorted(self._looked_at, key=list(kinds).index):
            if found.get(name) != kinds[name]:
                raise SchemaError(
                    f"The model needs the {kinds[name]} {name}, which these customers do not have",
                    to_do="Give it data with the same columns as those it was made from",
                )
        return table.columns(self.attributes)
