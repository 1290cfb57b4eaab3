"""What a segment, or everybody, will likely do next: a forecast of customers added up and told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from coterie.features import counted, percent
from coterie.knowledge.wording import figure
from coterie.prediction import HIGH_RISK, LOW_RISK, SMALL_SHOP, Forecast

if TYPE_CHECKING:
    import pandas as pd

    from coterie.segmentation import Segmentation

LEAST_TOLD = 5
"""Of fewer people nothing is told."""
MOST_PRODUCTS = 5
DUE_WITHIN_DAYS = 30
EVERYONE = "All customers"
RISK_BANDS = ("high", "medium", "low")
VALUE_TIERS = ("high", "middle", "low")
EIGHT_IN_TEN = NormalDist().inv_cdf(0.9)
RANGES = (
    "The range of a sum takes customers to buy independently of each other (normal approximation) and is "
    "widened by how far the forecast of all missed on the shop's own past; eight of ten sums should end up "
    "inside"
)


@dataclass(frozen=True)
class ProductOutlook:
    """A product that some customers are likely to want, and how many of them there are."""

    product: str
    name: str
    n_customers: int


@dataclass(frozen=True)
class Outlook:
    """What the buyers of a segment are expected to do in the horizon of the forecast.

    Attributes
    ----------
    segment_id : int or None
        None for all customers together.
    name : str
    n_buyers : int
    expected_orders, orders_low, orders_high : float
    expected_spend, spend_low, spend_high : float
        Eight of ten such sums should end up between low and high; see `RANGES`.
    usual_spend, money_at_risk : float
        What they spent in such a time so far, and how much of it is likely not to come again.
    risk_bands, value_tiers : mapping of str to int or None
        Customers by band and tier; None for fewer than `LEAST_TOLD`.
    n_potential : int or None
        Expected to be of high value and not yet among those who spent most; None for too few to tell.
    due : tuple of ProductOutlook
        Products that are due, or will be in `DUE_WITHIN_DAYS` days, for most of them.
    discover : tuple of ProductOutlook
        Products new to them that most of them are recommended.
    sentences : tuple of str
        Without full stops.
    """

    segment_id: int | None
    name: str
    n_buyers: int
    expected_orders: float
    orders_low: float
    orders_high: float
    expected_spend: float
    spend_low: float
    spend_high: float
    usual_spend: float
    money_at_risk: float
    risk_bands: Mapping[str, int | None]
    value_tiers: Mapping[str, int | None]
    n_potential: int | None
    due: tuple[ProductOutlook, ...] = ()
    discover: tuple[ProductOutlook, ...] = ()
    sentences: tuple[str, ...] = ()


def outlook(
    forecast: Forecast,
    result: Segmentation,
    *,
    due: pd.DataFrame | None = None,
    discover: pd.DataFrame | None = None,
) -> tuple[Outlook, ...]:
    """The outlook of each segment.

    Parameters
    ----------
    forecast : Forecast
    result : Segmentation
        Of the same customers; who is in no segment counts for none.
    due, discover : DataFrame, optional
        `ProductForecast.due` of all customers, and `recommendations` to discover.

    Returns
    -------
    tuple of Outlook
        In the order of the segments, without those of fewer than `LEAST_TOLD` buyers.
    """
    import pandas as pd

    ids = pd.Index(result.table.customer_ids)
    currency = None if result.table.dataset is None else result.table.dataset.currency
    told = []
    for segment in result.segments:
        members = ids[result.labels == segment.id]
        rows = forecast.customers[forecast.customers["customer_id"].isin(members)]
        if len(rows) >= LEAST_TOLD:
            made = replace(
                _outlook(rows, forecast, currency=currency), segment_id=segment.id, name=segment.name
            )
            told.append(_with_products(made, members, due=due, discover=discover))
    return tuple(told)


def outlook_of_all(
    forecast: Forecast,
    *,
    currency: str | None = None,
    due: pd.DataFrame | None = None,
    discover: pd.DataFrame | None = None,
) -> Outlook:
    """The outlook of all buyers together.

    Parameters
    ----------
    forecast : Forecast
    currency : str, optional
    due, discover : DataFrame, optional
        As in `outlook`.

    Returns
    -------
    Outlook
    """
    made = _outlook(forecast.customers, forecast, currency=currency)
    return _with_products(made, forecast.customers["customer_id"], due=due, discover=discover)


def band_sentence(forecast: Forecast) -> str:
    """What the bands of risk mean.

    Parameters
    ----------
    forecast : Forecast

    Returns
    -------
    str
        Without a full stop.
    """
    low = f"low below {percent(LOW_RISK)}"
    if len(forecast.customers) < SMALL_SHOP:
        told = f"high from {percent(LOW_RISK)}, {low}; a small shop has no band between"
    else:
        told = f"high from {percent(HIGH_RISK)}, {low}"
    return f"Risk is the chance of no order in the next {forecast.horizon_days} days: {told}"


def past_sentence(forecast: Forecast) -> str:
    """How well the forecast did on the shop's own past, beside the plain rate of the past.

    Parameters
    ----------
    forecast : Forecast

    Returns
    -------
    str
        Without a full stop.
    """
    test = forecast.test
    if test is None:
        return "The history is too short to test such forecasts on the shop's own past"
    plain = f" (the plain rate of the past: {test.past_rate.mean_absolute_error:.2f})"
    told = [
        f"Made as of {test.cut} for the {test.horizon_days} days after it, the forecast was off by "
        f"{test.model.mean_absolute_error:.2f} orders per customer"
        f"{'' if forecast.family == 'past rate' else plain}"
    ]
    if test.model.bias is not None:
        side = "more" if test.model.bias > 0 else "fewer"
        told.append(f"it expected {percent(abs(test.model.bias))} {side} orders in all than came")
    if test.model.auc is not None:
        told.append(f"of two customers it ranked the later buyer first {percent(test.model.auc)} of the time")
    return "; ".join(told)


def _outlook(rows: pd.DataFrame, forecast: Forecast, *, currency: str | None) -> Outlook:
    """Of these customers, nobody's name on it yet."""
    test = forecast.test
    missed = 0.0 if test is None else abs(test.model.bias or 0.0)
    orders, spend = rows["expected_orders"], rows["expected_spend"]
    value = spend / orders.clip(lower=1e-12)
    off_orders, off_spend = (
        float(np.hypot(_half_range(rows, what, least=least), missed * rows[f"expected_{what}"].sum()))
        for what, least in (("orders", orders), ("spend", orders * value**2))
    )
    made = Outlook(
        segment_id=None,
        name=EVERYONE,
        n_buyers=len(rows),
        expected_orders=float(orders.sum()),
        orders_low=max(float(orders.sum()) - off_orders, 0.0),
        orders_high=float(orders.sum()) + off_orders,
        expected_spend=float(spend.sum()),
        spend_low=max(float(spend.sum()) - off_spend, 0.0),
        spend_high=float(spend.sum()) + off_spend,
        usual_spend=float(rows["usual_spend"].sum()),
        money_at_risk=float(rows["money_at_risk"].sum()),
        risk_bands=_counts(rows["risk_band"], RISK_BANDS),
        value_tiers=_counts(rows["value_tier"], VALUE_TIERS),
        n_potential=_told(int(rows["is_potential"].sum())),
    )
    return replace(made, sentences=_sentences(made, horizon_days=forecast.horizon_days, currency=currency))


