"""From described customers to compared, chosen and named segments."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie import logs
from coterie.errors import NotFoundError, ParameterError
from coterie.features import FeatureTable
from coterie.jobs import Progress, ignore_progress
from coterie.river.data import build_features
from coterie.settings import Settings

if TYPE_CHECKING:
    from coterie.segmentation import Segmentation
    from coterie.selection import Comparison

_log = logging.getLogger(__name__)

ALL_METHODS = ("kmeans", "gmm", "hierarchical", "dbscan", "tpa", "rfm")


def compare(
    data: object,
    methods: Sequence[str] = ALL_METHODS,
    *,
    n_segments: int | None = None,
    attributes: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    truth: str | npt.ArrayLike | None = None,
    random_state: int = 0,
    settings: Settings | None = None,
    progress: Progress = ignore_progress,
) -> Comparison:
    """Try every method at every sensible number of segments and score them side by side.

    Parameters
    ----------
    data : FeatureTable, Dataset, or anything `read` takes
    methods : sequence of str
        Names of CLUSTERERS.
    n_segments : int, optional
        Only this number; default 3 to 8.
    attributes : sequence of str, optional
        Features that cluster. Default: `FeatureTable.defaults`.
    weights : mapping of str to float, optional
        How much an attribute counts; 1 is normal, 0 drops it.
    truth : str or array-like of shape (n_customers,), optional
        Known groups, or the column of the customers table that holds them; it takes no part.
    random_state : int
    settings : Settings, optional
    progress : callable, optional

    Returns
    -------
    Comparison
        One row per method and number, the choice with its reason and the runner-up.
    """
    table, known = _with_truth(_as_table(data, progress), truth)
    plan = _Plan(n_segments, attributes, weights, known, random_state, settings or Settings())
    return _compare(table, methods, plan=plan, progress=progress)


@dataclass(frozen=True)
class _Plan:
    n_segments: int | None
    attributes: Sequence[str] | None
    weights: Mapping[str, float] | None
    truth: npt.NDArray[np.object_] | None
    random_state: int
    settings: Settings


def _compare(table: FeatureTable, methods: Sequence[str], *, plan: _Plan, progress: Progress) -> Comparison:
    from coterie import features, prediction, selection
    from coterie.segmentation import CLUSTERERS

    for method in methods:
        if method not in CLUSTERERS:
            raise ParameterError(
                f"There is no method named {method!r}",
                where="method",
                to_do=f"Choose from: {', '.join(CLUSTERERS)}",
            )
    valued = prediction.with_ltv(table)
    back_test = None
    if table.dataset is not None:
        back_test = features.back_test(table.dataset, quality=table.quality)
    if back_test is not None:
        back_test = replace(back_test, table=prediction.with_ltv(back_test.table))
    request = selection.CompareRequest(
        n_segments=plan.n_segments,
        attributes=tuple(plan.attributes) if plan.attributes else None,
        weights=plan.weights,
        truth=plan.truth,
        random_state=plan.random_state,
        settings=plan.settings,
    )
    with logs.event(_log, "compare") as told:
        comparison = selection.compare(
            valued, methods, request=request, back_test=back_test, progress=progress
        )
        told |= {"customers": len(table), "trials": len(comparison.trials)}
        told |= {"method": comparison.chosen.method, "k": comparison.chosen.n_clusters}
    return comparison


def segment(
    data: object,
    *,
    method: str | Sequence[str] = "auto",
    n_segments: int | None = None,
    attributes: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    truth: str | npt.ArrayLike | None = None,
    random_state: int = 0,
    settings: Settings | None = None,
    progress: Progress = ignore_progress,
) -> Segmentation:
    """Find the segments among the customers and name them.

    Parameters
    ----------
    data : FeatureTable, Dataset, or anything `read` takes
    method : str or sequence of str
        "auto" compares all methods and chooses among those that hold up; or one or more names of CLUSTERERS.
    n_segments : int, optional
        Default: chosen by stability, later value, explainability and size.
    attributes, weights, truth, random_state, settings, progress
        As in `compare`.

    Returns
    -------
    Segmentation
        `.labels` for every customer, `.segments` with names, `.model`, `.why`, `.trials`.

    Raises
    ------
    TooFewCustomersError
        If there are fewer than five customers for each segment asked for.
    ParameterError
        If an option is outside its range.
    """
    from coterie import knowledge
    from coterie.segmentation import finish

    table, known = _with_truth(_as_table(data, progress), truth)
    named = (method,) if isinstance(method, str) else tuple(method)
    methods = ALL_METHODS if named == ("auto",) else named
    plan = _Plan(n_segments, attributes, weights, known, random_state, settings or Settings())
    comparison = _compare(table, methods, plan=plan, progress=progress)
    result = finish(
        comparison.chosen,
        comparison.table,
        why=comparison.why,
        trials=comparison.trials,
        random_state=random_state,
        weights=weights,
    )
    judged = replace(
        result,
        runner_up=comparison.runner_up,
        detailed=comparison.detailed,
        verdict=comparison.verdict,
        segment_stability=comparison.segment_stability,
    )
    with logs.event(_log, "name") as told:
        told["segments"] = judged.n_segments
        return knowledge.name_segments(judged)


def _as_table(data: object, progress: Progress) -> FeatureTable:
    return data if isinstance(data, FeatureTable) else build_features(data, progress=progress)


def _with_truth(
    table: FeatureTable, truth: str | npt.ArrayLike | None
) -> tuple[FeatureTable, npt.NDArray[np.object_] | None]:
    """The table without the truth column, and the truth per customer as text, None where unknown."""
    if truth is None:
        return table, None
    if not isinstance(truth, str):
        known = _as_texts(np.asarray(truth, dtype=object))
        if len(known) != len(table):
            raise ParameterError(
                f"The truth has {len(known)} values for {len(table)} customers", where="truth"
            )
        return table, known
    known = _truth_column(table, truth)
    return table.without_column(truth), known


def _truth_column(table: FeatureTable, name: str) -> npt.NDArray[np.object_]:
    """The known groups as they were read: as a feature, rare ones would be pooled and gaps filled."""
    customers = None if table.dataset is None else table.dataset.customers
    if customers is not None and name in customers.columns:
        column = customers.select("customer_id", name).to_pandas().set_index("customer_id")[name]
        return _as_texts(column.reindex(table.customer_ids).to_numpy(dtype=object))
    if name in table.X.columns:
        return _as_texts(table.X[name].astype(object).where(table.known(name), None).to_numpy(dtype=object))
    raise NotFoundError(f"There is no column named {name!r} to compare with", where="truth")


def _as_texts(values: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    import pandas as pd

    texts = values.astype(str).astype(object)
    texts[pd.isna(values)] = None
    return texts
