"""How well an action is known to work: graded, with a range, from trial to the next recommendation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import NormalDist

import numpy as np

from coterie.errors import InputError, ParameterError
from coterie.experiments.campaign import Campaign
from coterie.experiments.intervals import Interval
from coterie.experiments.lift import Lift
from coterie.experiments.power import ALPHA
from coterie.features import counted

OWN_HOLDOUT, OWN_HISTORY = "own holdout", "own history"
CONVENTION, GUESS = "industry convention", "guess"
GRADES = (OWN_HOLDOUT, OWN_HISTORY, CONVENTION, GUESS)
"""From the strongest to the weakest."""

_Z = NormalDist().inv_cdf(1.0 - ALPHA / 2.0)


@dataclass(frozen=True)
class Evidence:
    """What is known of one action in one segment.

    Attributes
    ----------
    action : str
    segment : str
        Empty if it is about all customers.
    grade : str
        "own holdout", "own history", "industry convention" or "guess".
    effect, low, high : float or None
        Rise of the conversion rate, in shares, with its 95 % range; None where nobody knows.
    n : int
        People it rests on.
    date : date or None
        The last day it rests on.
    sentence : str
    n_trials : int
    spread : float
        Standard deviation of the true effect between trials, in shares; 0 if they agree.

    Raises
    ------
    ParameterError
        If the grade is unknown, or the effect lies outside its range.
    """

    action: str
    segment: str
    grade: str
    effect: float | None
    low: float | None
    high: float | None
    n: int
    date: date | None
    sentence: str
    n_trials: int = 1
    spread: float = 0.0

    def __post_init__(self) -> None:
        if self.grade not in GRADES:
            raise ParameterError(f"{self.grade!r} is no grade of evidence", to_do=f"Use one of {GRADES}")
        bounds = [self.low, self.effect, self.high]
        known = [bound for bound in bounds if bound is not None]
        if len(known) in (1, 2) or sorted(known) != known:
            raise ParameterError(f"{bounds} is no range around an effect", where="effect")


def evidence_of(campaign: Campaign, lift: Lift, *, segment: str = "") -> Evidence:
    """What a measured campaign says about its action.

    Parameters
    ----------
    campaign : Campaign
    lift : Lift
    segment : str
        By default the one all members share, else none.

    Returns
    -------
    Evidence
        Of the grade "own holdout".

    Raises
    ------
    InputError
        If its window is still open: an effect read early is not comparable with one of the whole window.
    """
    if not lift.is_final:
        raise InputError("The window is open", where=campaign.plan.name, to_do="Wait for its end")
    segments = {member.segment for member in campaign.members}
    own = segment or (segments.pop() if len(segments) == 1 else "")
    n = lift.n_treated + lift.n_control
    effect = lift.difference
    told = f"{campaign.plan.name}: it {lift.verdict}, {_range(effect)}"
    return Evidence(
        action=campaign.plan.action,
        segment=own,
        grade=OWN_HOLDOUT,
        effect=effect.estimate,
        low=effect.low,
        high=effect.high,
        n=n,
        date=campaign.plan.end,
        sentence=f"{told}, from {counted(n, 'customer')}.",
    )


def combine(trials: Sequence[Evidence]) -> Evidence:
    """One effect from several holdouts of the same action, whose true effects may differ.

    Parameters
    ----------
    trials : sequence of Evidence
        Of the grade "own holdout" and one action, each with an effect.

    Returns
    -------
    Evidence
        The effect to expect on average; the range of a single further trial is wider by `spread`.

    Raises
    ------
    InputError
        If there is none, or they are no holdouts of one action.

    References
    ----------
    .. [1] DerSimonian, Laird (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7: 177-188.
    """
    if len({trial.action for trial in trials}) != 1 or any(t.grade != OWN_HOLDOUT for t in trials):
        raise InputError("Only holdouts of one action can be combined", where="trials")
    if len(trials) == 1:
        return trials[0]
    effects = np.array([(t.effect, t.low, t.high) for t in trials], dtype=np.float64)
    if np.isnan(effects).any():
        raise InputError("A holdout without an effect cannot be combined", where="trials")
    variances = np.maximum(effects[:, 2] - effects[:, 1], 1e-12) ** 2 / (2.0 * _Z) ** 2
    effect, error, between = random_effects(effects[:, 0], variances)
    low, high = effect - _Z * error, effect + _Z * error
    segments = {trial.segment for trial in trials}
    n = sum(trial.n for trial in trials)
    spread = float(np.sqrt(between))
    agree = f"they differ by about {_points(spread)} points" if between > 0 else "they agree"
    told = f"{len(trials)} own holdouts, {counted(n, 'customer')}"
    return Evidence(
        action=trials[0].action,
        segment=segments.pop() if len(segments) == 1 else "",
        grade=OWN_HOLDOUT,
        effect=effect,
        low=low,
        high=high,
        n=n,
        date=max((t.date for t in trials if t.date), default=None),
        sentence=f"{told}: {_range(Interval(effect, low, high))}; {agree}.",
        n_trials=sum(trial.n_trials for trial in trials),
        spread=spread,
    )


def random_effects(effects: np.ndarray, variances: np.ndarray) -> tuple[float, float, float]:
    """Mean effect of trials whose true effects differ.

    Parameters
    ----------
    effects, variances : ndarray of shape (n_trials,)

    Returns
    -------
    tuple of (float, float, float)
        Mean, its standard error, variance between the trials.

    References
    ----------
    .. [1] DerSimonian, Laird (1986), as for `combine`.
    """
    weights = 1.0 / variances
    fixed = (weights @ effects) / weights.sum()
    heterogeneity = float(weights @ (effects - fixed) ** 2)
    scale = weights.sum() - (weights @ weights) / weights.sum()
    between = max(0.0, (heterogeneity - (len(effects) - 1)) / scale)
    weights = 1.0 / (variances + between)
    return float(weights @ effects / weights.sum()), float(weights.sum() ** -0.5), float(between)


def evidence_for(known: Sequence[Evidence], *, action: str, segment: str) -> Evidence | None:
    """The best that is known about an action in a segment, for the next recommendation.

    Parameters
    ----------
    known : sequence of Evidence
    action, segment : str

    Returns
    -------
    Evidence or None
        Own holdouts in this segment, combined; else own holdouts in others, said to be from there; else
        the latest of the strongest other grade for this segment or for all. None if nothing is known.
    """
    about = [item for item in known if item.action == action]
    trials = [item for item in about if item.grade == OWN_HOLDOUT and item.effect is not None]
    own = [item for item in trials if item.segment == segment]
    if own:
        return combine(own)
    if trials:
        whole = combine(trials)
        return replace(whole, segment=segment, sentence=f"{whole.sentence[:-1]}, measured in other segments.")
    rest = [item for item in about if item.segment in (segment, "") and item.grade != OWN_HOLDOUT]
    order = sorted(
        rest,
        key=lambda item: (
            -GRADES.index(item.grade), item.segment == segment, item.date.toordinal() if item.date else 0,
        ),
    )  # fmt: skip
    return order[-1] if order else None


def _range(effect: Interval) -> str:
    return f"{_points(effect.estimate)} points ({_points(effect.low)} to {_points(effect.high)})"


def _points(share: float) -> str:
    return f"{100.0 * share:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")
