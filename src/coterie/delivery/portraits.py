"""What the page of a segment tells beyond the report: figures to compare segments by, revenue by month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.features import FeatureSpec, label_with_unit
from coterie.knowledge import Knowledge, Profile
from coterie.segmentation import Segmentation

if TYPE_CHECKING:
    import pandas as pd

EVERYONE = "Everyone"
DECIMALS = 6
"""Beyond them lies the noise of summation order."""


def told_features(knowledge: Knowledge) -> list[dict[str, Any]]:
    """The features in words, with the typical value of all customers.

    Parameters
    ----------
    knowledge : Knowledge

    Returns
    -------
    list of dict
        name, label, unit, kind and everyone (a number, a text or None), in the order of the table.
    """
    told = [spec for spec in knowledge.specs if spec.name in knowledge.medians.index]
    return [
        {
            "name": spec.name,
            "label": label_with_unit(spec, knowledge.currency),
            "unit": spec.unit,
            "kind": spec.kind,
            "everyone": _typical(spec, knowledge.medians.loc[spec.name, EVERYONE]),
        }
        for spec in told
    ]


def portrait(profile: Profile, knowledge: Knowledge) -> dict[str, Any]:
    """The typical member of a segment.

    Parameters
    ----------
    profile : Profile
    knowledge : Knowledge

    Returns
    -------
    dict
        typical (value by feature) and differences (from everyone, in standard deviations, by feature).
    """
    specs = {spec.name: spec for spec in knowledge.specs}
    typical, apart = knowledge.medians[profile.name], knowledge.differences[profile.name]
    return {
        "typical": {str(name): _typical(specs[str(name)], value) for name, value in typical.items()},
        "differences": {str(name): _rounded(value) for name, value in apart.items()},
    }


def _typical(spec: FeatureSpec, value: Any) -> float | str | None:
    if spec.kind == "number":
        return _rounded(value)
    return value if isinstance(value, str) else None


def _rounded(value: float) -> float | None:
    return round(float(value), DECIMALS) if math.isfinite(value) else None


def revenue_by_month(result: Segmentation) -> dict[int, list[list[Any]]]:
    """What the members of each segment spent, month by month, returns taken off.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    dict of list by segment id
        [month ("2025-03"), revenue, orders, customers], months in which nobody of any segment bought
        included; empty without dated orders.
    """
    sums = _monthly_sums(result)
    if sums is None or sums.empty:
        return {}
    import pandas as pd

    months = pd.period_range(sums["month"].min(), sums["month"].max(), freq="M").astype(str)
    history = {}
    for segment in result.segments:
        own = sums[sums["segment_id"] == segment.id].set_index("month")
        filled = own[["revenue", "n_orders", "n_buyers"]].reindex(months, fill_value=0)
        history[segment.id] = [
            [month, round(float(revenue), 2), int(n_orders), int(n_buyers)]
            for month, revenue, n_orders, n_buyers in filled.itertuples()
        ]
    return history


def _monthly_sums(result: Segmentation) -> pd.DataFrame | None:
    """Sums by segment and month, made by the engine."""
    dataset = result.table.dataset
    if dataset is None or dataset.transactions is None or "at" not in dataset.transactions.columns:
        return None
    import ibis
    import pandas as pd

    lines = dataset.transactions.filter(dataset.transactions["at"].notnull())
    ids = result.table.customer_ids.astype(str)
    members = ibis.memtable(pd.DataFrame({"customer_id": ids, "segment_id": result.labels}))
    own = lines.order_id if "order_id" in lines.columns else lines["at"].cast("string")
    order = ibis.ifelse(lines.is_purchase, own, ibis.null("string"))
    told = lines.select(
        "customer_id", "amount", month=lines["at"].strftime("%Y-%m"), order=order.cast("string")
    )
    sums = (
        told.join(members, "customer_id")
        .group_by("segment_id", "month")
        .agg(
            revenue=lambda joined: joined.amount.sum(),
            n_orders=lambda joined: joined.order.nunique(),
            n_buyers=lambda joined: joined.customer_id.nunique(where=joined.order.notnull()),
        )
        .order_by("segment_id", "month")
    )
    return dataset.store.backend.execute(sums)  # type: ignore[no-any-return]
