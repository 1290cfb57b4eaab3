"""Would the recommendations have been right? The last weeks held out, against plain rankings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.features import counted
from coterie.prediction.bought import Bought, count_bought, kept_lines, last_day
from coterie.prediction.product_scores import Mode, ProductScores, best, fit_product_scores
from coterie.sources import Dataset

if TYPE_CHECKING:
    import ibis
    from scipy.sparse import csr_matrix

MAX_LIST = 20
LIST_SHARE = 0.25
"""A list of more of the catalogue than this would be right by itself."""

MAX_HORIZON_DAYS = 90
HELD_OUT_SHARE = 0.25
MIN_SPAN_DAYS = 60
"""Less leaves too little on both sides of the cut."""

MIN_CUSTOMERS = 50
"""Fewer customers who came back tell two rankings apart by luck only."""

CLEAR = 1.645
"""Standard errors by which a method must lead to be better at 95 %, one-sided."""


@dataclass(frozen=True)
class ProductTest:
    """How many of the products bought later stood on the lists made before.

    Attributes
    ----------
    mode : str
        "discover" looks at products that were new to the customer, "replenish" at all.
    cut : date
        The last day the lists knew of.
    horizon_days : int
    list_length : int
    n_customers : int
        Who bought before the cut and something to be found after it.
    recalls : mapping of str to float, 0-1
        By method: hits / min(list length, products to be found), averaged over customers.
    method, baseline : str
        What was learned, and the best plain ranking.
    lead, lead_error : float
        Recall of the method less that of the baseline, and its standard error (paired by customer).
    """

    mode: Mode
    cut: date
    horizon_days: int
    list_length: int
    n_customers: int
    recalls: Mapping[str, float]
    method: str
    baseline: str
    lead: float
    lead_error: float

    @property
    def beats_baseline(self) -> bool:
        """Whether the method leads by more than chance would."""
        return self.lead > CLEAR * self.lead_error

    @property
    def sentence(self) -> str:
        """The test in words."""
        ours, plain = (f"{self.recalls[name]:.1%}" for name in (self.method, self.baseline))
        what = "products new to them" if self.mode == "discover" else "products"
        told = (
            f"Of the {what} that {counted(self.n_customers, 'customer')} bought in the "
            f"{self.horizon_days} days after {self.cut}, lists of {self.list_length} made by "
            f"{self.method} held {ours}, by {self.baseline} {plain}"
        )
        if self.beats_baseline:
            return told
        return f"{told}: that is no clear gain, so {self.baseline} is used"


def check_products(
    dataset: Dataset, mode: Mode, *, observation_end: date | None = None, cut: date | None = None
) -> ProductTest | str:
    """Make lists as of an earlier day and look which of their products were bought after it.

    Parameters
    ----------
    dataset : Dataset
        Cleaned.
    mode : str
    observation_end : date, optional
        The last day that counts. Default: that of the last purchase.
    cut : date, optional
        The last day the lists know of. Default: a quarter of the span before the end, at most 90 days.

    Returns
    -------
    ProductTest or str
        The reason, as a sentence, where nothing can be tested.

    Raises
    ------
    ParameterError
        If nothing was bought up to the cut.
    """
    lines = kept_lines(dataset, until=observation_end)
    if "day" not in lines.columns:
        return "The orders have no dates, so the recommendations could not be tested"
    end = observation_end or last_day(lines)
    if cut is None:
        span = (end - lines.day.min().to_pandas().date()).days
        if span < MIN_SPAN_DAYS:
            return (
                f"{span} days of orders are too few to test the recommendations: {MIN_SPAN_DAYS} are needed"
            )
        cut = end - timedelta(days=min(MAX_HORIZON_DAYS, int(span * HELD_OUT_SHARE)))
    before = kept_lines(dataset, until=cut)
    if not before.count().to_pandas():
        raise ParameterError(f"Nothing was bought up to {cut}", where="cut")
    known = count_bought(before, end=cut)
    later = _later(lines.filter(lines.day > cut), known, mode=mode)
    rows = np.flatnonzero(np.diff(later.indptr))
    if len(rows) < MIN_CUSTOMERS or len(known.products) < 2:
        return (
            f"{counted(len(rows), 'customer')} bought again after {cut}, too few to test the "
            f"recommendations: {MIN_CUSTOMERS} are needed"
        )
    scores = fit_product_scores(known, mode)
    length = max(1, min(MAX_LIST, int(len(known.products) * LIST_SHARE)))
    recalls = _recalls(scores, rows, later=later, length=length)
    return _judged(scores, recalls, cut=cut, horizon_days=(end - cut).days, length=length)


def _later(lines: ibis.Table, known: Bought, *, mode: Mode) -> csr_matrix:
    """What known customers bought of known products after the cut, as 0 and 1."""
    import pandas as pd
    from scipy.sparse import csr_matrix

    pairs = lines.select("customer_id", "product").distinct().to_pandas()
    rows = pd.Index(known.customer_ids).get_indexer(pairs["customer_id"].astype(object))
    columns = pd.Index(known.products).get_indexer(pairs["product"].astype(object))
    both = (rows >= 0) & (columns >= 0)
    own = known.matrix()
    later = csr_matrix((np.ones(both.sum()), (rows[both], columns[both])), shape=own.shape)
    if mode == "discover":
        later = later - later.multiply(own)
        later.eliminate_zeros()
    return later.tocsr()


def _recalls(
    scores: ProductScores, rows: npt.NDArray[np.intp], *, later: csr_matrix, length: int
) -> dict[str, npt.NDArray[np.float64]]:
    """By method, hits / min(length, products to be found) of each customer."""
    found: dict[str, list[npt.NDArray[np.float64]]] = {name: [] for name in scores.methods}
    for some, by_method in scores.blocks(rows, scores.methods):
        wanted = later[some].toarray() > 0
        most = np.minimum(wanted.sum(axis=1), length)
        for name, values in by_method.items():
            hits = np.take_along_axis(wanted, best(values, length), axis=1).sum(axis=1)
            found[name].append(hits / most)
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _judged(
    scores: ProductScores,
    recalls: Mapping[str, npt.NDArray[np.float64]],
    *,
    cut: date,
    horizon_days: int,
    length: int,
) -> ProductTest:
    means = {name: float(values.mean()) for name, values in recalls.items()}
    baseline = max(scores.baselines, key=lambda name: means[name])
    leads = recalls[scores.method] - recalls[baseline]
    return ProductTest(
        scores.mode,
        cut,
        horizon_days,
        length,
        len(leads),
        means,
        scores.method,
        baseline,
        float(leads.mean()),
        float(leads.std(ddof=1) / np.sqrt(len(leads))),
    )
