"""TPA: value scoring, k-means, then a small neural network that has to earn its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array

from coterie.errors import ParameterError
from coterie.segmentation.fitting import (
    State,
    export_state,
    one_thread,
    require_at_least,
    restore_state,
    rows_to_fit,
    rows_to_place,
    seeded_sample,
)
from coterie.segmentation.kmeans import KMeans
from coterie.segmentation.ladder import RUNG_STARTS
from coterie.segmentation.nearest import (
    center_margin,
    consecutive,
    group_means,
    nearest_center,
    squared_distances,
    within_sum_of_squares,
)
from coterie.segmentation.network import Network, train_classifier, train_regressors
from coterie.segmentation.som import train_chain

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

CORE_SHARE = 0.6
"""Share of the rows, those farthest from a border, that teach the network."""
LEAST_GAIN = 0.2
"""Probability by which another cluster must be likelier before a row changes over."""
MAX_WCSS_RISE = 0.05
TRAIN_ROWS = 20_000
N_REGRESSORS = 5
SOM_CELLS = 3
_MODES = ("refine", "som", "value")
_ALWAYS = ("cluster_centers_", "means_", "n_inputs_", "n_clusters_", "n_features_in_")


class TPA(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Three phases: columns scored for value, k-means over them, a neural network behind a gate.

    Phase 1 is the caller's: X holds [recency, frequency, monetary, lifetime value], scaled and multiplied
    by the square roots of their weights. Phase 2 is `KMeans`. Phase 3 depends on `mode`:

    - "refine": a network learns the clusters from the rows that lie clearly inside one, and the others
      change over where it is surer by `LEAST_GAIN`. Accepted only if the within-cluster sum of squares
      rises by less than 5 %, no cluster falls under `size_floor` and, with y, the clusters explain y no
      worse.
    - "som": each cluster is divided along a self-organising chain over the descriptors.
    - "value": an ensemble of networks predicts y, and its prediction joins as one more standardised column.

    Parameters
    ----------
    n_clusters : int
    mode : {"refine", "som", "value"}
    size_floor : float
        Least share of a cluster, 0-1.
    random_state : int, RandomState or None

    Attributes
    ----------
    labels_, phase2_labels_ : ndarrays of shape (n,), int32
    n_clusters_ : int
    share_relabelled_ : float
        Rows whose cluster phase 3 changed, 0-1.
    wcss_before_, wcss_after_ : float
        Within-cluster sum of squares in X after phases 2 and 3.
    rejection_ : str
        Why phase 3 was not accepted; empty if it was.
    notes_ : tuple of str
        The same as a sentence for the reader of a comparison.

    Notes
    -----
    After Sheshasaayee & Logeshwari, who cluster in two phases (k-means on RFM, then a self-organising map)
    and profile by lifetime value [1]_; "three phases" and the gate are this package's reading.

    References
    ----------
    .. [1] Sheshasaayee, Logeshwari (2017). An efficiency analysis on the TPA clustering methods for
       intelligent customer segmentation. IEEE ICIMIA.

    Examples
    --------
    >>> TPA(2, random_state=0).fit([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]]).n_clusters_
    2
    """

    def __init__(
        self,
        n_clusters: int = 5,
        *,
        mode: Literal["refine", "som", "value"] = "refine",
        size_floor: float = 0.03,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.mode = mode
        self.size_floor = size_floor
        self.random_state = random_state

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike | None = None, *, descriptors: npt.ArrayLike | None = None
    ) -> Self:
        """Cluster the rows.

        Parameters
        ----------
        X : array of shape (n, n_features)
        y : array of shape (n,), optional
            Value after the period X describes; "value" needs it, "refine" is held to it.
        descriptors : array of shape (n, m), optional
            Demographic or behaviour columns for the networks only; "som" needs them. Once given to
            `fit`, `predict` and `margin` need them too.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If the mode is unknown or lacks what it needs.
        """
        rows = rows_to_fit(self, X)
        inputs = self._with_descriptors(rows, descriptors)
        value = None if y is None else check_array(y, ensure_2d=False, dtype=np.float64).reshape(len(rows))
        self._check_parameters(value, inputs.shape[1] - rows.shape[1])
        random = check_random_state(self.random_state)
        self.n_inputs_ = inputs.shape[1]
        self.networks_: tuple[Network, ...] = ()
        self.rejection_ = ""
        phase2 = KMeans(self.n_clusters, n_starts=RUNG_STARTS, random_state=random).fit(rows)
        self.cluster_centers_, self.phase2_labels_ = phase2.cluster_centers_, phase2.labels_
        if phase2.n_clusters_ == 1 and self.mode == "refine":
            self.rejection_ = "There is only one cluster."
        else:
            with one_thread():
                self._phase3(rows, inputs, value=value, random=random)
        self._sum_up(rows, inputs)
        return self

    def _check_parameters(self, value: Floats | None, n_descriptors: int) -> None:
        require_at_least("size_floor", self.size_floor, minimum=0.0)
        if self.mode not in _MODES:
            raise ParameterError(f"mode={self.mode!r} is none of {_MODES}", where="mode")
        if self.mode == "value" and value is None:
            raise ParameterError("TPA in the mode 'value' needs y, the later value", where="y")
        if self.mode == "som" and not n_descriptors:
            raise ParameterError("TPA in the mode 'som' needs descriptors", where="descriptors")

    def _with_descriptors(self, X: Floats, descriptors: npt.ArrayLike | None) -> Floats:
        """X and the descriptors side by side."""
        if descriptors is None:
            return X
        beside: Floats = check_array(descriptors, dtype=np.float64)
        if len(beside) != len(X):
            raise ParameterError(f"{len(beside)} rows of descriptors for {len(X)} rows", where="descriptors")
        return np.column_stack([X, beside])

    def _phase3(
        self, X: Floats, inputs: Floats, *, value: Floats | None, random: np.random.RandomState
    ) -> None:
        if self.mode == "refine":
            self._refine(X, inputs, value=value, random=random)
        elif self.mode == "value" and value is not None:
            self._add_value(X, inputs, value=value, random=random)
        else:
            self._divide(inputs[:, X.shape[1] :])

    def _refine(
        self, X: Floats, inputs: Floats, *, value: Floats | None, random: np.random.RandomState
    ) -> None:
        """Train on the clear rows; keep the network if its labels pass the gate."""
        margin = center_margin(X, self.cluster_centers_, labels=self.phase2_labels_)
        clear = _clearest(margin)
        taught = clear[seeded_sample(len(clear), TRAIN_ROWS, random=random)]
        present, known = consecutive(self.phase2_labels_[taught])
        if len(present) < len(self.cluster_centers_):
            self.rejection_ = "No customer of one cluster lies clearly inside it."
            return
        network = train_classifier(inputs[taught], known, random=random)
        after = _changed_over(self.phase2_labels_, network.probabilities(inputs))
        self.rejection_ = self._gate(X, after, value=value)
        if not self.rejection_:
            self.networks_ = (network,)

    def _gate(self, X: Floats, after: Labels, *, value: Floats | None) -> str:
        """Why these labels are not better than those of phase 2; empty if they pass."""
        before, k = self.phase2_labels_, len(self.cluster_centers_)
        sizes, shrunk = np.bincount(before, minlength=k), np.bincount(after, minlength=k)
        too_small = (shrunk < self.size_floor * len(X)) & (shrunk < sizes)
        if too_small.any() or not shrunk.all():
            return f"A cluster would fall under {self.size_floor:.0%} of the customers."
        rise = within_sum_of_squares(X, after) / max(within_sum_of_squares(X, before), 1e-300) - 1.0
        if rise >= MAX_WCSS_RISE:
            return f"The clusters would be {rise:.1%} wider."
        if value is not None and _explained(after, value) < _explained(before, value):
            return "The clusters would explain the later value less well."
        return ""

    def _add_value(self, X: Floats, inputs: Floats, *, value: Floats, random: np.random.RandomState) -> None:
        """Predict y, add the prediction as a column and run phase 2 again, numbered as before."""
        sample = seeded_sample(len(X), TRAIN_ROWS, random=random)
        seeds = [np.random.RandomState(seed) for seed in random.randint(2**31 - 1, size=N_REGRESSORS)]
        self.networks_ = train_regressors(inputs[sample], value[sample], randoms=seeds)
        predicted = self._predicted_value(inputs)
        self.value_mean_, self.value_scale_ = float(predicted.mean()), float(predicted.std()) or 1.0
        wider = np.column_stack([X, self._standard_value(inputs)])
        again = KMeans(self.n_clusters, n_starts=RUNG_STARTS, random_state=random).fit(wider)
        self.cluster_centers_ = again.cluster_centers_[_order_like(self.phase2_labels_, again.labels_)]

    def _divide(self, descriptors: Floats) -> None:
        """Lay a chain of units over the descriptors of every cluster; units without members are dropped."""
        spread = descriptors.std(axis=0)
        self.descriptor_scale_ = np.where(spread > 0, spread, 1.0)
        scaled = descriptors / self.descriptor_scale_
        chains = []
        for cluster in range(len(self.cluster_centers_)):
            members = scaled[self.phase2_labels_ == cluster]
            units = train_chain(members, SOM_CELLS)
            used, _ = consecutive(nearest_center(members, units))
            chains.append(units[used])
        self.units_ = np.vstack(chains)
        self.cluster_of_unit_ = np.repeat(np.arange(len(chains)), [len(units) for units in chains])

    def _predicted_value(self, inputs: Floats) -> Floats:
        outputs = [network.forward(inputs)[:, 0] for network in self.networks_]
        return np.asarray(np.mean(outputs, axis=0))

    def _standard_value(self, inputs: Floats) -> Floats:
        return (self._predicted_value(inputs) - self.value_mean_) / self.value_scale_

    def _space(self, X: Floats, inputs: Floats) -> Floats:
        """The columns the centres live in."""
        if self.mode != "value":
            return X
        return np.column_stack([X, self._standard_value(inputs)])

    def _place(self, X: Floats, inputs: Floats) -> Labels:
        """Cluster per row, by the centres and then by what phase 3 learnt."""
        labels = nearest_center(self._space(X, inputs), self.cluster_centers_)
        if self.mode == "refine" and self.networks_:
            return _changed_over(labels, self.networks_[0].probabilities(inputs))
        if self.mode == "som":
            gaps = squared_distances(inputs[:, X.shape[1] :] / self.descriptor_scale_, self.units_)
            elsewhere = labels[:, None] != self.cluster_of_unit_
            labels = np.where(elsewhere, np.inf, gaps).argmin(axis=1).astype(np.int32)
        return labels

    def _sum_up(self, X: Floats, inputs: Floats) -> None:
        """Labels of the training rows and what phase 3 changed."""
        self.labels_ = self._place(X, inputs)
        self.n_clusters_ = int(self.labels_.max()) + 1
        told = f"The neural refinement was not accepted: {self.rejection_}"
        self.notes_ = (told,) if self.rejection_ else ()
        within = self.cluster_of_unit_[self.labels_] if self.mode == "som" else self.labels_
        self.share_relabelled_ = float((within != self.phase2_labels_).mean())
        self.wcss_before_ = within_sum_of_squares(X, self.phase2_labels_)
        self.wcss_after_ = within_sum_of_squares(X, self.labels_)
        self.means_ = group_means(X, self.labels_, n_groups=self.n_clusters_)

    def _checked_inputs(self, X: npt.ArrayLike, descriptors: npt.ArrayLike | None) -> tuple[Floats, Floats]:
        rows = rows_to_place(self, X)
        inputs = self._with_descriptors(rows, descriptors)
        if inputs.shape[1] != self.n_inputs_:
            wanted = self.n_inputs_ - rows.shape[1]
            raise ParameterError(
                f"The fit had {wanted} descriptors, these rows have another number", where="descriptors"
            )
        return rows, inputs

    def predict(self, X: npt.ArrayLike, *, descriptors: npt.ArrayLike | None = None) -> Labels:
        """Cluster per row, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        descriptors : array-like of shape (n, n_descriptors), optional

        Returns
        -------
        ndarray of shape (n,), int32
        """
        return self._place(*self._checked_inputs(X, descriptors))

    def margin(self, X: npt.ArrayLike, *, descriptors: npt.ArrayLike | None = None) -> Floats:
        """How clearly a row belongs, 0-1: by the centres, or by the network's probabilities if it refined.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        descriptors : array-like of shape (n, n_descriptors), optional

        Returns
        -------
        ndarray of shape (n,), float64
        """
        rows, inputs = self._checked_inputs(X, descriptors)
        labels = self._place(rows, inputs)
        if self.mode == "som":
            return center_margin(rows, self.means_, labels=labels)
        if self.mode == "value" or not self.networks_:
            return center_margin(self._space(rows, inputs), self.cluster_centers_, labels=labels)
        chances = self.networks_[0].probabilities(inputs)
        own = chances[np.arange(len(rows)), labels]
        chances[np.arange(len(rows)), labels] = 0.0
        return np.asarray(np.clip(own - chances.max(axis=1), 0.0, 1.0))

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        of_mode = {
            "refine": (),
            "value": ("value_mean_", "value_scale_"),
            "som": ("units_", "cluster_of_unit_", "descriptor_scale_"),
        }[self.mode]
        state = export_state(
            self, *_ALWAYS, *of_mode, "share_relabelled_", "wcss_before_", "wcss_after_", "rejection_"
        )
        for number, network in enumerate(self.networks_):
            state.update(network.export(f"network{number}"))
        return {**state, "n_networks_": len(self.networks_)}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The fitted estimator an `export` came from.

        Parameters
        ----------
        state : mapping
            What `export` gave.

        Returns
        -------
        Self
        """
        plain = {
            name: value for name, value in state.items() if not name.startswith(("network", "n_networks"))
        }
        estimator = restore_state(cls, plain)
        n_networks = int(state["n_networks_"])
        estimator.networks_ = tuple(
            Network.restore(state, f"network{number}") for number in range(n_networks)
        )
        return estimator


def _clearest(margin: Floats) -> npt.NDArray[np.intp]:
    """Positions of the CORE_SHARE of the rows with the largest margin, ascending."""
    n_clear = int(np.ceil(CORE_SHARE * len(margin)))
    return np.sort(np.argsort(-margin, kind="stable")[:n_clear])


def _changed_over(labels: Labels, chances: Floats) -> Labels:
    """The likeliest cluster where it beats the old one by LEAST_GAIN, else the old one."""
    likeliest = chances.argmax(axis=1)
    gain = chances.max(axis=1) - chances[np.arange(len(labels)), labels]
    return np.where(gain > LEAST_GAIN, likeliest, labels).astype(np.int32)


def _explained(labels: Labels, value: Floats) -> float:
    """Share of the variance of the value that lies between the clusters (eta squared)."""
    column = value[:, None]
    total = float(((value - value.mean()) ** 2).sum())
    return 1.0 - within_sum_of_squares(column, labels) / total if total > 0 else 0.0


def _order_like(before: Labels, after: Labels) -> npt.NDArray[np.intp]:
    """The clusters of `after` in the order of the clusters of `before` they share most rows with."""
    both = np.zeros((before.max() + 1, after.max() + 1))
    np.add.at(both, (before, after), 1.0)
    _, matched = linear_sum_assignment(-both)
    rest = np.setdiff1d(np.arange(both.shape[1]), matched)
    return np.concatenate([matched, rest]).astype(np.intp)
