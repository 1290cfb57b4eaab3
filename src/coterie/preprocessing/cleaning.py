"""Cleaning: a list of small steps, each `Dataset -> (Dataset, QualityStep)`.

Every line that leaves is counted with its money, so that the net spend of the customers who stay adds
up to the money that was accepted less the money the steps took out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from coterie.preprocessing.accounts import drop_test_accounts
from coterie.preprocessing.columns import column_quality
from coterie.preprocessing.money import exact_sum
from coterie.preprocessing.quality import DataQuality, QualityStep
from coterie.preprocessing.returns import net_returns
from coterie.sources import Dataset

if TYPE_CHECKING:
    import ibis

Step = Callable[[Dataset], tuple[Dataset, QualityStep]]


def clean(dataset: Dataset, *, keep_duplicates: bool = False) -> tuple[Dataset, DataQuality]:
    """Drop what is no customer's doing, net returns, and account for it.

    Parameters
    ----------
    dataset : Dataset
        As read.
    keep_duplicates : bool, default False
        Keep transaction lines whose every cell equals an earlier line's.

    Returns
    -------
    Dataset
        Its transactions have four more columns: is_purchase (quantity and price above 0), is_return,
        net_quantity (what was kept of a purchase line) and net_amount (the value of that). Customers
        who never bought have no transactions left.
    DataQuality
        One QualityStep per step; missing and outlying values of every column as read.
    """
    columns = column_quality(dataset)
    steps: list[QualityStep] = []
    for step in _steps(dataset, keep_duplicates=keep_duplicates):
        dataset, done = step(dataset)
        steps.append(done)
    count = _count_customers(dataset)
    notes = _notes(count)
    return dataset, DataQuality(tuple(steps), columns, count.n_customers, count.n_no_net_spend, notes)


def _steps(dataset: Dataset, *, keep_duplicates: bool) -> list[Step]:
    if dataset.transactions is None:
        return [drop_test_accounts]
    return [
        *([] if keep_duplicates else [_drop_duplicate_lines]),
        drop_test_accounts,
        _drop_negative_prices,
        _tell_free_lines,
        _tell_returns,
        _drop_customers_without_purchase,
        _net_returns,
    ]


def _transactions(dataset: Dataset) -> ibis.Table:
    assert dataset.transactions is not None, "the step is for datasets with transactions"
    return dataset.transactions


def _size(rows: ibis.Table) -> tuple[int, float]:
    """Number of rows and their money."""
    found = rows.aggregate(n=rows.count(), money=exact_sum(rows.amount)).to_pandas()
    return int(found.n[0]), float(found.money[0])


def _drop_duplicate_lines(dataset: Dataset) -> tuple[Dataset, QualityStep]:
    """Of lines whose every cell is equal, the first stays."""
    import ibis

    rows = _transactions(dataset)
    groups = rows.group_by("row_digest").aggregate(n_lines=rows.count())
    repeated = dataset.store.write(
        "repeated_lines", groups.filter(groups.n_lines > 1).select("row_digest").order_by("row_digest")
    )
    copies = rows.semi_join(repeated, "row_digest")
    copies = copies.mutate(copy=ibis.row_number().over(group_by="row_digest", order_by="line"))
    n, money = _size(copies.filter(copies["copy"] > 0))
    first = copies.filter(copies["copy"] == 0).drop("copy")
    rows = rows.anti_join(repeated, "row_digest").union(first) if n else rows
    sentence = f"Lines that equal an earlier line in every cell, of which the first stays: {n:,}"
    step = QualityStep("duplicate lines", sentence, n_dropped=n, amount_dropped=money)
    return replace(dataset, transactions=rows), step


def _price(rows: ibis.Table) -> Any:
    """The sign that matters: of the unit price, or of amount / quantity, or of the amount."""
    if "unit_price" not in rows.columns:
        return rows.amount / rows.quantity.nullif(0) if "quantity" in rows.columns else rows.amount
    return rows.unit_price.fill_null(rows.amount)


def _drop_negative_prices(dataset: Dataset) -> tuple[Dataset, QualityStep]:
    """A price below zero adjusts the books (bad debt); it is nobody's purchase or return."""
    rows = _transactions(dataset)
    n, money = 0, 0.0
    if "unit_price" in rows.columns:
        is_adjustment = (rows.unit_price < 0).fill_null(False)
        n, money = _size(rows.filter(is_adjustment))
        rows = rows.filter(~is_adjustment) if n else rows
    sentence = f"Lines with a unit price below zero, which adjust the books, dropped: {n:,}"
    step = QualityStep("negative prices", sentence, n_dropped=n, amount_dropped=money)
    return replace(dataset, transactions=rows), step


def _tell_free_lines(dataset: Dataset) -> tuple[Dataset, QualityStep]:
    """Mark purchases: more than nothing, for more than nothing."""
    rows = _transactions(dataset)
    is_free = (_price(rows) == 0).fill_null(False)
    some = rows.quantity.fill_null(1.0) > 0 if "quantity" in rows.columns else True
    rows = rows.mutate(is_free=is_free, is_purchase=~is_free & (rows.amount > 0) & some)
    n, _ = _size(rows.filter(rows.is_free))
    sentence = f"Lines with a price of zero, which are no purchase: {n:,}"
    return replace(dataset, transactions=rows), QualityStep("zero prices", sentence, n_changed=n)


