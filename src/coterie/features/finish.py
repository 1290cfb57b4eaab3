"""From raw columns to a FeatureTable's: nothing missing, rare categories pooled, specs complete."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.features.block import CORE, OTHER
from coterie.features.table import FeatureSpec

if TYPE_CHECKING:
    import pandas as pd

N_LEVELS = 12
"""A category has so many levels of its own, the most frequent; the others are pooled."""

MISSING_SHARE = 0.5
"""A column with a larger share missing describes but does not cluster by default."""

SCATTERED_SHARE = 0.9
"""A category with a larger share of customers outside its most frequent levels describes no group."""


@dataclass(frozen=True)
class Finished:
    """Columns and their specs, in the same order, and whose values were filled (see FeatureTable)."""

    X: pd.DataFrame
    specs: tuple[FeatureSpec, ...]
    defaults: tuple[str, ...]
    notes: tuple[str, ...]
    filled: dict[str, npt.NDArray[np.intp]]


def finish(
    frame: pd.DataFrame, specs: Sequence[FeatureSpec], *, clusterable: npt.NDArray[np.bool_]
) -> Finished:
    """Fill, pool and judge the columns of a table that is built afresh.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, n_columns)
        Raw columns named as the specs.
    specs : sequence of FeatureSpec
        A NaN as `fill` asks for the median.
    clusterable : ndarray of shape (n_customers,), bool
        The customers that will be segmented; what is constant among them separates nobody.

    Returns
    -------
    Finished
        Without columns that have no values, or are constant and not in CORE; a note for each. If nothing
        else is left, the constant ones stay: that everybody is the same is an answer too.
    """
    rows = clusterable if clusterable.any() else np.ones(len(frame), dtype=bool)
    columns: dict[str, Any] = {}
    complete: list[FeatureSpec] = []
    constant: list[str] = []
    notes: list[str] = []
    for draft in specs:
        spec = _completed(draft, frame[draft.name])
        columns[spec.name] = filled(frame[draft.name], spec)
        complete.append(spec)
        reason = _why_not(spec, columns[spec.name][rows], n_rows=len(frame))
        if reason:
            constant.append(spec.name)
            notes.append(f"The feature {spec.words!r} {reason}, so it separates nobody")
    usable = [s for s in complete if s.name not in constant]
    kept = [s for s in complete if s in usable or s.name in CORE]
    kept = kept or [s for s in complete if s.n_missing < len(frame)]
    X, gaps = _frame({s.name: columns[s.name] for s in kept}, len(frame)), _gaps(frame, kept, drafts=specs)
    return Finished(X, tuple(kept), _defaults(usable, len(frame)), tuple(notes), gaps)


def rebuild(frame: pd.DataFrame, specs: Sequence[FeatureSpec], *, drafts: Sequence[FeatureSpec]) -> Finished:
    """The columns of a saved model for other customers.

    Parameters
    ----------
    frame : DataFrame of shape (n_customers, n_columns)
    specs : sequence of FeatureSpec
        Complete; what the frame lacks takes the fill.
    drafts : sequence of FeatureSpec
        Of the columns the frame has, as for `finish`.

    Returns
    -------
    Finished
        With the columns of `specs`, in their order.
    """
    import pandas as pd

    nothing = pd.Series(np.full(len(frame), np.nan))
    X = _frame({s.name: filled(frame.get(s.name, nothing), s) for s in specs}, len(frame))
    names = [spec.name for spec in specs]
    defaults = tuple(name for name in CORE if name in names) or tuple(names)
    return Finished(X, tuple(specs), defaults, (), _gaps(frame, specs, drafts=drafts))


def _gaps(
    frame: pd.DataFrame, specs: Sequence[FeatureSpec], *, drafts: Sequence[FeatureSpec]
) -> dict[str, npt.NDArray[np.intp]]:
    """Positions of the unknown values of each feature that has any.

    Where the draft names a number as its fill, nothing to count is a fact and no gap.
    """
    facts = {d.name for d in drafts if d.kind == "number" and not math.isnan(float(d.fill))}
    gaps = {}
    for spec in specs:
        if spec.name in facts:
            continue
        if spec.name not in frame:
            gaps[spec.name] = np.arange(len(frame))
        elif spec.kind == "number":
            gaps[spec.name] = np.flatnonzero(np.isnan(_numbers(frame[spec.name])))
        else:
            gaps[spec.name] = np.flatnonzero(np.asarray(filled(frame[spec.name], spec)) == str(spec.fill))
    return {name: positions for name, positions in gaps.items() if len(positions)}


def filled(column: pd.Series[Any], spec: FeatureSpec) -> Any:
    """The column as float64, or as a pandas Categorical of the levels of the spec, nothing missing."""
    import pandas as pd

    if spec.kind == "number":
        numbers = _numbers(column)
        return np.where(np.isfinite(numbers), numbers, float(spec.fill))
    own = pd.Index([level for level in spec.levels if level not in (OTHER, spec.fill)], dtype=object)
    codes, found = pd.factorize(_texts(column), sort=False)
    names = [level if level in own else _stranger(spec) for level in found]
    values = np.append(np.array(names, dtype=object), str(spec.fill))[codes]
    return pd.Categorical(values, categories=sorted({*spec.levels, str(spec.fill)} & set(values)))


def _stranger(spec: FeatureSpec) -> str:
    """What a level that the spec does not know counts as."""
    return OTHER if OTHER in spec.levels else str(spec.fill)


def _numbers(column: pd.Series[Any]) -> npt.NDArray[np.float64]:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan) + 0.0


def _texts(column: pd.Series[Any]) -> npt.NDArray[np.object_]:
    """Text, None where missing; numbers and truth values that serve as categories are printed."""
    texts = column.astype(object)
    return texts.where(texts.isna(), texts.astype(str)).where(texts.notna(), None).to_numpy(dtype=object)


def _completed(draft: FeatureSpec, column: pd.Series[Any]) -> FeatureSpec:
    """The spec with its fill, its levels and the count of missing values."""
    n_missing = int(column.isna().sum())
    if draft.kind == "category":
        return replace(draft, n_missing=n_missing, levels=_levels(column))
    numbers = _numbers(column)
    n_missing = int(np.isnan(numbers).sum())
    if not math.isnan(float(draft.fill)):
        return replace(draft, n_missing=n_missing)
    median = float(np.nanmedian(numbers)) if n_missing < len(numbers) else 0.0
    return replace(draft, n_missing=n_missing, fill=median)


def _levels(column: pd.Series[Any]) -> tuple[str, ...]:
    """The most frequent levels, in order of the alphabet, and `other` if there are more."""
    import pandas as pd

    counts = pd.Series(_texts(column)).value_counts()
    ranked = sorted(counts.items(), key=lambda item: (-int(item[1]), str(item[0])))
    top = [str(name) for name, _ in ranked[:N_LEVELS]]
    return tuple(sorted({*top, OTHER} if len(ranked) > N_LEVELS else top))


def _why_not(spec: FeatureSpec, values: Any, *, n_rows: int) -> str:
    if spec.n_missing == n_rows:
        return "has no values"
    plain = np.asarray(values)
    if bool(np.all(plain == plain[:1])):
        return "is the same for everybody"
    if spec.kind == "category" and float(np.mean(plain == OTHER)) > SCATTERED_SHARE:
        return "has many values and none that is common"
    return ""


def _defaults(usable: Sequence[FeatureSpec], n_rows: int) -> tuple[str, ...]:
    names = [spec.name for spec in usable]
    if "transactions" in {spec.source for spec in usable}:
        return tuple(name for name in CORE if name in names)
    return tuple(s.name for s in usable if s.n_missing <= MISSING_SHARE * n_rows)


def _frame(columns: dict[str, Any], n_rows: int) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns, index=pd.RangeIndex(n_rows))
