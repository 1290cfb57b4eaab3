"""Returns netted against purchases: what the customer kept of every purchase line.

Each return takes back the latest earlier purchases of the same product by the same customer first
(last in, first out); what exceeds them takes back nothing. That is a stack, and a stack has a closed
form in window functions. Let S_t be the running sum of signed quantities (+ bought, - returned) and

    B_t = S_t - min(0, min_{s<=t} S_s)

the height of the stack after line t (the running sum reflected at 0, as a return cannot take what is
not there). A purchase of q at t fills the stack between B_{t-1} and B_{t-1} + q, and of that survives
what later lines never dig out:

    kept_t = clip(min_{s>=t} B_s - B_{t-1}, 0, q)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.preprocessing.money import EXACT

if TYPE_CHECKING:
    import ibis


def units(lines: ibis.Table) -> Any:
    """How much a line moves: its quantity (1 where that is missing), or its amount without quantities."""
    if "quantity" in lines.columns:
        return lines.quantity.cast("float64").fill_null(1.0).abs()
    return lines.amount.abs()


def net_returns(lines: ibis.Table) -> ibis.Table:
    """Purchase lines with what was kept of them.

    Parameters
    ----------
    lines : ibis.Table
        Transactions with is_purchase and is_return; at, product, quantity are used if there.

    Returns
    -------
    ibis.Table
        The same rows with net_quantity (float64, >= 0: units kept of a purchase line, or money
        kept if there is no quantity; 0 on all other lines) and net_amount (float64, their value).
    """
    import ibis

    kept_columns = [c for c in lines.columns if c not in ("net_quantity", "net_amount")]
    shelf = lines["product"].fill_null("") if "product" in lines.columns else ibis.literal("")
    size = units(lines)
    move = ibis.cases((lines.is_purchase, size), (lines.is_return, -size), else_=0.0)
    lines = lines.mutate(shelf=shelf, size=size, move=move.cast(EXACT))
    by = ["customer_id", "shelf"]
    returned = lines.filter(lines.is_return).select(by).distinct()
    untouched = lines.anti_join(returned, by).mutate(kept=ibis._.move)
    rows = untouched.union(_kept(lines.semi_join(returned, by), by))
    net_quantity = rows.is_purchase.ifelse(rows.kept.cast("float64"), 0.0)
    value = rows.amount * (net_quantity / rows["size"].nullif(0.0))
    return rows.select(
        *kept_columns, net_quantity=net_quantity, net_amount=rows.is_purchase.ifelse(value, 0.0)
    )


def _kept(lines: ibis.Table, by: list[str]) -> ibis.Table:
    import ibis
    from ibis import _

    columns = [*lines.columns, "kept"]
    # Returns follow the purchases of the same instant; `position` is one order for all windows.
    order = ["at", "is_return", "line", "amount"] if "at" in lines.columns else ["line", "amount"]
    lines = lines.mutate(position=ibis.row_number().over(group_by=by, order_by=order))
    so_far = ibis.window(group_by=by, order_by="position", preceding=None, following=0)
    from_here = ibis.window(group_by=by, order_by="position", preceding=0, following=None)
    lines = lines.mutate(total=_.move.sum().over(so_far))
    lines = lines.mutate(balance=_.total - ibis.least(0, _.total.min().over(so_far)))
    lines = lines.mutate(
        left=_.balance.min().over(from_here),
        before=_.balance.lag().over(group_by=by, order_by="position").fill_null(0),
    )
    kept = ibis.least(ibis.greatest(_.left - _.before, 0), _.move).cast(EXACT)
    return lines.mutate(kept=kept).select(columns)
