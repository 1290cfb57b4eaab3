"""Which products to offer each customer: what is new to them, or what they buy again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, ParameterError
from coterie.features import counted
from coterie.prediction.bought import Bought, count_bought, kept_lines, last_day
from coterie.prediction.due import due_products
from coterie.prediction.product_check import ProductTest, check_products
from coterie.prediction.product_reasons import Reasons, popular
from coterie.prediction.product_scores import (
    MODES,
    Mode,
    ProductScores,
    best,
    fit_product_scores,
)
from coterie.prediction.product_segments import segment_buyers, segment_products, segment_sizes
from coterie.preprocessing import clean
from coterie.sources import Dataset

if TYPE_CHECKING:
    import pandas as pd

N_PRODUCTS = 10
MIN_MEMBERS = 20
"""Buyers a segment needs before its own favourites stand in for those of all customers."""

COLUMNS = ("customer_id", "product", "name", "rank", "score", "mode", "reason", "n_bought")


@dataclass(frozen=True)
class ProductForecast:
    """Products for each customer, with the reason, and how well such lists did on held-out weeks.

    Attributes
    ----------
    mode : str
        "discover" (products the customer never bought) or "replenish" (all products; mostly what they buy
        again).
    method : str
        What ranks: "EASE", "item-kNN", either with "+ personal frequency", or a plain baseline.
    recommendations : DataFrame
        customer_id, product, name, rank (1 = first), score (comparable within a customer only), mode,
        reason (a sentence without a full stop), n_bought (how often this customer bought it before).
    due : DataFrame
        What those customers bought and when it is due again, see `due_products`; empty without dates.
    by_segment : DataFrame
        See `segment_products`: products to discover, or those that are due; empty without segments.
    test : ProductTest or None
        None where nothing could be held out; the notes say why.
    notes : tuple of str
        Sentences without a full stop.
    observation_end : date or None
    """

    mode: Mode
    method: str
    recommendations: pd.DataFrame
    due: pd.DataFrame
    by_segment: pd.DataFrame
    test: ProductTest | None
    notes: tuple[str, ...]
    observation_end: date | None


def recommend_products(
    dataset: Dataset,
    *,
    mode: Mode,
    n: int = N_PRODUCTS,
    customers: Sequence[str] | None = None,
    observation_end: date | None = None,
    segments: Mapping[str, str] | None = None,
) -> ProductForecast:
    """Rank products for each customer and say why.

    Parameters
    ----------
    dataset : Dataset
        Cleaned; one that is not is cleaned first. What was returned does not count as bought.
    mode : str
        "discover" or "replenish".
    n : int
        Products per customer.
    customers : sequence of str, optional
        Their ids. Default: everybody who bought. Who has not bought gets what most others buy.
    observation_end : date, optional
        What came later is left out. Default: the day of the last purchase.
    segments : mapping of str to str, optional
        The name of the segment by customer_id; it explains, and serves customers without purchases.

    Returns
    -------
    ProductForecast

    Raises
    ------
    SchemaError
        Without a product column.
    ParameterError
        If the mode is unknown, n is below 1 or nobody bought anything up to `observation_end`.
    InputError
        If there is only one product to discover.

    Notes
    -----
    The last weeks of the data are held out first (see `check_products`); a method that does not clearly beat
    the plain ranking there is not used.
    """
    if mode not in MODES:
        raise ParameterError(f"There is no mode {mode!r}", where="mode", to_do=f"Use {' or '.join(MODES)}")
    if n < 1:
        raise ParameterError(f"{n} products per customer cannot be recommended", where="n")
    if dataset.transactions is not None and "net_quantity" not in dataset.transactions.columns:
        dataset, _ = clean(dataset)
    bought = _known(dataset, observation_end)
    if mode == "discover" and len(bought.products) == 1:
        raise InputError("All purchases are of one product, so there is none to discover")
    tested = check_products(dataset, mode, observation_end=bought.end)
    scores = fit_product_scores(bought, mode)
    method = _method(scores, tested)
    notes = [tested.sentence if isinstance(tested, ProductTest) else tested]
    rows, cold = _wanted(bought, customers)
    known = _recommended(scores, rows, method=method, n=n)
    strangers = _for_strangers(bought, cold, mode=mode, n=n, segments=segments or {})
    if cold:
        notes.append(f"{counted(len(cold), 'customer')} bought nothing before and got what most others buy")
    return _forecast(scores, (known, strangers), rows=rows, told=(method, tested, notes), segments=segments)


def _known(dataset: Dataset, end: date | None) -> Bought:
    lines = kept_lines(dataset, until=end)
    if not lines.count().to_pandas():
        raise ParameterError(
            f"Nobody bought a product up to {end}" if end else "Nobody bought a product and kept it",
            where="observation_end",
        )
    return count_bought(lines, end=(end or last_day(lines)) if "day" in lines.columns else None)


def _method(scores: ProductScores, tested: ProductTest | str) -> str:
    """What was learned, unless the test says that a plain ranking does as well."""
    if isinstance(tested, ProductTest) and not tested.beats_baseline:
        return tested.baseline
    return scores.methods[0]


def _wanted(bought: Bought, customers: Sequence[str] | None) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Positions of the customers asked for, and the ids of those who have not bought."""
    import pandas as pd

    if customers is None:
        return np.arange(len(bought.customer_ids)), []
    ids = list(dict.fromkeys(str(customer) for customer in customers))
    places = pd.Index(bought.customer_ids).get_indexer(pd.Index(ids, dtype=object))
    return places[places >= 0], [ids[i] for i in np.flatnonzero(places < 0)]


