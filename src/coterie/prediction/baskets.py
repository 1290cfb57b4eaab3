"""What is bought together more often than chance would have it: rules between pairs of products."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.prediction.bought import kept_lines
from coterie.prediction.ease import BLOCK_CELLS
from coterie.sources import Dataset

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    from scipy.sparse import csr_matrix

MIN_SUPPORT = 20
MAX_Q = 0.05

COLUMNS = ("product", "name", "with_product", "with_name", "n_baskets", "confidence", "lift", "p", "q")


def basket_rules(
    dataset: Dataset,
    *,
    min_support: int = MIN_SUPPORT,
    max_q: float = MAX_Q,
    observation_end: date | None = None,
) -> pd.DataFrame:
    """Rules "who buys A also buys B in the same order" that chance does not explain.

    Parameters
    ----------
    dataset : Dataset
        Cleaned. A basket is what was kept of an order; of a customer's day, where orders have no id.
    min_support : int
        Baskets that must hold both.
    max_q : float, 0-1
        The share of false rules accepted.
    observation_end : date, optional
        What came later is left out.

    Returns
    -------
    DataFrame
        product, name (A), with_product, with_name (B), n_baskets (with both), confidence (share of the
        baskets with A that hold B), lift (confidence over the share of all baskets that hold B), p (Fisher's
        exact test, one-sided) and q [1]_. Highest lift first; each pair stands in both directions.

    Raises
    ------
    SchemaError
        Without a product column.
    ParameterError
        If `min_support` is below 1 or `max_q` is not between 0 and 1.

    Notes
    -----
    Every pair of products that are each in `min_support` baskets counts as tested, as every one of them
    could have become a rule.

    References
    ----------
    .. [1] Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57(1), 289-300.
    """
    if min_support < 1 or not 0 < max_q < 1:
        raise ParameterError("A rule needs a basket, and a share of false rules between 0 and 1")
    import pandas as pd

    baskets, products, names = _baskets(kept_lines(dataset, until=observation_end), min_support)
    n_baskets, n_products = baskets.shape
    sizes = np.asarray(baskets.sum(axis=0)).ravel().astype(np.int64)
    first, second, both = _pairs(baskets, min_support)
    p = fisher_tail(both, first=sizes[first], second=sizes[second], n=n_baskets)
    q = _adjusted(p, n_tested=n_products * (n_products - 1) // 2)
    lift = both * n_baskets / (sizes[first] * sizes[second])
    told = (q < max_q) & (lift > 1)
    parts = [
        pd.DataFrame(
            {
                "product": products[a[told]],
                "name": names[a[told]],
                "with_product": products[b[told]],
                "with_name": names[b[told]],
                "n_baskets": both[told],
                "confidence": both[told] / sizes[a[told]],
                "lift": lift[told],
                "p": p[told],
                "q": q[told],
            }
        )
        for a, b in ((first, second), (second, first))
    ]
    order = ["lift", "n_baskets", "product", "with_product"]
    return pd.concat(parts).sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def fisher_tail(
    both: npt.NDArray[np.int64], *, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], n: int
) -> npt.NDArray[np.float64]:
    """The chance that two independent products share so many baskets or more.

    Parameters
    ----------
    both, first, second : ndarray of int
        Baskets with both products, with the one, with the other.
    n : int
        All baskets.

    Returns
    -------
    ndarray of float64, 0-1
        The upper tail of the hypergeometric distribution.
    """
    from scipy.special import gammaln

    def log_choose(of: Any, some: Any) -> Any:
        return gammaln(of + 1.0) - gammaln(some + 1.0) - gammaln(of - some + 1.0)

    a, b, k = (np.asarray(x, dtype=np.float64) for x in (first, second, both))
    log_p = log_choose(a, k) + log_choose(n - a, b - k) - log_choose(float(n), b)
    # Each further term of the tail is a known multiple of the one before.
    total, term = np.ones_like(k), np.ones_like(k)
    open_ = np.arange(len(k))
    while len(open_):
        k_, a_, b_ = k[open_], a[open_], b[open_]
        term[open_] *= (a_ - k_) * (b_ - k_) / ((k_ + 1) * (n - a_ - b_ + k_ + 1))
        total[open_] += term[open_]
        k[open_] += 1
        open_ = open_[term[open_] > 1e-12 * total[open_]]
    return np.asarray(np.minimum(np.exp(log_p + np.log(total)), 1.0))


def _adjusted(p: npt.NDArray[np.float64], *, n_tested: int) -> npt.NDArray[np.float64]:
    """Benjamini-Hochberg; the tests that are not given have larger p."""
    order = np.argsort(p, kind="stable")
    scaled = p[order] * n_tested / np.arange(1, len(p) + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


def _baskets(lines: ibis.Table, min_support: int) -> tuple[csr_matrix, Any, Any]:
    """Baskets x products that are in enough of them, and the ids and names of these products."""
    import pandas as pd
    from scipy.sparse import csr_matrix

    day = (lines.day if "day" in lines.columns else lines.line).cast("string")
    basket = lines.order_id.fill_null(day) if "order_id" in lines.columns else day
    rows = lines.select("customer_id", "product", basket=basket).distinct()
    name = lines.product_name if "product_name" in lines.columns else lines["product"]
    common = rows.group_by("product").aggregate(n=rows.count()).filter(lambda t: t.n >= min_support)
    names = lines.group_by("product").aggregate(product_name=name.min())
    # All baskets count, those without a common product too.
    n_baskets = int(rows.select("customer_id", "basket").distinct().count().to_pandas())
    found = rows.semi_join(common, "product").to_pandas()
    about = names.semi_join(common, "product").order_by("product").to_pandas().astype(object)
    basket_rows = found.groupby(["customer_id", "basket"], sort=True).ngroup().to_numpy()
    columns = pd.Index(about["product"]).get_indexer(found["product"].astype(object))
    shape = (n_baskets, len(about))
    matrix = csr_matrix((np.ones(len(found), dtype=np.int32), (basket_rows, columns)), shape=shape)
    shown = about["product_name"].where(about["product_name"].notna(), about["product"])
    return matrix, about["product"].to_numpy(dtype=object), shown.to_numpy(dtype=object)


def _pairs(
    baskets: csr_matrix, min_support: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    """Pairs of products that share enough baskets, and how many they share."""
    n_products = baskets.shape[1]
    step = max(1, BLOCK_CELLS // max(n_products, 1))
    by_basket, by_product = baskets.tocsc(), baskets.T.tocsr()
    parts = []
    for start in range(0, n_products, step):
        block = (by_product[start : start + step] @ by_basket).tocoo()
        wanted = (block.data >= min_support) & (block.col > block.row + start)
        parts.append(np.stack([block.row[wanted] + start, block.col[wanted], block.data[wanted]]))
    first, second, both = np.concatenate([np.zeros((3, 0), dtype=np.int64), *parts], axis=1)
    return first.astype(np.intp), second.astype(np.intp), both.astype(np.int64)
