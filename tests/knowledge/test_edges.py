"""Who is one order away from another segment, and who slips into one by waiting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import coterie
from coterie.errors import InputError, ParameterError
from coterie.knowledge import find_edges
from coterie.segmentation import Segmentation
from coterie.sources import write_sample_store


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Segmentation:
    files = write_sample_store(tmp_path_factory.mktemp("shop"), n_customers=400)
    return coterie.segment(str(files["orders"]), method="kmeans", n_segments=4)


def test_one_more_order_moves_up_and_no_order_moves_down(result: Segmentation) -> None:
    edges = find_edges(result)
    spend = {i: result.table.X["monetary"][result.labels == i].mean() for i in result.names}
    assert len(edges.customers) and len(edges.slipping)
    up, down = edges.customers, edges.slipping
    assert (up["to_id"].map(spend) > up["segment_id"].map(spend)).all()
    assert (down["to_id"].map(spend) < down["segment_id"].map(spend)).all()
    assert edges.customers["margin"].is_monotonic_increasing
    assert edges.customers["sentence"][0].startswith("One more order by ")


@pytest.mark.parametrize("days_since", [0, 5, 9])
def test_the_model_agrees_whichever_day_the_order_comes(result: Segmentation, days_since: int) -> None:
    """All of the list, with one order more in the table, are where the sentences say."""
    told = find_edges(result, ahead_days=10).customers
    known = result.table
    lived, orders = known.X["tenure_days"] + 10.0 - days_since, known.X["n_orders"] + 1.0
    X = known.X.assign(
        recency_days=float(days_since),
        tenure_days=known.X["tenure_days"] + 10.0,
        n_orders=orders,
        monetary=known.X["monetary"] + known.X["mean_basket"],
        gap_mean_days=lived / (orders - 1.0),
    )
    at = np.flatnonzero(np.isin(known.customer_ids, told["customer_id"]))
    alone = replace(known, X=X[known.X.columns], dataset=None).rows(at)
    where = dict(zip(alone.customer_ids.tolist(), result.model.predict(alone).tolist(), strict=True))
    assert where == dict(zip(told["customer_id"], told["to_id"], strict=True))


def test_without_dated_orders_or_with_no_time_ahead_it_is_refused(result: Segmentation) -> None:
    with pytest.raises(InputError):
        find_edges(replace(result, table=replace(result.table, observation_end=None)))
    with pytest.raises(ParameterError):
        find_edges(result, ahead_days=0)
