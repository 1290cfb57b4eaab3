"""What the first rows of a table say about each of its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.sources.dates import looks_like_date
from coterie.sources.numbers import looks_like_number
from coterie.sources.values import MISSING

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE_ROWS = 20_000
"""Rows the roles and kinds of columns are decided from."""

MOST_VALUES = 500
"""Distinct values of a column that are looked at one by one; they stand for the rest."""


@dataclass(frozen=True)
class ColumnProfile:
    """One column of the sample; shares are among the filled cells, weighted by how often they occur."""

    name: str
    position: int
    n_filled: int
    n_distinct: int
    number_share: float
    date_share: float
    mean_length: float
    values: tuple[str, ...]

    @property
    def is_unique(self) -> bool:
        """Whether no value comes twice."""
        return self.n_distinct == self.n_filled > 1

    @property
    def has_leading_zero(self) -> bool:
        """Whether some whole number begins with a zero, which makes the column a code."""
        return any(len(v) > 1 and v[0] == "0" and v.isdigit() for v in self.values)


def profile_columns(sample: pa.Table, names: Sequence[str]) -> list[ColumnProfile]:
    """Profiles of the columns c0, c1, ... of the sample, in order."""
    return [_profile(name, position, sample=sample) for position, name in enumerate(names)]


def _profile(name: str, position: int, *, sample: pa.Table) -> ColumnProfile:
    counted = sample.column(f"c{position}").combine_chunks().value_counts()
    pairs = zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
    filled = [(v.strip(), n) for v, n in pairs if v is not None and v.strip().lower() not in MISSING]
    step = max(1, len(filled) // MOST_VALUES)
    looked_at = filled[::step]
    weight = sum(n for _, n in looked_at) or 1
    kinds: Counter[str] = Counter()
    for cell, n in looked_at:
        kinds["number" if looks_like_number(cell) else "date" if looks_like_date(cell) else "text"] += n
    return ColumnProfile(
        name=name,
        position=position,
        n_filled=sum(n for _, n in filled),
        n_distinct=len(filled),
        number_share=kinds["number"] / weight,
        date_share=kinds["date"] / weight,
        mean_length=sum(n * len(v) for v, n in looked_at) / weight,
        values=tuple(v for v, _ in looked_at),
    )
