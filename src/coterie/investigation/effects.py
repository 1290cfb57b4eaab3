"""What an edit would do, said before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.assessment import silhouette
from coterie.features import counted, percent
from coterie.investigation.applying import apply_edit
from coterie.investigation.edits import Edit, edit_words
from coterie.segmentation import UNASSIGNED, Segmentation

SAMPLE_ROWS = 4_000
"""Customers the silhouette is told by: enough for two decimals, and quick enough to wait for."""
NOTICEABLE = 0.01
"""A smaller difference of the silhouette lies within the noise of the sample."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SegmentEffect:
    """One segment before and after; None where it does not exist, revenue None without money."""

    name: str
    n_before: int | None
    n_after: int | None
    revenue_before: float | None
    revenue_after: float | None


@dataclass(frozen=True)
class EditEffect:
    """What an edit would do.

    Attributes
    ----------
    n_moved : int
        Customers who would be in another segment.
    silhouette_before, silhouette_after : float or None
        Of a sample, the same customers both times; None if there are fewer than two segments.
    segments : tuple of SegmentEffect
        Those whose members change.
    sentence : str
    """

    n_moved: int
    silhouette_before: float | None
    silhouette_after: float | None
    segments: tuple[SegmentEffect, ...]
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """The effect as a JSON object.

        Returns
        -------
        dict
        """
        return {**vars(self), "segments": [dict(vars(segment)) for segment in self.segments]}


def effect_of(result: Segmentation, edit: Edit) -> EditEffect:
    """Say what an edit would do.

    Parameters
    ----------
    result : Segmentation
    edit : Edit

    Returns
    -------
    EditEffect

    Raises
    ------
    CoterieError
        As `apply_edit`.
    """
    after = apply_edit(result, edit)
    told = f"{edit_words(edit, result.names)}: "
    if not _members_change(result, after):
        return EditEffect(0, None, None, (), f"{told}nobody changes the segment.")
    segments = _segments(result, after)
    n_moved = _n_moved(result, after)
    before_score, after_score = _silhouettes(result, after)
    share = percent(n_moved / len(result.labels))
    sentence = told + " ".join(
        [
            f"{counted(n_moved, 'customer')} ({share}) would be in another segment.",
            *[_words(segment) for segment in segments],
            _clearer(before_score, after_score),
        ]
    )
    return EditEffect(n_moved, before_score, after_score, segments, sentence)


def _members_change(before: Segmentation, after: Segmentation) -> bool:
    return not np.array_equal(before.labels, after.labels)


def _n_moved(before: Segmentation, after: Segmentation) -> int:
    """Customers who are not in what is left of their segment."""
    from scipy.optimize import linear_sum_assignment

    width = after.n_ids + 1
    pairs = (before.labels + 1) * width + after.labels + 1
    shared = np.bincount(pairs, minlength=(before.n_ids + 1) * width).reshape(-1, width)
    return len(pairs) - int(shared[linear_sum_assignment(-shared)].sum())


def _segments(before: Segmentation, after: Segmentation) -> tuple[SegmentEffect, ...]:
    """Segments that are of other customers afterwards, those before first."""
    old, new = _figures(before), _figures(after)
    changed = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    nothing = (None, None)
    return tuple(
        SegmentEffect(name, n_old, n_new, money_old, money_new)
        for name in changed
        for (n_old, money_old), (n_new, money_new) in [(old.get(name, nothing), new.get(name, nothing))]
    )


def _figures(result: Segmentation) -> dict[str, tuple[int | None, float | None]]:
    """Customers and revenue of each segment."""
    money: list[float] | None = None
    if "monetary" in result.table.X.columns:
        inside = result.labels != UNASSIGNED
        spend = result.table.X["monetary"].to_numpy(dtype=np.float64)[inside]
        money = np.bincount(result.labels[inside], weights=spend, minlength=result.n_ids).tolist()
    return {
        s.name: (s.n_customers, None if money is None else round(money[s.id], 2)) for s in result.segments
    }


def _words(segment: SegmentEffect) -> str:
    if segment.n_before is None:
        return f"{segment.name} is new, with {counted(segment.n_after or 0, 'customer')}."
    if segment.n_after is None:
        return f"{segment.name} ({counted(segment.n_before, 'customer')}) is no longer a segment of its own."
    return f"{segment.name} goes from {segment.n_before:,} to {counted(segment.n_after, 'customer')}."


def _silhouettes(before: Segmentation, after: Segmentation) -> tuple[float | None, float | None]:
    """Of the same sample of customers who are in a segment both times."""
    inside = np.flatnonzero((before.labels != UNASSIGNED) & (after.labels != UNASSIGNED))
    if len(inside) > SAMPLE_ROWS:
        draws = np.random.default_rng(before.random_state)
        inside = np.sort(draws.choice(inside, SAMPLE_ROWS, replace=False))
    Z = before.model.transformed(before.table.rows(inside))
    return silhouette(Z, before.labels[inside]).value, silhouette(Z, after.labels[inside]).value


def _clearer(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return "How clear the segments are cannot be measured."
    if abs(after - before) < NOTICEABLE:
        return f"The segments stay as clear as they were (silhouette {after:.2f})."
    word = "clearer" if after > before else "less clear"
    return f"The segments get {word} (silhouette {before:.2f} to {after:.2f})."
