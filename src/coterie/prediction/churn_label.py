"""Who left, by a column that says so, and which other columns give it away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError, TooFewCustomersError
from coterie.features import FeatureTable, counted, label
from coterie.features.block import MISSING

if TYPE_CHECKING:
    import pandas as pd

Flags = npt.NDArray[np.bool_]

MIN_EACH = 50
"""Customers that must have left, and stayed, before anything is learned from them."""

LEAK_AUC = 0.98
"""No honest column tells those who left from the others as well as this."""

PURE_SHARE = 0.99
PURE_PART = 0.25
"""A value, or an end of the range, found only among those who left, and among so many of them."""

LEFT_WORDS = frozenset(
    {"yes", "true", "1", "y", "t", "left", "leaver", "lost", "gone", "exited", "quit", "closed", "former"}
    | {"churn", "churned", "attrited", "cancelled", "canceled", "terminated", "inactive", "departed"}
)
STAYED_WORDS = frozenset(
    {"no", "false", "0", "n", "f", "stayed", "active", "retained", "current", "existing", "open", "loyal"}
)
LEAVING_STEMS = ("churn", "attrit")
"""A column named so is about leaving."""


def left_flags(table: FeatureTable, column: str, *, left: str | None) -> tuple[Flags, Flags, str]:
    """Who left, of whom it is known, and the value that says so.

    Parameters
    ----------
    table : FeatureTable
    column : str
        The label.
    left : str or None
        The value that means "left"; None goes by its name.

    Returns
    -------
    ndarray of bool, ndarray of bool, str

    Raises
    ------
    NotFoundError
        If there is no such column.
    ParameterError
        If no value, or none of two, can be told to mean "left".
    TooFewCustomersError
        With fewer than `MIN_EACH` of either kind.
    """
    table.spec(column)
    values = np.array([_printed(value) for value in table.X[column]], dtype=object)
    known = table.known(column) & (values != MISSING)
    found = sorted(set(values[known]))
    chosen = _printed(left) if left is not None else _left_by_name(found, column)
    if chosen not in found:
        raise ParameterError(
            f"No customer has the value {chosen!r} in {column!r}",
            where="left",
            to_do=f"Choose from: {', '.join(found[:10])}",
        )
    gone = known & (values == chosen)
    n_rarer, rarer = min((int(gone.sum()), "left"), (int((known & ~gone).sum()), "stayed"))
    if n_rarer < MIN_EACH:
        raise TooFewCustomersError(
            f"{counted(n_rarer, 'customer')} {rarer} by {column!r}: {MIN_EACH} are needed to learn who leaves"
        )
    return gone, known, chosen


def _printed(value: object) -> str:
    """A label as text; 1.0 is 1."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _left_by_name(found: list[str], column: str) -> str:
    if len(found) != 2:
        raise ParameterError(
            f"{column!r} has {counted(len(found), 'different value')}, not two",
            where="label",
            to_do="Name the value that means the customer left",
        )
    plain = [value.casefold() for value in found]
    named = [v for v, p in zip(found, plain, strict=True) if p in LEFT_WORDS]
    others = [v for v, p in zip(found, plain, strict=True) if p not in STAYED_WORDS]
    for choice in (named, others):
        if len(choice) == 1:
            return choice[0]
    raise ParameterError(
        f"Neither {found[0]!r} nor {found[1]!r} in {column!r} is known to mean that a customer left",
        where="left",
        to_do="Name the value that does",
    )


def leaks(table: FeatureTable, column: str, *, gone: Flags, known: Flags) -> dict[str, str]:
    """Columns that give the label away, each with a sentence.

    Parameters
    ----------
    table : FeatureTable
    column : str
        The label.
    gone, known : ndarray of bool
        Who left, and of whom that is known.

    Returns
    -------
    dict of str by feature
    """
    rows = table.rows(known)
    y = gone[known]
    found = {}
    for spec in rows.specs:
        if spec.name != column:
            reason = _why_leak(rows, spec.name, y=y)
            if reason:
                found[spec.name] = f"{label(spec)!r} is left out: {reason}"
    return found


def _why_leak(rows: FeatureTable, name: str, *, y: Flags) -> str:
    words = re.split(r"[\W_]+", name.casefold())
    if any(word.startswith(stem) for word in words for stem in LEAVING_STEMS):
        return "by its name it is about leaving, so it is not known before"
    filled = rows.known(name).astype(np.float64)
    if filled.min() < filled.max() and single_auc(filled, y) > LEAK_AUC:
        return "it is filled only for those who left, or only for those who stayed"
    ranks = ranked(rows.X[name], y)
    auc = single_auc(ranks, y)
    if auc > LEAK_AUC:
        return f"it alone tells who left (AUC {auc:.3f}), as only something recorded afterwards can"
    if y.mean() <= 0.5 and _has_pure_end(ranks, y):
        return "some of its values are found only among those who left, and among many of them"
    return ""


def ranked(values: pd.Series[Any], y: Flags) -> npt.NDArray[np.float64]:
    """A feature as numbers to rank customers by: itself, or the share who left of each level."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy()
        n = np.bincount(codes, minlength=codes.max() + 1)
        rates = np.bincount(codes, weights=y) / np.maximum(n, 1)
        return np.asarray(rates[codes], dtype=np.float64)
    return np.asarray(values.to_numpy(dtype=np.float64))


def single_auc(values: npt.NDArray[np.float64], y: Flags) -> float:
    """The AUC of one feature, whichever way it points: 0.5 to 1."""
    from sklearn.metrics import roc_auc_score

    auc = float(roc_auc_score(y, values))
    return max(auc, 1.0 - auc)


def _has_pure_end(values: npt.NDArray[np.float64], y: Flags) -> bool:
    """Whether nearly all customers at one end of the values left, and many of those who left are there."""
    import pandas as pd

    for sign in (1.0, -1.0):
        steps = (
            pd.DataFrame({"value": sign * values, "left": y}).groupby("value")["left"].agg(["sum", "size"])
        )
        gone, seen = steps["sum"].cumsum(), steps["size"].cumsum()
        if bool(((gone >= PURE_SHARE * seen) & (gone >= PURE_PART * y.sum())).any()):
            return True
    return False
