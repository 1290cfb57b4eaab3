"""Dataset -> FeatureTable: one query per table of the Dataset, joined once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.features.attributes import BIRTH_DATE, attribute_block
from coterie.features.block import Block, Known, join_all
from coterie.features.contacts import event_block, feedback_block
from coterie.features.finish import Finished, finish, rebuild
from coterie.features.purchases import purchase_block
from coterie.features.table import FeatureSpec, FeatureTable
from coterie.preprocessing import DataQuality, clean, net_returns
from coterie.sources import Dataset

if TYPE_CHECKING:
    import ibis
    import pandas as pd


def build_features(
    dataset: Dataset,
    *,
    observation_end: date | None = None,
    quality: DataQuality | None = None,
    specs: Sequence[FeatureSpec] | None = None,
) -> FeatureTable:
    """Describe every customer in numbers and categories.

    Parameters
    ----------
    dataset : Dataset
        Cleaned; one that is not is cleaned first.
    observation_end : date, optional
        What came later is left out, and later returns do not undo earlier orders. Default: the day of
        the last transaction.
    quality : DataQuality, optional
        Of the cleaning; it goes into the table with notes on columns that are no features.
    specs : sequence of FeatureSpec, optional
        Of a saved model: exactly these columns are built, in this order, with these fills.

    Returns
    -------
    FeatureTable
        One row per customer with a purchase; without transactions one per customer of the customers
        table, or else of the events and feedback.

    Raises
    ------
    ParameterError
        If nobody bought anything up to `observation_end`.
    """
    dataset, quality = _cleaned(dataset, quality)
    known = {spec.name: spec for spec in specs or ()}
    dataset = _bought_until(dataset, observation_end)
    dated = dataset.transactions is not None and "at" in dataset.transactions.columns
    end = observation_end or (_last_day(dataset, ("transactions",)) if dated else _reference_day(dataset))
    dataset = _told_until(dataset, end)
    raw = _raw_columns(dataset, end=end, known=known)
    frame = raw.rows.order_by("customer_id").to_pandas()
    if not len(frame):
        raise ParameterError(f"Nobody bought anything up to {observation_end}", where="observation_end")
    no_net_spend = _no_net_spend(frame, has_orders=dataset.transactions is not None)
    done = _finished(frame, raw.specs, specs=specs, clusterable=~no_net_spend)
    table = FeatureTable(
        customer_ids=frame["customer_id"].to_numpy(dtype=object),
        X=done.X,
        specs=done.specs,
        defaults=done.defaults,
        no_net_spend=no_net_spend,
        observation_end=end if dated else observation_end,
        dataset=dataset,
        filled=done.filled,
    )
    notes = (*raw.notes, *done.notes, *_missing_notes(table))
    return replace(table, quality=quality and replace(quality, notes=(*quality.notes, *notes)))


def _missing_notes(table: FeatureTable) -> list[str]:
    return [f"The feature {name!r} is {table.missing_rule(name)}" for name in table.filled]


def _cleaned(dataset: Dataset, quality: DataQuality | None) -> tuple[Dataset, DataQuality | None]:
    rows = dataset.transactions
    is_clean = quality is not None if rows is None else "net_quantity" in rows.columns
    return (dataset, quality) if is_clean else clean(dataset)


def _told_until(dataset: Dataset, end: date | None) -> Dataset:
    """The dataset without events and feedback of later days."""
    if end is None:
        return dataset
    events, feedback = (
        _up_to(rows, end) if rows is not None else None for rows in (dataset.events, dataset.feedback)
    )
    return replace(dataset, events=events, feedback=feedback)


def _bought_until(dataset: Dataset, end: date | None) -> Dataset:
    """The dataset with the orders and returns that were known on that day."""
    rows = dataset.transactions
    last = _last_day(dataset, ("transactions",))
    if end is None or rows is None or last is None or last <= end:
        return dataset
    rows = _up_to(rows, end)
    buyers = rows.filter(rows.is_purchase).select("customer_id").distinct()
    name = dataset.store.unused_name(f"transactions_until_{end:%Y%m%d}")
    stored = dataset.store.write(name, net_returns(rows.semi_join(buyers, "customer_id")))
    return replace(dataset, transactions=stored)


def _up_to(rows: ibis.Table, end: date) -> ibis.Table:
    return rows.filter(rows["at"].date() <= end) if "at" in rows.columns else rows


def _last_day(dataset: Dataset, roles: Sequence[str]) -> date | None:
    """The latest day in these tables."""
    days = []
    for role in roles:
        rows = getattr(dataset, role)
        if rows is None:
            continue
        dates = [n for n, kind in rows.schema().items() if kind.is_temporal() and n != BIRTH_DATE]
        days += [rows[name].date().max().to_pandas() for name in dates]
    found = [day for day in map(_plain_date, days) if day]
    return max(found, default=None)


def _plain_date(day: Any) -> date | None:
    import pandas as pd

    return None if day is None or pd.isna(day) else date(day.year, day.month, day.day)


def _reference_day(dataset: Dataset) -> date | None:
    """Without dated orders ages and days count to the latest day that the data know of."""
    return _last_day(dataset, ("customers", "events", "feedback"))


@dataclass(frozen=True)
class _Raw:
    rows: ibis.Table
    specs: tuple[FeatureSpec, ...]
    notes: tuple[str, ...]


def _raw_columns(dataset: Dataset, *, end: date | None, known: Known) -> _Raw:
    """All features of all tables, joined; where two tables tell the same, the customers' own counts."""
    blocks: list[Block] = []
    if dataset.transactions is not None:
        dated = end if "at" in dataset.transactions.columns else None
        blocks.append(purchase_block(dataset.transactions, end=dated, known=known))
    if dataset.events is not None:
        blocks.append(event_block(dataset.events, end=end, known=known))
    if dataset.feedback is not None:
        blocks.append(feedback_block(dataset.feedback, end=end))
    base = _customer_ids(dataset, blocks)
    if dataset.customers is not None:
        taken = frozenset(s.name for b in blocks for s in b.specs) - {"country"}
        rows = dataset.customers.semi_join(base, "customer_id")
        attributes = attribute_block(rows, end=end, known=known, taken=taken)
        own = {spec.name for spec in attributes.specs}
        blocks = [*(_without(block, own) for block in blocks), attributes]
    return _Raw(
        join_all(base, [block.rows.select("customer_id", *_names(block)) for block in blocks]),
        tuple(spec for block in blocks for spec in block.specs),
        tuple(note for block in blocks for note in block.notes),
    )


