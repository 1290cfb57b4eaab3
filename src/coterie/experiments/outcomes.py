"""What became of the people of a campaign, one row a customer: from a file, or from later orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import SchemaError
from coterie.experiments.campaign import Campaign, CampaignPlan

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The outcome of every member of a campaign, in its order; absent is not converted.

    Attributes
    ----------
    treated, converted, contacted : ndarray of shape (n,), bool
        `contacted` is what the file says, else False.
    value, n_orders : ndarray of shape (n,), float64, or None
        None if the file does not tell.
    at : ndarray of shape (n,), datetime64[D], or None
        Day of the first conversion, NaT without; None if the file does not tell.
    n_absent, n_strangers, n_outside : int
        Members without a row, customers of rows who are no members, rows dated outside the window.
    """

    treated: Bools
    converted: Bools
    contacted: Bools
    value: Floats | None
    n_orders: Floats | None
    at: npt.NDArray[np.datetime64] | None
    n_absent: int
    n_strangers: int
    n_outside: int


def outcomes_from_orders(transactions: pd.DataFrame, plan: CampaignPlan) -> pd.DataFrame:
    """Rows of outcomes from the orders of the window that starts with the campaign.

    Parameters
    ----------
    transactions : DataFrame
        customer_id, at (timestamp), amount (below zero for a return); one row an order or a line of one,
        then with order_id.
    plan : CampaignPlan

    Returns
    -------
    DataFrame
        customer_id, converted (1 if there was an order above zero), value (net of returns), n_orders,
        at (first order).

    Raises
    ------
    SchemaError
        If a column is missing.
    """
    import pandas as pd

    _need(transactions, ("customer_id", "at", "amount"))
    day = pd.to_datetime(transactions["at"], utc=True).dt.tz_localize(None)
    inside = (day >= pd.Timestamp(plan.start)) & (day < pd.Timestamp(plan.end))
    rows = transactions[inside].assign(at=day[inside])
    bought = rows[rows["amount"] > 0]
    orders = bought.groupby("customer_id")
    n_orders = orders["order_id"].nunique() if "order_id" in rows.columns else orders.size()
    table = rows.groupby("customer_id")[["amount"]].sum().rename(columns={"amount": "value"})
    table["n_orders"] = n_orders.reindex(table.index, fill_value=0)
    table["converted"] = (table["n_orders"] > 0).astype(int)
    table["at"] = orders["at"].min().reindex(table.index)
    return table.reset_index()


def matched(campaign: Campaign, rows: pd.DataFrame) -> Outcomes:
    """Bring rows of outcomes to the members of a campaign.

    Parameters
    ----------
    campaign : Campaign
    rows : DataFrame
        customer_id, converted (0 / 1) or value; optional n_orders, at (day of the first conversion),
        contacted (0 / 1). Rows of one customer are added up.

    Returns
    -------
    Outcomes

    Raises
    ------
    SchemaError
        If there is neither converted nor value, or a column holds something else than it should.
    """
    import pandas as pd

    _need(rows, ("customer_id",))
    if not {"converted", "value"} & set(rows.columns):
        raise SchemaError(
            "The outcomes say neither who converted nor what was spent", where="converted, value"
        )
    table = pd.DataFrame({"customer_id": rows["customer_id"].astype(str)})
    for name in ("converted", "value", "n_orders", "contacted"):
        if name in rows.columns:
            table[name] = _numbers(rows[name], name)
    if "converted" not in table.columns:
        table["converted"] = (table["value"] > 0).astype(float)
    if "at" in rows.columns:
        table["at"] = _days(rows["at"])
        outside = (table["at"] < pd.Timestamp(campaign.plan.start)) | (
            table["at"] >= pd.Timestamp(campaign.plan.end)
        )
        table = table[~outside].assign(at=lambda inside: inside["at"].where(inside["converted"] > 0))
    ids = [member.customer_id for member in campaign.members]
    known = table["customer_id"].isin(ids)
    how = {name: _COMBINED[name] for name in table.columns if name != "customer_id"}
    one = table[known].groupby("customer_id").agg(how)
    own = one.reindex(ids)
    contacted = _or_none(own, "contacted")
    return Outcomes(
        treated=np.array([member.treated for member in campaign.members], dtype=bool),
        converted=own["converted"].fillna(0.0).to_numpy() > 0,
        contacted=np.zeros(len(ids), dtype=bool) if contacted is None else contacted > 0,
        value=_or_none(own, "value"),
        n_orders=_or_none(own, "n_orders"),
        at=own["at"].to_numpy(dtype="datetime64[D]") if "at" in own.columns else None,
        n_absent=len(ids) - len(one),
        n_outside=len(rows) - len(table),
        n_strangers=int(table.loc[~known, "customer_id"].nunique()),
    )


_COMBINED = {"converted": "max", "contacted": "max", "value": "sum", "n_orders": "sum", "at": "min"}


def _or_none(own: pd.DataFrame, name: str) -> Floats | None:
    return own[name].fillna(0.0).to_numpy(dtype=np.float64) if name in own.columns else None


def _numbers(column: pd.Series, name: str) -> pd.Series:
    """The column as numbers; a flag holds 0 and 1 only, an empty cell is 0."""
    import pandas as pd

    numbers = pd.to_numeric(column.astype(object), errors="coerce").astype(float)
    wrong = numbers.isna() & column.notna() | np.isinf(numbers)
    if name in ("converted", "contacted"):
        wrong |= ~numbers.fillna(0.0).isin([0.0, 1.0])
        told = "neither 0 nor 1"
    else:
        told = "no number"
    if wrong.any():
        raise SchemaError(f"{column[wrong].iloc[0]!r} is {told}", where=name, to_do="Mend the file")
    return numbers.fillna(0.0)


def _days(column: pd.Series) -> pd.Series:
    import pandas as pd

    days = pd.to_datetime(column, errors="coerce", utc=True).dt.tz_localize(None)
    if (days.isna() & column.notna()).any():
        raise SchemaError("There is a day that cannot be read", where="at", to_do="Write it as 2024-12-31")
    return days


def _need(table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise SchemaError(f"The table has no column {', '.join(missing)}")
