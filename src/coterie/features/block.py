"""A block of features: an Ibis table with one row per customer, and what its columns mean."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.features.table import FeatureSpec

if TYPE_CHECKING:
    import ibis

MEDIAN = math.nan
"""As `fill` of a spec that is not finished: the median of the values found will stand in."""

CORE = ("recency_days", "n_orders", "monetary")
"""What clusters by default where there are orders; they stay in the table even if constant."""

MISSING = "(missing)"
OTHER = "other"

Known = Mapping[str, FeatureSpec]
"""The specs of a saved model by name; empty when a table is built afresh."""


@dataclass(frozen=True)
class Block:
    """Features by customer_id, not joined, filled or judged yet; columns without a spec are not kept."""

    rows: ibis.Table
    specs: tuple[FeatureSpec, ...]
    notes: tuple[str, ...] = ()


def join_all(base: ibis.Table, others: Iterable[ibis.Table]) -> ibis.Table:
    """All columns of tables that have at most one row per customer, for the customers of `base`."""
    for rows in others:
        columns = [name for name in rows.columns if name != "customer_id"]
        joined = base.left_join(rows, "customer_id")
        base = joined.select(*base.columns, *columns)
    return base


def slugs(names: Iterable[str]) -> list[str]:
    """Short ASCII names, unique, in the order given."""
    taken: list[str] = []
    for name in names:
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unnamed"
        free = (slug if i == 1 else f"{slug}_{i}" for i in range(1, len(taken) + 2))
        taken.append(next(s for s in free if s not in taken))
    return taken


def most_frequent(rows: ibis.Table, column: str, *, name: str) -> ibis.Table:
    """The commonest value of a column per customer; of equally common ones the first in the alphabet."""
    import ibis

    rows = rows.filter(rows[column].notnull())
    counts = rows.group_by("customer_id", column).aggregate(n_rows=rows.count())
    order = [counts.n_rows.desc(), counts[column]]
    ranked = counts.mutate(rank=ibis.row_number().over(group_by="customer_id", order_by=order))
    return ranked.filter(ranked["rank"] == 0).select("customer_id", **{name: ranked[column]})


def days_between(start: Any, end: Any) -> Any:
    """Whole days from date to date, as a float; dates, as engines count hours differently."""
    return end.delta(start, unit="day").cast("float64")
