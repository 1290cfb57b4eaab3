"""Features of transactions: when, how often, how much, what and where customers buy."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from coterie.features.block import (
    CORE,
    MEDIAN,
    MISSING,
    Block,
    Known,
    days_between,
    join_all,
    most_frequent,
    slugs,
)
from coterie.features.table import FeatureSpec
from coterie.preprocessing import exact_sum

if TYPE_CHECKING:
    import ibis

N_CATEGORIES = 12
"""So many categories, those with the most revenue, get a share of their own."""

EVENING_HOUR = 18
SATURDAY = 5
"""Day of the week, Monday being 0."""


def purchase_block(transactions: ibis.Table, *, end: date | None, known: Known) -> Block:
    """Features of cleaned transactions, for every customer with a purchase.

    Parameters
    ----------
    transactions : ibis.Table
        With is_purchase, is_return, net_quantity, net_amount; nothing later than `end`, and nobody
        who never bought.
    end : date or None
        Recency and tenure count to this day; None if orders have no date.
    known : mapping of str to FeatureSpec
        Of a saved model: its categories are used.

    Returns
    -------
    Block
        An order is an order_id of a customer (a day, without order ids) of which something was kept.
    """
    lines = _with_order(transactions)
    parts = [_books(lines), _orders(lines), *_products(lines), *_category_shares(lines, known)]
    parts += _places(lines)
    books, *others = (part.rows for part in parts)
    rows = join_all(books, others)
    specs = [spec for part in parts for spec in part.specs]
    rows = rows.mutate(n_orders=rows.n_orders.fill_null(0), mean_basket=rows.mean_basket.fill_null(0.0))
    if end is not None:
        rows, dated = _dated(rows, end)
        specs = [*dated, *specs]
    specs.sort(key=lambda spec: CORE.index(spec.name) if spec.name in CORE else len(CORE))
    return Block(rows, tuple(specs))


def _with_order(lines: ibis.Table) -> ibis.Table:
    """Lines with `order_key`, and `day` if they have a time."""
    has_time = "at" in lines.columns
    if has_time:
        lines = lines.mutate(day=lines["at"].date())
    day = lines.day.cast("string") if has_time else lines.line.cast("string")
    return lines.mutate(order_key=lines.order_id.fill_null(day) if "order_id" in lines.columns else day)


def _books(lines: ibis.Table) -> Block:
    """What the books show of a customer: all lines, returns included."""
    bought = exact_sum(lines.amount, where=lines.is_purchase)
    returned = exact_sum(-lines.amount, where=lines.is_return)
    wanted: dict[str, Any] = {"monetary": exact_sum(lines.amount), "bought": bought, "returned": returned}
    if "day" in lines.columns:
        wanted["first_bought"] = lines.day.min(where=lines.is_purchase)
        wanted["last_bought"] = lines.day.max(where=lines.is_purchase)
    rows = lines.group_by("customer_id").aggregate(**wanted)
    share = (rows.returned / rows.bought.nullif(0.0)).clip(0.0, 1.0)
    money = "The sum of all amounts, returns taken off"
    back = "Value returned as a share of value bought, at most 1"
    return Block(
        rows.mutate(return_share=share),
        (
            FeatureSpec("monetary", "money", money, "transactions", label="spend", fill=0.0),
            FeatureSpec("return_share", "share", back, "transactions", label="share returned", fill=0.0),
        ),
    )


def _orders(lines: ibis.Table) -> Block:
    """Features of orders of which something was kept."""
    kept = lines.filter(lines.net_quantity > 0)
    wanted: dict[str, Any] = {"value": exact_sum(kept.net_amount)}
    if "quantity" in lines.columns:
        wanted["items"] = exact_sum(kept.net_quantity)
    if "day" in lines.columns:
        wanted |= {"day": kept.day.min(), "hour": kept["at"].min().hour()}
    orders = kept.group_by("customer_id", "order_key").aggregate(**wanted)
    if "day" in orders.columns:
        return _dated_orders(orders, has_hours=_has_hours(lines))
    return Block(orders.group_by("customer_id").aggregate(**_totals(orders)), _order_specs(orders))


def _totals(orders: ibis.Table) -> dict[str, Any]:
    totals: dict[str, Any] = {
        "n_orders": orders.count(),
        "mean_basket": exact_sum(orders.value) / orders.count(),
    }
    if "items" in orders.columns:
        totals["items_per_order"] = exact_sum(orders["items"]) / orders.count()
    return totals


def _order_specs(orders: ibis.Table) -> tuple[FeatureSpec, ...]:
    source = "transactions"
    count = "Orders of which something was kept"
    basket = "Value kept per order; 0 without an order"
    specs = [
        FeatureSpec("n_orders", "orders", count, source, label="orders"),
        FeatureSpec("mean_basket", "money", basket, source, label="average basket"),
    ]
    if "items" in orders.columns:
        items = "Units kept per order"
        specs.append(
            FeatureSpec("items_per_order", "count", items, source, fill=MEDIAN, label="items per order")
        )
    return tuple(specs)


def _dated_orders(orders: ibis.Table, *, has_hours: bool) -> Block:
    """Totals, gaps between orders and habits of the week and the day."""
    earlier = orders.day.lag().over(group_by="customer_id", order_by=["day", "order_key"])
    orders = orders.mutate(gap=days_between(earlier, orders.day))
    # Gaps are whole days, so these sums are exact in any order; an engine's own deviation is not.
    rows = orders.group_by("customer_id").aggregate(
        **_totals(orders),
        first_order=orders.day.min(),
        last_order=orders.day.max(),
        n_gaps=orders.gap.count(),
        gap_sum=orders.gap.sum(),
        gap_squares=(orders.gap * orders.gap).sum(),
        weekend_share=(orders.day.day_of_week.index() >= SATURDAY).cast("int64").sum() / orders.count(),
        evening_share=(orders.hour >= EVENING_HOUR).cast("int64").sum() / orders.count(),
    )
    spread = rows.gap_squares - rows.gap_sum * rows.gap_sum / rows.n_gaps.nullif(0)
    variance = spread.clip(0.0, None) / (rows.n_gaps - 1).nullif(0)
    rows = rows.mutate(
        gap_mean_days=rows.gap_sum / rows.n_gaps.nullif(0),
        gap_std_days=(rows.n_gaps > 1).ifelse(variance, None).sqrt(),
    )
    return Block(rows, (*_order_specs(orders), *_habit_specs(has_hours=has_hours)))


def _habit_specs(*, has_hours: bool) -> tuple[FeatureSpec, ...]:
    source = "transactions"
    mean = "Mean of the days from one order to the next"
    spread = "Standard deviation (n - 1) of the days from one order to the next"
    specs = (
        FeatureSpec("gap_mean_days", "days", mean, source, fill=MEDIAN, label="days between orders"),
        FeatureSpec(
            "gap_std_days", "days", spread, source, fill=MEDIAN, label="unevenness of days between orders"
        ),
        _habit("weekend_share", "Share of orders on Saturday or Sunday", label="share of orders on weekends"),
    )
    evening = _habit("evening_share", "Share of orders from 18:00 on", label="share of orders in the evening")
    return (*specs, evening) if has_hours else specs


def _habit(name: str, description: str, *, label: str) -> FeatureSpec:
    return FeatureSpec(name, "share", description, "transactions", fill=MEDIAN, label=label)


def _has_hours(lines: ibis.Table) -> bool:
    """Whether there are times of day, and not only dates."""
    at = lines["at"]
    return bool((at != at.truncate("D")).any().fill_null(False).to_pandas())


def _products(lines: ibis.Table) -> list[Block]:
    """How many different products a customer kept."""
    if "product" not in lines.columns:
        return []
    kept = lines.filter((lines.net_quantity > 0) & lines["product"].notnull())
    kept = kept.select("customer_id", "product").distinct()
    rows = kept.group_by("customer_id").aggregate(n_products=kept.count())
    spec = FeatureSpec(
        "n_products", "count", "Different products kept", "transactions", label="different products"
    )
    return [Block(rows, (spec,))]


def _category_shares(lines: ibis.Table, known: Known) -> list[Block]:
    """What part of the value a customer kept lies in each of the largest categories."""
    if "category" not in lines.columns:
        return []
    kept = lines.filter(lines.net_quantity > 0)
    specs = _known_shares(known) if known else _largest_categories(kept)
    if not specs:
        return []
    parts = kept.group_by("customer_id", "category").aggregate(value=exact_sum(kept.net_amount))
    total = exact_sum(parts.value).nullif(0.0)
    shares = {
        spec.name: parts.value.max(where=parts.category == spec.levels[0]).fill_null(0.0) / total
        for spec in specs
    }
    return [Block(parts.group_by("customer_id").aggregate(**shares), specs)]


def _known_shares(known: Known) -> tuple[FeatureSpec, ...]:
    return tuple(spec for spec in known.values() if spec.source == "transactions.category")


def _largest_categories(kept: ibis.Table) -> tuple[FeatureSpec, ...]:
    import ibis

    named = kept.filter(kept.category.notnull())
    totals = named.group_by("category").aggregate(value=exact_sum(named.net_amount))
    top = totals.order_by(ibis.desc("value"), "category").limit(N_CATEGORIES).to_pandas()
    names = [str(name) for name in top.category]
    return tuple(
        FeatureSpec(
            f"share_{slug}",
            "share",
            f"Share of the value kept that lies in the category {name}",
            "transactions.category",
            label=f"share of spend on {name}",
            levels=(name,),
        )
        for name, slug in zip(names, slugs(names), strict=True)
    )


def _places(lines: ibis.Table) -> list[Block]:
    """Channels and country of purchase."""
    bought = lines.filter(lines.is_purchase)
    blocks = []
    if "channel" in lines.columns:
        named = bought.filter(bought.channel.notnull()).select("customer_id", "channel").distinct()
        counts = named.group_by("customer_id").aggregate(n_channels=named.count())
        n_channels = FeatureSpec(
            "n_channels", "count", "Different channels bought through", "transactions", label="channels used"
        )
        blocks.append(Block(counts, (n_channels,)))
        blocks.append(_main(bought, "channel", name="main_channel"))
    if "country" in lines.columns:
        blocks.append(_main(bought, "country", name="country"))
    return blocks


def _main(bought: ibis.Table, column: str, *, name: str) -> Block:
    sentence = f"The {column} of most purchase lines"
    spec = FeatureSpec(
        name,
        "category",
        sentence,
        "transactions",
        kind="category",
        fill=MISSING,
        label=name.replace("_", " "),
    )
    return Block(most_frequent(bought, column, name=name), (spec,))


def _dated(rows: ibis.Table, end: date) -> tuple[ibis.Table, list[FeatureSpec]]:
    """Recency and tenure. Who kept nothing counts from what was bought and returned."""
    import ibis

    last = ibis.coalesce(rows.last_order, rows.last_bought)
    first = ibis.coalesce(rows.first_order, rows.first_bought)
    until = ibis.literal(end)
    rows = rows.mutate(recency_days=days_between(last, until), tenure_days=days_between(first, until))
    recency = "Days from the last order that was kept to the observation end"
    tenure = "Days from the first order that was kept to the observation end"
    return rows, [
        FeatureSpec(
            "recency_days", "days", recency, "transactions", fill=MEDIAN, label="days since last order"
        ),
        FeatureSpec("tenure_days", "days", tenure, "transactions", fill=MEDIAN, label="days as a customer"),
    ]
