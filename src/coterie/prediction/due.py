"""When a product is due again: the usual time between purchases, and when it runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.prediction.bought import Bought

if TYPE_CHECKING:
    import pandas as pd

MIN_BOUGHT = 3
"""Bought so often, a customer has a rhythm of their own."""

MIN_GAPS = 20
"""Times that customers came back for a product before its rhythm stands in for their own."""

LAPSED_AFTER = 2.0
"""Overdue by more gaps than this, a product is no longer waited for but given up."""


def due_products(bought: Bought, rows: npt.NDArray[np.intp]) -> pd.DataFrame:
    """When the products some customers bought are due again.

    Parameters
    ----------
    bought : Bought
        With dates.
    rows : ndarray of int
        Positions of customers.

    Returns
    -------
    DataFrame
        customer_id, product, name, n_bought, last (date), gap_days, rhythm ("own" from three purchases on,
        else "product": the median of all who came back for it, which is shorter than the time of those
        who have not yet), due_on (date), overdue_days (negative: days to go) and is_due (overdue, and by no
        more than two gaps). Only products whose gap is known; those due first, with
        a rhythm of their own before the others, then the longest overdue.
    """
    import pandas as pd

    pairs = bought.pairs[bought.pairs["row"].isin(rows)]
    own = (pairs["n_bought"] >= MIN_BOUGHT).to_numpy()
    shared = bought.product_gaps["gap_days"].where(bought.product_gaps["n_gaps"] >= MIN_GAPS)
    usual = shared.to_numpy(dtype=np.float64)[pairs["column"]]
    gap = np.where(own, pairs["gap_days"].to_numpy(dtype=np.float64, na_value=np.nan), usual)
    last = pd.to_datetime(pairs["last"])
    gap_days = pd.to_timedelta(np.where(np.isnan(gap), 0, np.rint(gap)), unit="D")
    due_on = last + gap_days
    # Without dates no gap is known, and no row is left.
    overdue = (pd.Series(bought.end, index=pairs.index, dtype="datetime64[s]") - due_on).dt.days
    found = pd.DataFrame(
        {
            "customer_id": bought.customer_ids[pairs["row"]],
            "product": bought.products[pairs["column"]],
            "name": bought.names[pairs["column"]],
            "n_bought": pairs["n_bought"],
            "last": last.dt.date,
            "gap_days": gap,
            "rhythm": np.where(own, "own", "product"),
            "due_on": due_on.dt.date,
            "overdue_days": overdue,
            "is_due": (overdue >= 0) & (overdue <= LAPSED_AFTER * gap),
        }
    )[~np.isnan(gap)]
    order = ["is_due", "rhythm", "overdue_days", "customer_id", "product"]
    return found.sort_values(order, ascending=[False, True, False, True, True], ignore_index=True)
