"""A feature as an axis: its words, its unit, and a logarithm where the values are skewed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coterie.charts.style import axis_words, drawn, feature_words, short_number, wrapped
from coterie.features import FeatureSpec, open_unit, percent

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

SKEW_LIMIT = 1.0
"""From this absolute skewness on an axis is logarithmic, as in the transform that clusters."""
LOG_FROM = 10.0
"""Values that stay below are drawn as they are: log(1 + x) of a share is all but a straight line."""
MAX_TICKS = 7


@dataclass(frozen=True)
class Scale:
    """Raw values to positions on paper and back, and the marks between `low` and `high`.

    The logarithm is sign(x) log(1 + |x|): it has a place for zero and for net refunds.
    """

    spec: FeatureSpec
    is_log: bool
    low: float
    high: float

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return drawn(self.spec.words)

    @property
    def label(self) -> str:
        """Words, unit and kind of scale for a whole chart's axis."""
        words = axis_words(self.spec)
        return f"{words}, log scale" if self.is_log else words

    @property
    def short_label(self) -> str:
        """The same in two short lines for a small panel."""
        unit = open_unit(self.spec)
        notes = [*([drawn(unit)] if unit else []), *(["log"] if self.is_log else [])]
        return wrapped(feature_words(self.spec), 22) + (f"\n({', '.join(notes)})" if notes else "")

    def position(self, values: npt.ArrayLike) -> Floats:
        """Where these raw values stand."""
        raw = np.asarray(values, dtype=np.float64)
        return np.sign(raw) * np.log1p(np.abs(raw)) if self.is_log else raw

    def value(self, position: float) -> float:
        """The raw value at a position."""
        return float(np.sign(position) * np.expm1(abs(position))) if self.is_log else float(position)

    @property
    def limits(self) -> tuple[float, float]:
        """Positions of the ends, with a little air."""
        low, high = self.position([self.low, self.high])
        air = 0.04 * (high - low) or 0.5
        return float(low - air), float(high + air)

    def ticks(self, most: int = MAX_TICKS) -> tuple[list[float], list[str]]:
        """Positions and printed raw values of the marks, round numbers only."""
        values = (
            _round_values(self.low, self.high, most=most)
            if self.is_log
            else _even_values(self.low, self.high, most=most)
        )
        show = percent if self.spec.unit == "share" else short_number
        return self.position(values).tolist(), [show(v) for v in values]


def scale_for(spec: FeatureSpec, values: Floats) -> Scale:
    """The scale of a feature, logarithmic if the values are skewed."""
    low, high = float(values.min()), float(values.max())
    is_log = abs(skewness(values)) > SKEW_LIMIT and max(-low, high) > LOG_FROM
    return Scale(spec, is_log, low, high)


def skewness(values: Floats) -> float:
    """Third standardised moment; 0 for a constant.

    Parameters
    ----------
    values : ndarray of shape (n,)

    Returns
    -------
    float
    """
    centred = values - values.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    return float(np.mean((centred / spread) ** 3)) if spread > 0 else 0.0


def _round_values(low: float, high: float, *, most: int) -> list[float]:
    """Round numbers on a logarithmic scale, as many as fit."""
    for keep in (
        _any,
        lambda digit: digit in (1, 2, 5),
        lambda digit: digit in (1, 3),
        lambda digit: digit == 1,
    ):
        inside = [v for v in _decades(low, high, keep=keep) if low <= v <= high]
        if len(inside) <= most:
            return inside if len(inside) >= 2 else _even_values(low, high, most=most)
    return _thinned(inside, most)


def _any(digit: int) -> bool:
    return digit in (1, 2, 3, 5, 7)


def _decades(low: float, high: float, *, keep: Callable[[int], bool]) -> list[float]:
    size = max(abs(low), abs(high), 1.0)
    n_decades = int(np.floor(np.log10(size))) + 1
    up = [float(digit * 10**k) for k in range(n_decades) for digit in range(1, 10) if keep(digit)]
    return [*(-v for v in reversed(up)), 0.0, *up]


def _thinned(values: list[float], most: int) -> list[float]:
    step = -(-len(values) // most)
    return values[::step]


def _even_values(low: float, high: float, *, most: int) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    values = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(v) for v in values if low - 1e-9 <= v <= high + 1e-9]
