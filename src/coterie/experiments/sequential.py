"""A reading of a running campaign that may be looked at every day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from coterie.experiments.power import ALPHA

Floats = npt.NDArray[np.float64]

PRIOR_SD = 0.3
"""Of log pace under the mixture: it is quickest to see paces between 0.7 and 1.35."""
_LOGS = np.linspace(-5.0, 5.0, 1001)
"""Logarithms of the paces that are weighed; beyond them the interval is open."""
_CHUNK = 2_000
"""Conversions weighed at once: bounds the memory of a busy day."""

GUARANTEE = (
    "However often it is looked at, and whenever one stops, an action without any effect is called a success "
    "or a harm in at most 5 of 100 campaigns."
)


@dataclass(frozen=True)
class Look:
    """What was known at the end of a day.

    Attributes
    ----------
    day : date
    low : float
        Pace of the treated over that of the control group: at least this.
    high : float or None
        At most this; None if open.
    """

    day: date
    low: float
    high: float | None


@dataclass(frozen=True)
class SequentialReading:
    """How much faster the treated convert than those held out, safe to look at daily.

    Attributes
    ----------
    pace : float or None
        Most likely ratio of the paces (hazards): 1.2 is a fifth faster; None before the first conversion.
    looks : tuple of Look
        One for each day with a conversion; the interval only ever narrows.
    e_value : float
        Largest evidence so far against "no effect": at 20 or more it is given up.
    guarantee : str
    """

    pace: float | None
    looks: tuple[Look, ...]
    e_value: float
    guarantee: str = GUARANTEE

    @property
    def low(self) -> float:
        """The pace is at least this.

        Returns
        -------
        float
        """
        return self.looks[-1].low if self.looks else 0.0

    @property
    def high(self) -> float | None:
        """The pace is at most this.

        Returns
        -------
        float or None
            None if open.
        """
        return self.looks[-1].high if self.looks else None


def read_daily(
    days: Sequence[date], treated: npt.ArrayLike, *, n_treated: int, n_control: int, alpha: float = ALPHA
) -> SequentialReading:
    """Weigh conversions one after the other by whose they were, of all who could still convert.

    Without an effect the next one comes from the treated with the chance of their share among those who
    have not converted yet. A mixture of paces is weighed against that (safe log-rank test, a mixture
    sequential probability ratio test); it is exact for a cohort that was drawn at random, with any rates.

    Parameters
    ----------
    days : sequence of date, shape (n,)
        Of each first conversion, ascending. Conversions of one day must stand in random order.
    treated : array-like of shape (n,), bool
    n_treated, n_control : int
        People in each group at the start.
    alpha : float
        Chance of ever giving up a true "no effect".

    Returns
    -------
    SequentialReading

    References
    ----------
    .. [1] Ter Schure, Perez-Ortiz, Ly, Gruenwald (2024). The anytime-valid logrank test. New England
       Journal of Statistics in Data Science 2(2): 190-214.
    .. [2] Robbins (1970). Statistical methods related to the law of the iterated logarithm. Annals of
       Mathematical Statistics 41: 1397-1409 (mixtures).
    """
    arm = np.asarray(treated, dtype=bool)
    if not len(arm):
        return SequentialReading(None, (), 1.0)
    left_treated = n_treated - np.cumsum(arm) + arm
    left_control = n_control - np.cumsum(~arm) + ~arm
    prior = -0.5 * (_LOGS / PRIOR_SD) ** 2
    prior -= np.logaddexp.reduce(prior)
    likelihood, most = np.zeros(len(_LOGS)), np.full(len(_LOGS), -np.inf)
    looks: list[Look] = []
    ends = [i + 1 for i in range(len(days)) if i + 1 == len(days) or days[i + 1] != days[i]]
    for start, end in zip([0, *ends], ends, strict=False):
        for first in range(start, end, _CHUNK):
            own = slice(first, min(first + _CHUNK, end))
            likelihood += _log_likelihood(arm[own], left_treated[own], left_control[own])
        evidence = np.logaddexp.reduce(prior + likelihood) - likelihood
        most = np.maximum(most, evidence)
        looks.append(_look(days[end - 1], most < -np.log(alpha), looks=looks))
    none = int(np.argmin(np.abs(_LOGS)))
    e_value = float(np.exp(min(most[none], 700.0)))
    return SequentialReading(float(np.exp(_LOGS[np.argmax(likelihood)])), tuple(looks), e_value)


def _log_likelihood(arm: npt.NDArray[np.bool_], *left: npt.NDArray[np.int64]) -> Floats:
    """Log chance of these conversions under each pace, shape (paces,)."""
    treated, control = (count.astype(np.float64) for count in left)
    both = treated * np.exp(_LOGS)[:, None] + control
    own = np.where(arm, _LOGS[:, None] + np.log(np.maximum(treated, 1.0)), np.log(np.maximum(control, 1.0)))
    total: Floats = (own - np.log(both)).sum(axis=1)
    return total


def _look(day: date, possible: npt.NDArray[np.bool_], *, looks: Sequence[Look]) -> Look:
    """The range of paces that no look so far has given up."""
    inside = np.flatnonzero(possible)
    if not len(inside):  # the pace changed on the way, so that no single one explains all days
        return Look(day, looks[-1].low, looks[-1].high)
    low = 0.0 if inside[0] == 0 else float(np.exp(_LOGS[inside[0]]))
    high = None if inside[-1] == len(_LOGS) - 1 else float(np.exp(_LOGS[inside[-1]]))
    return Look(day, low, high)
