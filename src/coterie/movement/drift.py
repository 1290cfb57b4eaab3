"""Whether the customers of today are still like those of the fit, with a known rate of false notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError
from coterie.features import FeatureTable, label, percent
from coterie.segmentation import UNASSIGNED, Reference, reference_of

if TYPE_CHECKING:
    from coterie.segmentation import Model

Floats = npt.NDArray[np.float64]

NOTICE_TIMES = 4.0
"""A notice needs this many times the PSI that chance gives on average, (B - 1) (1/n + 1/m)."""
USUAL_BINS = 10
REFIT_PSI = 0.1
"""Below it a change is real, perhaps, but too small to fit anew for."""
FARTHER = 0.15
"""A refit is proposed when customers lie this much farther from the centres than at the fit."""
LEAST_SHARE = 0.02
"""A segment with a smaller share of the customers is no longer worth an action of its own."""
QUARTER_DAYS = 91
HALF = 0.5
"""Added to every bin, so that an empty one has a logarithm (Jeffreys)."""


@dataclass(frozen=True)
class FeatureDrift:
    """How far one feature has moved.

    Attributes
    ----------
    name : str
    psi : float
        Population stability index: sum over bins of (new - old share) log(new / old share).
    threshold : float
        Chance alone exceeds it in about 4 of 100,000 comparisons.
    sentence : str
    """

    name: str
    psi: float
    threshold: float
    sentence: str

    @property
    def noticed(self) -> bool:
        """Whether it has moved by more than chance does."""
        return self.psi > self.threshold

    @property
    def strong(self) -> bool:
        """Whether it has moved so far that the scales no longer fit."""
        return self.psi > max(REFIT_PSI, self.threshold)


@dataclass(frozen=True)
class Drift:
    """What has changed since the fit.

    Attributes
    ----------
    features : tuple of FeatureDrift
        One per feature that counts, in order.
    distance_ratio : float
        Mean distance to the nearest centre over that at the fit.
    smallest_share : float or None
        Of the segments, among the customers in any; None if there are none.
    days_since_fit : int or None
        None without dates.
    n_then, n_now : int
        Customers with spend of the fit and of today.
    reasons : tuple of str
        Sentences that speak for a refit.
    """

    features: tuple[FeatureDrift, ...]
    distance_ratio: float
    smallest_share: float | None
    days_since_fit: int | None
    n_then: int
    n_now: int
    reasons: tuple[str, ...] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """A sentence for every feature that has moved by more than chance."""
        return tuple(feature.sentence for feature in self.features if feature.noticed)

    @property
    def scales_moved(self) -> bool:
        """Whether a refit should learn the scales anew."""
        return any(feature.strong for feature in self.features)

    @property
    def proposal(self) -> str:
        """Whether to fit anew, and why, in a sentence or two."""
        if not self.reasons:
            return "The model still fits; no refit is needed."
        return f"A refit is proposed. {' '.join(self.reasons)}"


def find_drift(model: Model, table: FeatureTable, *, reference: FeatureTable | None = None) -> Drift:
    """Hold the customers of today against those of the fit.

    Parameters
    ----------
    model : Model
    table : FeatureTable
        Customers of today.
    reference : FeatureTable, optional
        Customers to hold them against. Default: what the model knows of those of its fit.

    Returns
    -------
    Drift

    Raises
    ------
    InputError
        If the model knows nothing of its customers and no reference is given, or nobody has spend.
    """
    known = _known(model, reference)
    table = model.aligned(table)
    spent = table.rows(~table.no_net_spend)
    if not len(spent):
        raise InputError("No customer has spend, so that nothing can be compared")
    columns = spent.columns(model.transform.columns)
    features = tuple(
        _feature(spent, name, counts=b.counts, now=b.count(columns[name]))
        for name, b in zip(model.transform.columns, known.bins, strict=True)
    )
    there = known.mean_distance
    ratio = known.distance(model.transform.apply(columns)) / there if there else 1.0
    days = _days(model.observation_end, table.observation_end)
    smallest = _smallest_share(model, spent)
    reasons = _reasons(features, ratio=ratio, smallest=smallest, days=days)
    return Drift(features, ratio, smallest, days, known.n_customers, len(spent), reasons)


def psi(then: npt.ArrayLike, now: npt.ArrayLike) -> Floats:
    """Population stability index of counts in the same bins.

    Parameters
    ----------
    then, now : array-like of shape (..., n_bins), int
        Half a customer is added to each bin.

    Returns
    -------
    ndarray of shape (...), 0 or more

    References
    ----------
    .. [1] Yurdakul, Naranjo (2020). Statistical properties of the population stability index. Journal of
       Risk Model Validation 14(4). Without drift it is about (1/n + 1/m) times chi-squared, B - 1 degrees.

    Examples
    --------
    >>> float(psi([50, 50], [50, 50])), round(float(psi([50, 50], [75, 25])), 2)
    (0.0, 0.27)
    """
    old, new = (np.asarray(counts, dtype=np.float64) + HALF for counts in (then, now))
    old, new = (counts / counts.sum(axis=-1, keepdims=True) for counts in (old, new))
    found: Floats = ((new - old) * np.log(new / old)).sum(axis=-1)
    return found


def psi_threshold(n_then: int, n_now: int, *, n_bins: int) -> float:
    """The PSI that chance hardly ever exceeds.

    Parameters
    ----------
    n_then, n_now : int
        Customers compared.
    n_bins : int

    Returns
    -------
    float
        4 (B - 1) (1/n + 1/m). With fewer than ten bins that alone would be exceeded by chance too often
        (4.6 of 100 times with two), so that it is raised to the rate it has with ten.

    Examples
    --------
    >>> round(psi_threshold(2_000, 2_000, n_bins=10), 4), round(psi_threshold(2_000, 2_000, n_bins=2), 4)
    (0.036, 0.0169)
    """
    return max(NOTICE_TIMES * (n_bins - 1), _rare(n_bins - 1)) * (1.0 / n_then + 1.0 / n_now)


@cache
def _rare(degrees: int) -> float:
    """Chi-squared value as rare as the usual threshold is with ten bins."""
    from scipy.stats import chi2

    usual = USUAL_BINS - 1
    return float(chi2.isf(chi2.sf(NOTICE_TIMES * usual, usual), degrees)) if degrees else 0.0


def _known(model: Model, reference: FeatureTable | None) -> Reference:
    if reference is not None:
        table = model.aligned(reference)
        return reference_of(table, model.predict(table), transform=model.transform)
    if model.reference is None:
        raise InputError(
            "The model does not know what the customers of its fit looked like",
            to_do="Give the table it was fitted on, or fit it anew",
        )
    return model.reference


def _feature(table: FeatureTable, name: str, *, counts: tuple[int, ...], now: Any) -> FeatureDrift:
    value = float(psi(counts, now))
    threshold = psi_threshold(sum(counts), int(now.sum()), n_bins=len(counts))
    words = label(table.spec(name))
    told = f"(PSI {value:.3f}, chance stays below {threshold:.3f})"
    if value > threshold:
        return FeatureDrift(name, value, threshold, f"The {words} of customers differ from the fit {told}.")
    return FeatureDrift(name, value, threshold, f"The {words} of customers are as at the fit {told}.")


def _days(then: date | None, now: date | None) -> int | None:
    return None if then is None or now is None else (now - then).days


def _smallest_share(model: Model, table: FeatureTable) -> float | None:
    labels = model.predict(table)
    inside = labels[labels != UNASSIGNED]
    if not len(inside):
        return None
    counts = np.bincount(inside, minlength=max(model.names) + 1)
    return float(min(counts[i] for i in model.names) / len(inside))


def _reasons(
    features: tuple[FeatureDrift, ...], *, ratio: float, smallest: float | None, days: int | None
) -> tuple[str, ...]:
    said = [feature.sentence for feature in features if feature.strong]
    if ratio > 1.0 + FARTHER:
        said.append(f"Customers lie {percent(ratio - 1.0)} farther from the centres than at the fit.")
    if smallest is not None and smallest < LEAST_SHARE:
        said.append(f"The smallest segment holds {percent(smallest)} of the customers.")
    if days is not None and days >= QUARTER_DAYS:
        said.append(f"The fit is {days} days old.")
    return tuple(said)
