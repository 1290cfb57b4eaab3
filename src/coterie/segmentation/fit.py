"""FeatureTable -> Trial -> Segmentation: transform, cluster, and number the segments by value."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from numbers import Integral
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import CoterieError, InputError, ParameterError, TooFewCustomersError
from coterie.features import FeatureTable
from coterie.segmentation.amendments import Parts
from coterie.segmentation.model import Model
from coterie.segmentation.nearest import group_means
from coterie.segmentation.reference import reference_of
from coterie.segmentation.registry import CLUSTERERS, Estimator
from coterie.segmentation.result import UNASSIGNED, Segment, Segmentation, Trial
from coterie.segmentation.transform import Transform, normalised_weights
from coterie.segmentation.workshop import Workshop

if TYPE_CHECKING:
    import pandas as pd

MAX_CLUSTERS = 50
"""More segments than this nobody can tell apart, let alone treat apart."""

CUSTOMERS_PER_SEGMENT = 5
"""An explicit number of segments needs at least this many customers for each."""

Labels = npt.NDArray[np.int32]


def check_request(
    table: FeatureTable,
    *,
    n_clusters: int | None = None,
    attributes: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
) -> tuple[str, ...]:
    """Refuse what no method could do, before any work.

    Parameters
    ----------
    table : FeatureTable
    n_clusters : int, optional
        Number of segments the user asked for.
    attributes : sequence of str, optional
        Default: `table.defaults`.
    weights : mapping of str to float, optional

    Returns
    -------
    tuple of str
        The attributes that cluster, each once.

    Raises
    ------
    NotFoundError
        If an attribute does not exist, or a weight names none of the attributes.
    ParameterError
        If a weight is negative, all are 0, or `n_clusters` is outside 2..50.
    TooFewCustomersError
        If there are fewer than five customers with spend for each segment.
    InputError
        If no attribute is left to cluster on.
    """
    chosen = _checked_attributes(table, attributes, weights=weights)
    if n_clusters is not None:
        if not isinstance(n_clusters, Integral):
            raise ParameterError(
                f"The number of segments must be a whole number, not {n_clusters!r}", where="n_segments"
            )
        if not 2 <= n_clusters <= MAX_CLUSTERS:
            raise ParameterError(
                f"The number of segments must be between 2 and {MAX_CLUSTERS}, not {n_clusters}",
                where="n_segments",
            )
        n_spent, needed = int((~table.no_net_spend).sum()), CUSTOMERS_PER_SEGMENT * n_clusters
        if n_spent < needed:
            raise TooFewCustomersError(
                f"{n_clusters} segments need at least {needed} customers with spend, there are {n_spent}",
                to_do="Ask for fewer segments",
            )
    return chosen


def fit_trial(
    table: FeatureTable,
    method: str,
    *,
    n_clusters: int | None = None,
    attributes: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    random_state: int = 0,
) -> Trial:
    """Cluster the customers with one method.

    Only customers with spend form the clusters; the others are unassigned.

    Parameters
    ----------
    table : FeatureTable
    method : str
        A name of CLUSTERERS.
    n_clusters : int, optional
        2 to 50 and below the number of customers; ignored by methods that find the number themselves.
    attributes : sequence of str, optional
        Default: `table.defaults`.
    weights : mapping of str to float, optional
        Weight per attribute, default 1; 0 drops it.
    random_state : int

    Returns
    -------
    Trial
        Without scores. With `failure` if the method cannot run on these customers.

    Raises
    ------
    NotFoundError
        If the method or an attribute does not exist, or a weight names no attribute.
    ParameterError
        If a weight is negative or all are 0.
    """
    trials = fit_trials(
        table, method, ks=[n_clusters], attributes=attributes, weights=weights, random_state=random_state
    )
    return trials[0]


def fit_trials(
    table: FeatureTable,
    method: str,
    *,
    ks: Sequence[int | None],
    attributes: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    random_state: int = 0,
) -> tuple[Trial, ...]:
    """Cluster the customers with one method at several numbers of clusters, sharing what can be.

    Parameters
    ----------
    table, method, attributes, weights, random_state
        As in `fit_trial`.
    ks : sequence of int
        Numbers of clusters.

    Returns
    -------
    tuple of Trial
        One per number, equal to that of `fit_trial`; a single one if the method finds the number itself.
    """
    clusterer = CLUSTERERS[method]
    attributes = _checked_attributes(table, attributes, weights=weights)
    workshop = Workshop(table, clusterer, attributes, dict(weights or {}), random_state, len(ks) > 1)
    return tuple(_trial(workshop, k) for k in (ks if clusterer.takes_n_clusters else [None]))


def refit_trial(
    model: Model, table: FeatureTable, *, random_state: int = 0, keep_transform: bool = True
) -> Trial:
    """Fit the method of a model to other customers, from where the model stands if the method can.

    K-Means and Gaussian mixtures go on from their clusters, which keep their segments and what people
    changed about them; a mixture only under the same transform. Other methods are fitted afresh with as
    many clusters, numbered by value.

    Parameters
    ----------
    model : Model
    table : FeatureTable
        Described as `Model.described` does.
    random_state : int
    keep_transform : bool
        Leave the scales as they are; else they are learned from these customers, under the same weights
        and bends.

    Returns
    -------
    Trial
        With `failure` if the method cannot run on these customers.
    """
    clusterer = CLUSTERERS[model.method]
    weights = {name: model.transform.weights.get(name, 0.0) for name in model.attributes}
    workshop = Workshop(table, clusterer, model.attributes, weights, random_state)
    n_clusters = int((model.order != UNASSIGNED).sum())
    workshop.frozen = model.transform
    if keep_transform:
        workshop.start = model.estimator
    elif not table.no_net_spend.all():
        workshop.frozen = model.transform.refitted(workshop.columns, n_clusters=n_clusters)
        if model.method == "kmeans":
            workshop.start = _moved_to(workshop.frozen, model, columns=workshop.columns)
    trial = _trial(workshop, n_clusters if clusterer.takes_n_clusters else None)
    if trial.model is None or workshop.start is None or clusterer.resume is None:
        return trial
    places_moved = not keep_transform and any(isinstance(step, Parts) for step in model.amendments)
    if places_moved or len(trial.model.order) != len(model.order):
        return trial
    kept = replace(trial.model, order=model.order, names=model.names, amendments=model.amendments)
    labels = kept.predict(table)
    return replace(trial, model=kept, labels=labels, n_clusters=len(kept.names))


def _moved_to(transform: Transform, model: Model, *, columns: pd.DataFrame) -> Estimator | None:
    """The k-means of the model in another space: a centre at the mean of those it has now."""
    clusters = model.estimator.predict(model.seen(columns)).astype(np.int32)
    k = len(model.order)
    if (np.bincount(clusters, minlength=k) == 0).any():
        return None
    centers = group_means(transform.apply(columns), clusters, n_groups=k)
    return CLUSTERERS[model.method].restore({**model.estimator.export(), "cluster_centers_": centers})


def finish(
    trial: Trial,
    table: FeatureTable,
    *,
    why: str = "",
    trials: Sequence[Trial] = (),
    random_state: int = 0,
    weights: Mapping[str, float] | None = None,
) -> Segmentation:
    """Make the chosen trial the result.

    Parameters
    ----------
    trial : Trial
        One that did not fail, fitted on `table`.
    table : FeatureTable
    why : str
        The reason of the choice.
    trials : sequence of Trial
        Everything that was compared.
    random_state : int
    weights : mapping of str to float, optional

    Returns
    -------
    Segmentation
        With plain names ("Segment 1"), unless the method has names of its own; its model knows what these
        customers look like.

    Raises
    ------
    InputError
        If the trial failed.
    """
    if trial.labels is None or trial.model is None:
        raise InputError(trial.failure, where=trial.method)
    ids, counts = np.unique(trial.labels[trial.labels != UNASSIGNED], return_counts=True)
    reference = reference_of(table, trial.labels, transform=trial.model.transform)
    return Segmentation(
        labels=trial.labels,
        segments=tuple(
            Segment(int(i), trial.model.names[int(i)], int(n), int(n) / len(table))
            for i, n in zip(ids, counts, strict=True)
        ),
        table=table,
        model=replace(trial.model, reference=reference),
        method=trial.method,
        attributes=trial.model.attributes,
        random_state=random_state,
        margin=trial.model.margin(table),
        weights=dict(weights or {}),
        why=why,
        trials=tuple(trials),
    )


def _checked_attributes(
    table: FeatureTable, attributes: Sequence[str] | None, *, weights: Mapping[str, float] | None
) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(attributes or table.defaults))
    if not chosen:
        raise InputError("The customers have no attribute to cluster on")
    for name in chosen:
        table.spec(name)
    normalised_weights(chosen, weights)
    return chosen


def _trial(workshop: Workshop, n_clusters: int | None) -> Trial:
    started = perf_counter()
    method, table = workshop.clusterer.name, workshop.table
    labels = np.full(len(table), UNASSIGNED, dtype=np.int32)
    try:
        model, labels[~table.no_net_spend], notes = _fit(workshop, n_clusters)
    except (CoterieError, MemoryError, np.linalg.LinAlgError) as cause:
        reason = _reason(cause, workshop)
        return Trial(method, n_clusters, 0, None, failure=reason, seconds=perf_counter() - started)
    seconds = perf_counter() - started
    return Trial(method, n_clusters, len(model.names), labels, model=model, notes=notes, seconds=seconds)


def _reason(cause: Exception, workshop: Workshop) -> str:
    title, n = workshop.clusterer.title, len(workshop.table)
    if isinstance(cause, MemoryError):
        return f"{title} needs more memory than this machine has for {n} customers."
    if isinstance(cause, np.linalg.LinAlgError):
        return f"{title} cannot be computed on these customers: {cause}."
    return str(cause)


def _fit(workshop: Workshop, n_clusters: int | None) -> tuple[Model, Labels, tuple[str, ...]]:
    """The model, the segments of the customers with spend, and what was approximated."""
    if workshop.clusterer.takes_n_clusters:
        _require_possible(n_clusters, len(workshop.columns))
    with _warnings_as_notes() as warned:
        estimator = workshop.estimator(n_clusters)
    # Clusters are those of `predict`, never `labels_`: after a dithered fit the two differ.
    unnumbered = _model(workshop, n_clusters, estimator=estimator)
    clusters = estimator.predict(unnumbered.seen(workshop.columns))
    if not (clusters >= 0).any():
        raise InputError(f"{workshop.clusterer.title} found no segment: every customer is an outlier")
    order = _by_value(clusters, workshop.table)
    own = getattr(estimator, "names_", None)
    names = {int(i): f"Segment {i + 1}" if own is None else own[c] for c, i in enumerate(order) if i >= 0}
    model = replace(unnumbered, order=order, names=dict(sorted(names.items())))
    notes = dict.fromkeys((*workshop.notes, *getattr(estimator, "notes_", ()), *warned))
    return model, model.segment_of(clusters), tuple(notes)


def _model(workshop: Workshop, n_clusters: int | None, *, estimator: Estimator) -> Model:
    return Model(
        method=workshop.clusterer.name,
        transform=workshop.transform(n_clusters),
        estimator=estimator,
        order=np.zeros(0, dtype=np.int32),
        attributes=workshop.attributes,
        specs=workshop.table.specs,
        defaults=workshop.table.defaults,
        names={},
        observation_end=workshop.table.observation_end,
        version=version("coterie"),
    )


def _require_possible(n_clusters: int | None, n_spent: int) -> None:
    most = min(n_spent - 1, MAX_CLUSTERS)
    if most < 2:
        raise TooFewCustomersError(f"Segments need at least 3 customers with spend, there are {n_spent}")
    if n_clusters is None or not 2 <= n_clusters <= most:
        raise ParameterError(
            f"The number of segments must be between 2 and {most} here, not {n_clusters}",
            where="n_segments",
        )


def _by_value(clusters: npt.NDArray[Any], table: FeatureTable) -> Labels:
    """Segment id of each cluster: 0 has the highest mean spend or, without spend, the most customers.

    Ties go to the larger, then to the one whose first customer comes first. A cluster that nobody
    is in gets no id.
    """
    assigned = clusters >= 0
    present, first, members = np.unique(clusters[assigned], return_index=True, return_inverse=True)
    sizes = np.bincount(members)
    worth = sizes.astype(np.float64)
    if "monetary" in table.X.columns:
        money = table.X["monetary"].to_numpy(dtype=np.float64)[~table.no_net_spend][assigned]
        worth = np.bincount(members, weights=money) / sizes
    order = np.full(int(present.max()) + 1, UNASSIGNED, dtype=np.int32)
    order[present[np.lexsort((first, -sizes, -worth))]] = np.arange(len(present))
    return order


@contextmanager
def _warnings_as_notes() -> Iterator[list[str]]:
    """Collect what scikit-learn says about convergence; let every other warning through."""
    from sklearn.exceptions import ConvergenceWarning

    notes: list[str] = []
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ConvergenceWarning)
        yield notes
    for warning in said:
        if issubclass(warning.category, ConvergenceWarning):
            notes.append(str(warning.message))
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