def _recommended(scores: ProductScores, rows: npt.NDArray[np.intp], *, method: str, n: int) -> pd.DataFrame:
    """The best products of customers who have bought, with reasons."""
    bought = scores.bought
    learned = method == scores.method
    reasons = Reasons(bought, scores.weights if learned else None)
    own = bought.matrix("n_bought")
    found = []
    for some, by_method in scores.blocks(rows, (method,)):
        values = by_method[method]
        top = best(values, n)
        points = np.take_along_axis(values, top, axis=1)
        place, rank = np.nonzero(np.isfinite(points))
        products = top[place, rank]
        told = [
            reason
            for i, row in enumerate(some)
            for reason in reasons.of(int(row), top[i][np.isfinite(points[i])])
        ]
        counts = np.asarray(own[some[place], products]).ravel()
        found.append(
            _rows(bought, bought.customer_ids[some[place]], products=products).assign(
                rank=rank + 1,
                score=points[place, rank],
                mode=scores.mode,
                reason=told,
                n_bought=counts.astype(np.int64),
            )
        )
    return _joined(found)


def _for_strangers(
    bought: Bought, cold: list[str], *, mode: Mode, n: int, segments: Mapping[str, str]
) -> pd.DataFrame:
    """What most others buy, in the customer's segment where it has enough buyers."""
    if not cold:
        return _joined([])
    counts, sizes = segment_buyers(bought, segments), segment_sizes(bought, segments)
    groups: dict[str, list[str]] = {}
    for customer in cold:
        segment = segments.get(customer, "")
        groups.setdefault(segment if sizes.get(segment, 0) >= MIN_MEMBERS else "", []).append(customer)
    found = []
    for segment, ids in groups.items():
        buyers = counts[segment].to_numpy() if segment else bought.n_buyers
        n_customers = int(sizes[segment]) if segment else len(bought.customer_ids)
        top = np.argsort(-buyers, kind="stable")[:n]
        top = top[buyers[top] > 0]
        told = [popular(int(buyers[i]), n_customers, among=segment) for i in top]
        rows = _rows(
            bought, np.repeat(np.array(ids, dtype=object), len(top)), products=np.tile(top, len(ids))
        )
        found.append(
            rows.assign(
                rank=np.tile(np.arange(1, len(top) + 1), len(ids)),
                score=np.tile(buyers[top] / n_customers, len(ids)),
                mode=mode,
                reason=told * len(ids),
                n_bought=0,
            )
        )
    return _joined(found)


def _rows(
    bought: Bought, customer_ids: npt.NDArray[np.object_], *, products: npt.NDArray[np.intp]
) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {"customer_id": customer_ids, "product": bought.products[products], "name": bought.names[products]}
    )


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _forecast(
    scores: ProductScores,
    found: tuple[pd.DataFrame, pd.DataFrame],
    *,
    rows: npt.NDArray[np.intp],
    told: tuple[str, ProductTest | str, list[str]],
    segments: Mapping[str, str] | None,
) -> ProductForecast:
    bought = scores.bought
    method, tested, notes = told
    recommendations = _joined([part for part in found if len(part)])
    due = due_products(bought, rows)
    offers = recommendations if scores.mode == "discover" else due[due["is_due"]]
    return ProductForecast(
        scores.mode,
        method,
        recommendations,
        due,
        segment_products(offers, bought, segments=segments or {}),
        tested if isinstance(tested, ProductTest) else None,
        tuple(notes),
        bought.end,
    )