def _half_range(rows: pd.DataFrame, what: str, *, least: pd.Series[float]) -> float:
    """Half the range of a sum: variances add up, and chance orders vary by no less than `least`."""
    spread = (rows[f"{what}_high"] - rows[f"{what}_low"]) / (2.0 * EIGHT_IN_TEN)
    return EIGHT_IN_TEN * float(np.sqrt(np.maximum(spread**2, least).sum()))


def _counts(values: pd.Series[str], names: tuple[str, ...]) -> dict[str, int | None]:
    return {name: _told(int((values == name).sum())) for name in names}


def _told(n: int) -> int | None:
    return None if 0 < n < LEAST_TOLD else n


def _with_products(
    made: Outlook, members: Iterable[str], *, due: pd.DataFrame | None, discover: pd.DataFrame | None
) -> Outlook:
    wanted = None if due is None else due[due["is_due"] | due["overdue_days"].between(-DUE_WITHIN_DAYS, 0)]
    now, new = _most_often(wanted, members), _most_often(discover, members)
    told = [
        f"{words}: {', '.join(f'{one.name} ({one.n_customers:,})' for one in products[:3])}"
        for words, products in (("Most often due", now), ("Most often new to them and likely", new))
        if products
    ]
    return replace(made, due=now, discover=new, sentences=(*made.sentences, *told))


def _most_often(offers: pd.DataFrame | None, members: Iterable[str]) -> tuple[ProductOutlook, ...]:
    if offers is None:
        return ()
    own = offers[offers["customer_id"].isin(members)]
    counts = own.groupby(["product", "name"])["customer_id"].nunique().rename("n").reset_index()
    top = counts.sort_values(["n", "product"], ascending=[False, True]).head(MOST_PRODUCTS)
    return tuple(
        ProductOutlook(str(row["product"]), str(row["name"]), int(row["n"]))
        for row in top.to_dict("records")
        if row["n"] >= LEAST_TOLD
    )


def _sentences(made: Outlook, *, horizon_days: int, currency: str | None) -> tuple[str, ...]:
    def money(amount: float) -> str:
        return figure(float(round(amount)), "money", currency=currency)

    told = [
        f"{counted(made.n_buyers, 'buyer')}: about {counted(round(made.expected_orders), 'order')} worth "
        f"{money(made.expected_spend)} are expected in the next {horizon_days} days "
        f"({money(made.spend_low)} to {money(made.spend_high)})"
    ]
    if made.usual_spend > 0:
        part = percent(made.money_at_risk / made.usual_spend)
        told.append(
            f"{money(made.money_at_risk)} of the {money(made.usual_spend)} they spent in such a time so far "
            f"is at risk ({part}): the orders may not come"
        )
    at_risk = made.risk_bands["high"]
    if at_risk:
        share = percent(at_risk / made.n_buyers)
        told.append(f"{counted(at_risk, 'buyer')} ({share}): high risk of no order in that time")
    if made.n_potential:
        told.append(
            f"{counted(made.n_potential, 'buyer')}: expected to be of high value and not yet among those "
            "who spent most"
        )
    return tuple(told)
