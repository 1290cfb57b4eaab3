"""Who bought which product, how often and when: counted by the engine, held as sparse matrices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import SchemaError
from coterie.features.block import days_between
from coterie.preprocessing import exact_sum, net_returns
from coterie.sources import Dataset

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    from scipy.sparse import csr_matrix

HALF_LIFE_DAYS = 180.0
"""A purchase that long ago counts half of one today."""


@dataclass(frozen=True)
class Bought:
    """Customers x products, of what was bought and kept up to a day.

    Attributes
    ----------
    customer_ids : ndarray of shape (n_customers,), str objects, ascending
    products : ndarray of shape (n_products,), str objects, ascending
    names : ndarray of shape (n_products,), str objects
        What people call them.
    pairs : DataFrame of shape (n_pairs, 6)
        One row per customer and product bought, ordered by both: row, column (positions), n_bought (days
        on which it was bought; orders, without dates), recent (the same, halved every `HALF_LIFE_DAYS`),
        last (date) and gap_days (median days between purchases; missing for one).
    product_gaps : DataFrame of shape (n_products, 2)
        n_gaps and gap_days (median) over all customers.
    end : date or None
        The last day looked at; None without dates.
    """

    customer_ids: npt.NDArray[np.object_]
    products: npt.NDArray[np.object_]
    names: npt.NDArray[np.object_]
    pairs: pd.DataFrame
    product_gaps: pd.DataFrame
    end: date | None

    def matrix(self, values: str | None = None) -> csr_matrix:
        """Customers x products with a column of `pairs`, or with 1, where something was bought."""
        from scipy.sparse import csr_matrix

        n, m = len(self.customer_ids), len(self.products)
        data = np.ones(len(self.pairs)) if values is None else self.pairs[values].to_numpy(dtype=np.float64)
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.pairs["row"], minlength=n))])
        return csr_matrix((data, self.pairs["column"].to_numpy(), starts), shape=(n, m))

    @property
    def n_buyers(self) -> npt.NDArray[np.intp]:
        """Customers who bought each product."""
        return np.bincount(self.pairs["column"], minlength=len(self.products))


def kept_lines(dataset: Dataset, *, until: date | None = None) -> ibis.Table:
    """Purchase lines of which something was kept, as it was known at the end of a day.

    Parameters
    ----------
    dataset : Dataset
        Cleaned.
    until : date, optional
        Later lines are left out, and later returns undo nothing.

    Returns
    -------
    ibis.Table
        Of the transactions, with `day` if they are dated.

    Raises
    ------
    SchemaError
        Without transactions or without products.
    """
    lines = dataset.transactions
    if lines is None or "product" not in lines.columns:
        raise SchemaError(
            "The orders do not say which product was bought",
            to_do="Name the column with products when the file is read",
        )
    if "at" in lines.columns:
        lines = lines.mutate(day=lines["at"].date())
        if until is not None and until < last_day(lines):
            lines = net_returns(lines.filter(lines.day <= until))
    return lines.filter(lines["product"].notnull(), lines.is_purchase, lines.net_quantity > 0)


def last_day(lines: ibis.Table) -> date:
    """The day of the last line."""
    found = lines.day.max().to_pandas()
    return date(found.year, found.month, found.day)


def count_bought(lines: ibis.Table, *, end: date | None) -> Bought:
    """Count who bought what.

    Parameters
    ----------
    lines : ibis.Table
        As `kept_lines` gives them.
    end : date or None
        Time since a purchase counts to here; None if they have no dates.

    Returns
    -------
    Bought
    """
    import pandas as pd

    times = _dated(lines) if end else _undated(lines)
    pairs = _pairs(times, end=end).to_pandas()
    rows, customer_ids = pd.factorize(pairs.pop("customer_id").astype(object), sort=True)
    columns, products = pd.factorize(pairs.pop("product").astype(object), sort=True)
    pairs = pairs.assign(row=rows, column=columns).sort_values(["row", "column"], ignore_index=True)
    name = lines.product_name if "product_name" in lines.columns else lines["product"]
    about = _gaps(times).join(lines.group_by("product").aggregate(product_name=name.min()), "product")
    found = about.select("product", "product_name", "n_gaps", "gap_days").to_pandas()
    found = found.set_index(found.pop("product").astype(object)).reindex(products)
    names = found.pop("product_name").astype(object)
    names = names.where(names.notna(), products).to_numpy(dtype=object)
    return Bought(
        np.asarray(customer_ids, dtype=object),
        np.asarray(products, dtype=object),
        names,
        pairs,
        found.reset_index(drop=True),
        end,
    )


def _dated(lines: ibis.Table) -> ibis.Table:
    """One row per customer, product and day, with the days since the day before."""
    times = lines.select("customer_id", "product", "day").distinct()
    before = times.day.lag().over(group_by=["customer_id", "product"], order_by="day")
    return times.mutate(gap=days_between(before, times.day))


def _undated(lines: ibis.Table) -> ibis.Table:
    """One row per customer, product and order."""
    import ibis

    order = lines.order_id if "order_id" in lines.columns else lines.line.cast("string")
    times = lines.select("customer_id", "product", order=order).distinct()
    return times.mutate(gap=ibis.null("float64"))


def _pairs(times: ibis.Table, *, end: date | None) -> ibis.Table:
    import ibis

    wanted: dict[str, Any] = {"n_bought": times.count(), "gap_days": times.gap.median()}
    if end:
        age = days_between(times.day, ibis.literal(end))
        wanted |= {"last": times.day.max(), "recent": exact_sum(ibis.literal(0.5) ** (age / HALF_LIFE_DAYS))}
    else:
        wanted |= {"last": ibis.null("date"), "recent": times.count().cast("float64")}
    return times.group_by("customer_id", "product").aggregate(**wanted)


def _gaps(times: ibis.Table) -> ibis.Table:
    return times.group_by("product").aggregate(n_gaps=times.gap.count(), gap_days=times.gap.median())
