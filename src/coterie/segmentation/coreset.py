"""A few thousand weighted customers that stand for millions, drawn where the customers are.

Lightweight coresets: a customer is drawn with a chance made half of an equal share and half of its share
of the squared distances to the mean, and counts 1 / chance. Two passes over the table, both in SQL through
Ibis, so that the table may lie in a warehouse. The draw reads md5 digits of the customer's id, which are
the same on every engine.

References
----------
.. [1] Bachem, Lucic, Krause (2018). Scalable k-means clustering via lightweight coresets. KDD.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, ParameterError
from coterie.segmentation.scales import MAX_SKEW, NumberScale
from coterie.segmentation.transform import Transform, normalised_weights

if TYPE_CHECKING:
    import pandas as pd

LEAST_ROWS, MOST_ROWS, ROWS_PER_MEASURE = 20_000, 100_000, 2_000
"""How many are drawn: enough per column, never so few that a small segment is lost."""

_DIGITS = 8
"""Hexadecimal digits of the digest that make the draw: steps of 2e-10."""


@dataclass(frozen=True)
class Coreset:
    """Weighted customers and the space they were measured in.

    Attributes
    ----------
    rows : DataFrame of shape (m, p)
        Raw units.
    weights : ndarray of shape (m,)
        Customers each row stands for; they add up to about `n_customers`.
    transform : Transform
        Fitted on ALL customers.
    n_customers : int
    """

    rows: pd.DataFrame
    weights: npt.NDArray[np.float64]
    transform: Transform
    n_customers: int

    def coordinates(self) -> npt.NDArray[np.float64]:
        """The rows in the space of the transform, shape (m, p).

        Returns
        -------
        ndarray of shape (m, p), float64
        """
        return self.transform.apply(self.rows)


def draw_coreset(
    customers: ibis.Table,
    attributes: Sequence[str],
    *,
    customer_id: str = "customer_id",
    n_rows: int | None = None,
    weights: Mapping[str, float] | None = None,
    random_state: int = 0,
) -> Coreset:
    """Draw a coreset for k-means from a table of any size.

    Parameters
    ----------
    customers : ibis.Table
        One row per customer; nothing missing in the attributes.
    attributes : sequence of str
        Numeric columns.
    customer_id : str
        Column that names each customer once.
    n_rows : int, optional
        Rows drawn on average; default 2,000 per attribute, at least 20,000 and at most 100,000.
    weights : mapping of str to float, optional
        Weight per attribute, default 1.
    random_state : int

    Returns
    -------
    Coreset
        Ordered by customer id; all rows with weight 1 if they are no more than `n_rows`.

    Raises
    ------
    InputError
        If the table is empty, or an attribute is missing somewhere.
    ParameterError
        If `n_rows` is below 1.
    """
    shares = normalised_weights(list(attributes), weights)
    if n_rows is None:
        n_rows = min(max(LEAST_ROWS, ROWS_PER_MEASURE * len(shares)), MOST_ROWS)
    if n_rows < 1:
        raise ParameterError(f"n_rows={n_rows} is below 1", where="n_rows")
    numbers = customers.select(
        _id=customers[customer_id].cast("string"),
        **{name: customers[name].cast("float64") for name in shares},
    )
    moments = _moments(numbers, list(shares))
    n = int(moments["n"])
    scales = tuple(
        _scale(name, i, weight=weight, moments=moments) for i, (name, weight) in enumerate(shares.items())
    )
    variances = tuple(shares[scale.name] if scale.factor else 0.0 for scale in scales)
    chance = _chance(numbers, scales, n=n, n_rows=n_rows, total=n * sum(variances))
    drawn = numbers.mutate(_chance=chance).filter(lambda t: _draw(t["_id"], random_state) < t["_chance"])
    frame = drawn.order_by("_id").to_pandas()
    inverse = 1.0 / frame["_chance"].to_numpy(dtype=np.float64)
    transform = Transform(scales, np.zeros(len(scales)), None, variances)
    return Coreset(frame[list(shares)], inverse, transform, n)


def _moments(numbers: ibis.Table, names: list[str]) -> Mapping[str, float]:
    """Pass 1: how many customers, and per column the least value and the powers' means, plain and bent."""
    wanted: dict[str, Any] = {"n": numbers.count()}
    for i, name in enumerate(names):
        x = numbers[name]
        powers = {
            f"known{i}": (x.notnull() & ~x.isnan()).sum(),
            f"least{i}": x.min(),
            f"cube{i}": (x * x * x).mean(),
        }
        spread = {f"mean{i}": x.mean(), f"deviation{i}": x.std(how="pop")}
        bent = {f"bent_mean{i}": _log1p(x).mean(), f"bent_deviation{i}": _log1p(x).std(how="pop")}
        wanted |= powers | spread | bent
    found: dict[str, float] = numbers.aggregate(**wanted).to_pandas().iloc[0].to_dict()
    if not found["n"]:
        raise InputError("There are no customers to segment")
    for i, name in enumerate(names):
        if found[f"known{i}"] < found["n"]:
            raise InputError(
                f"{name} is missing for some customers", to_do="Fill it, or leave the attribute out"
            )
    return found


def _scale(name: str, i: int, *, weight: float, moments: Mapping[str, float]) -> NumberScale:
    """The scale `fitted_scale` learns; what leans to the left is left as it is."""
    mean, deviation = moments[f"mean{i}"], moments[f"deviation{i}"]
    third = moments[f"cube{i}"] - 3 * mean * deviation**2 - mean**3
    leans = deviation > 0 and third / deviation**3 > MAX_SKEW and moments[f"least{i}"] >= 0
    if leans:
        mean, deviation = moments[f"bent_mean{i}"], moments[f"bent_deviation{i}"]
    factor = math.sqrt(weight) / deviation if deviation > 1e-12 * max(abs(mean), 1e-300) else 0.0
    return NumberScale(name, "log1p" if leans else "none", mean=mean, factor=factor)


def _chance(
    numbers: ibis.Table, scales: Sequence[NumberScale], *, n: int, n_rows: int, total: float
) -> ibis.Value:
    """Pass 2: the chance of each customer; `total` is what all squared distances add up to."""
    squared: Any = 0.0
    for scale in scales:
        x: Any = numbers[scale.name]
        gap = ((_log1p(x) if scale.bend == "log1p" else x) - scale.mean) * scale.factor
        squared = squared + gap * gap
    share = 0.5 / n + (0.5 / total) * squared if total else 1.0 / n
    return ibis.least(1.0, n_rows * share)


def _draw(key: ibis.Value, random_state: int) -> ibis.Value:
    """A number from 0 to 1 that depends on the id and the random state only."""
    digits = (key + f" {random_state}").hexdigest("md5")
    places = [ibis.literal("0123456789abcdef").find(digits.substr(i, 1)) for i in range(_DIGITS)]
    return sum(place.cast("float64") / 16.0 ** (i + 1) for i, place in enumerate(places))


def _log1p(x: Any) -> Any:
    """The bend of NumberScale: below zero counts as zero."""
    return (ibis.greatest(x, 0.0) + 1.0).ln()
