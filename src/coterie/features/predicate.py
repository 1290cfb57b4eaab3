"""One condition on customers, told as words, SQL, Python and JSON that mean the same on every row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.features.table import FeatureSpec
from coterie.store import double_literal, quoted_name, quoted_text

if TYPE_CHECKING:
    import pandas as pd

Operator = Literal["<=", ">", "==", "!="]

_IN_WORDS: dict[Operator, str] = {"<=": "at most", ">": "more than", "==": "is", "!=": "is not"}
_IN_SQL: dict[Operator, str] = {"<=": "<=", ">": ">", "==": "=", "!=": "<>"}

NEVER_NEGATIVE = frozenset({"orders", "count", "share"})
"""Units in which "at most 0" is 0."""

_EXACT_WHOLE = 2.0**53
"""Whole numbers below this are the same as an integer and as a double."""


@dataclass(frozen=True)
class Predicate:
    """One condition on a feature.

    Parameters
    ----------
    feature : str
    op : {"<=", ">", "==", "!="}
        Order is for numbers only.
    value : float or str
        A finite number, or a category.

    Raises
    ------
    ParameterError
        If the operator is unknown or does not fit the value, or a text holds a NUL character.

    Examples
    --------
    >>> Predicate("recency_days", "<=", 30.0).sql()
    '"recency_days" <= 30'
    """

    feature: str
    op: Operator
    value: float | str

    def __post_init__(self) -> None:
        if self.op not in get_args(Operator):
            raise ParameterError(f"There is no operator {self.op!r}", where=self.feature)
        if isinstance(self.value, str):
            if self.op in ("<=", ">"):
                raise ParameterError(f"A category cannot be compared by {self.op}", where=self.feature)
        elif not math.isfinite(self.value):
            raise ParameterError(f"A condition needs a finite number, not {self.value}", where=self.feature)
        if "\0" in self.feature or "\0" in str(self.value):
            raise ParameterError("A condition cannot hold a NUL character", where=repr(self.feature))

    def words(self, spec: FeatureSpec, currency: str | None = None, *, whole: bool = False) -> str:
        """The condition as a phrase.

        Parameters
        ----------
        spec : FeatureSpec
            Of the feature.
        currency : str, optional
        whole : bool
            Whether the feature takes whole numbers only: "more than 0" is then "at least 1".

        Returns
        -------
        str
            "days since last order at most 30", "city is Paris".
        """
        value, op = self.value, _IN_WORDS[self.op]
        if whole and self.op == ">" and not isinstance(value, str):
            value, op = math.floor(value) + 1, "at least"
        elif self.op == "<=" and value == 0 and spec.unit in NEVER_NEGATIVE:
            return f"{spec.words} {_value_in_words(value, spec.unit)}"
        return f"{spec.words} {op} {_value_in_words(value, spec.unit, currency=currency)}"

    def sql(self) -> str:
        """The condition in ANSI SQL: a quoted identifier, an operator, a literal.

        Returns
        -------
        str
        """
        return f"{quoted_name(self.feature)} {_IN_SQL[self.op]} {_literal(self.value)}"

    def python(self) -> str:
        """The condition as a Python expression over a mapping named `row`.

        Returns
        -------
        str
        """
        return f"row[{self.feature!r}] {self.op} {self.value!r}"

    def to_json(self) -> dict[str, str | float]:
        """A JSON object with feature, op and value.

        Returns
        -------
        dict
        """
        return {"feature": self.feature, "op": self.op, "value": self.value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Predicate:
        """The condition that `to_json` gave.

        Parameters
        ----------
        stored : mapping

        Returns
        -------
        Predicate
        """
        value = stored["value"]
        return cls(str(stored["feature"]), stored["op"], value if isinstance(value, str) else float(value))

    def mask(self, X: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which customers meet the condition.

        Parameters
        ----------
        X : DataFrame of shape (n_customers, n_features)

        Returns
        -------
        ndarray of shape (n_customers,), bool
        """
        column = X[self.feature]
        if self.op == "<=":
            met = column <= self.value
        elif self.op == ">":
            met = column > self.value
        else:
            met = column == self.value if self.op == "==" else column != self.value
        return np.asarray(met, dtype=bool)


def range_words(
    above: Predicate, up_to: Predicate, *, spec: FeatureSpec, currency: str | None = None, whole: bool = False
) -> str:
    """Two bounds on one number as one phrase.

    Parameters
    ----------
    above, up_to : Predicate
        ``feature > a`` and ``feature <= b``.
    spec : FeatureSpec
        Of the feature.
    currency : str, optional
    whole : bool
        Whether the feature takes whole numbers only.

    Returns
    -------
    str
        "days since last order 10 to 295"; of broken numbers "average basket more than 10.00 up to 20.00 GBP",
        for the lower bound itself is outside.
    """
    low, high = float(above.value), float(up_to.value)
    last = _value_in_words(high, spec.unit, currency=currency)
    if not whole:
        return f"{spec.words} more than {_value_in_words(low, spec.unit)} up to {last}"
    first = math.floor(low) + 1
    said = last if first == high else f"{_value_in_words(first, spec.unit)} to {last}"
    return f"{spec.words} {said}"


def _value_in_words(value: float | str, unit: str, *, currency: str | None = None) -> str:
    if isinstance(value, str):
        return value
    if unit == "share":
        return f"{value * 100:.3g}%"  # a limit, so not rounded as `percent` rounds
    if unit == "money":
        return f"{value:,.2f} {currency or ''}".rstrip()
    return f"{value:,.6g}"


def _literal(value: float | str) -> str:
    """A literal that engines read as this very text or double; with a plain point it would be a decimal."""
    if isinstance(value, str):
        return quoted_text(value)
    value = float(value)
    if value.is_integer() and abs(value) < _EXACT_WHOLE:
        return str(int(value))
    return double_literal(value)