def _names(block: Block) -> list[str]:
    return [spec.name for spec in block.specs]


def _without(block: Block, names: set[str]) -> Block:
    return replace(block, specs=tuple(spec for spec in block.specs if spec.name not in names))


def _customer_ids(dataset: Dataset, blocks: Sequence[Block]) -> ibis.Table:
    """Who gets a row: buyers, else the customers table, else whoever left a trace."""
    if dataset.transactions is not None:
        return blocks[0].rows.select("customer_id")
    if dataset.customers is not None:
        return dataset.customers.select("customer_id").distinct()
    ids = blocks[0].rows.select("customer_id")
    for block in blocks[1:]:
        ids = ids.union(block.rows.select("customer_id"))
    return ids.distinct()


def _no_net_spend(frame: pd.DataFrame, *, has_orders: bool) -> npt.NDArray[np.bool_]:
    if not has_orders:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray((frame["monetary"] <= 0) | (frame["n_orders"] <= 0), dtype=bool)


def _finished(
    frame: pd.DataFrame,
    drafts: Sequence[FeatureSpec],
    *,
    specs: Sequence[FeatureSpec] | None,
    clusterable: npt.NDArray[np.bool_],
) -> Finished:
    if specs is None:
        return finish(frame, drafts, clusterable=clusterable)
    return rebuild(frame, specs, drafts=drafts)