def _tell_returns(dataset: Dataset) -> tuple[Dataset, QualityStep]:
    """Mark returns; a cancelled order that the file books with a plus gets its minus."""
    rows = _transactions(dataset)
    is_cancelled = _is_cancelled(rows)
    minus = rows.quantity < 0 if "quantity" in rows.columns else False
    is_return = ~rows.is_free & ((rows.amount < 0) | minus | is_cancelled)
    rows = rows.mutate(is_return=is_return.fill_null(False), is_unsigned=is_cancelled & rows.is_purchase)
    n, _ = _size(rows.filter(rows.is_return))
    n_unsigned, money = _size(rows.filter(rows.is_unsigned))
    rows = rows.mutate(
        amount=rows.is_unsigned.ifelse(-rows.amount, rows.amount),
        is_purchase=rows.is_purchase & ~rows.is_return,
    ).drop("is_free", "is_unsigned")
    sentence = f"Lines that are returns or cancellations: {n:,}"
    if n_unsigned:
        sentence += f", of which booked with a plus, now counted with a minus: {n_unsigned:,}"
    step = QualityStep("cancellations", sentence, n_changed=n, amount_dropped=2 * money)
    return replace(dataset, transactions=rows), step


def _is_cancelled(rows: ibis.Table) -> Any:
    """Order C123 is a cancellation if the file also has orders that are plain numbers."""
    import ibis

    if "order_id" not in rows.columns:
        return ibis.literal(False)
    has_c = rows.order_id.re_search(r"^C[0-9]+$").fill_null(False)
    plain = rows.order_id.re_search(r"^[0-9]+$").fill_null(False)
    found = rows.aggregate(c=has_c.any(), plain=plain.any()).to_pandas()
    return has_c if bool(found.c[0]) and bool(found.plain[0]) else ibis.literal(False)


def _drop_customers_without_purchase(dataset: Dataset) -> tuple[Dataset, QualityStep]:
    """Who only returned things, or got them free, is nobody to segment by what they bought."""
    rows = _transactions(dataset)
    buyers = rows.filter(rows.is_purchase).select("customer_id").distinct()
    others = rows.anti_join(buyers, "customer_id")
    each = others.group_by("customer_id").aggregate(n_lines=others.count(), money=exact_sum(others.amount))
    gone = each.to_pandas()
    n, money, n_customers = int(gone.n_lines.sum()), math.fsum(gone.money), len(gone)
    rows = rows.semi_join(buyers, "customer_id") if n else rows
    sentence = f"Customers without any purchase, left out: {n_customers:,} (their lines: {n:,})"
    step = QualityStep("customers without purchase", sentence, n_dropped=n, amount_dropped=money)
    return replace(dataset, transactions=rows), step


def _net_returns(dataset: Dataset) -> tuple[Dataset, QualityStep]:
    """Take returns out of the latest earlier purchases of the same product."""
    rows = net_returns(_transactions(dataset)).drop("row_digest")
    rows = dataset.store.write(dataset.store.unused_name("transactions_clean"), rows)
    taken = rows.filter(rows.is_purchase & (rows.net_amount < rows.amount))
    found = taken.aggregate(n=taken.count(), money=exact_sum(taken.amount - taken.net_amount)).to_pandas()
    n = int(found.n[0])
    sentence = (
        f"Purchase lines taken back in whole or in part: {n:,}, worth {found.money[0]:,.2f}; "
        "an order of which nothing was kept is no order"
    )
    return replace(dataset, transactions=rows), QualityStep("returns", sentence, n_changed=n)


@dataclass(frozen=True)
class _Count:
    n_customers: int
    n_no_net_spend: int
    top_share: float


def _count_customers(dataset: Dataset) -> _Count:
    if dataset.transactions is None:
        base = next(t for t in (dataset.customers, dataset.events, dataset.feedback) if t is not None)
        return _Count(int(base.customer_id.nunique().to_pandas()), 0, 0.0)
    rows = dataset.transactions
    each = rows.group_by("customer_id").aggregate(spend=exact_sum(rows.amount), kept=rows.net_quantity.max())
    found = each.aggregate(
        n=each.count(),
        nothing=((each.spend <= 0) | (each.kept <= 0)).sum().fill_null(0),
        total=exact_sum(each.spend, where=each.spend > 0),
        top=each.spend.max().fill_null(0.0),
    ).to_pandas()
    total = float(found.total[0])
    return _Count(int(found.n[0]), int(found.nothing[0]), float(found.top[0]) / total if total > 0 else 0.0)


_WHALE_SHARE = 0.25
"""One customer with this share of all net spend is worth a warning: means will follow them."""

_MANY = 20
"""Among fewer customers than this a large share is nothing odd."""


def _notes(count: _Count) -> tuple[str, ...]:
    if count.n_customers < _MANY or count.top_share < _WHALE_SHARE:
        return ()
    return (
        f"One customer accounts for {count.top_share:.0%} of all net spend; "
        "look at them by themselves before reading any mean",
    )
