"""What a trial can show: the smallest effect its people can detect, and the people an effect needs."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

from coterie.errors import ParameterError
from coterie.features import percent

ALPHA = 0.05
"""Chance of calling a winner where there is none, both sides together."""
POWER = 0.8
"""Chance of seeing an effect that is there."""
HOLDOUT = 0.1
"""Share of an audience that is left alone, to compare with."""
_STEPS = 60
"""Halvings of an interval: finer than a float."""


def detectable_effect(
    n_treated: int, n_control: int, *, base_rate: float, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """The smallest rise of a rate that two groups of unequal size can detect.

    Parameters
    ----------
    n_treated, n_control : int
        People in each group.
    base_rate : float
        Share that converts without the action, 0-1.
    alpha : float
        Chance of a false alarm, two-sided.
    power : float
        Chance of seeing the effect.

    Returns
    -------
    float or None
        In shares: 0.03 is three points. None if not even a rise to everybody would show.

    Raises
    ------
    ParameterError
        If a share is outside its range.

    References
    ----------
    .. [1] Fleiss, Levin, Paik (2003). Statistical Methods for Rates and Proportions, 3rd ed.,
       section 4.4 (unequal sizes), without continuity correction.

    Examples
    --------
    >>> round(detectable_effect(9_000, 1_000, base_rate=0.05), 3)
    0.023
    """
    _check(base_rate=base_rate, alpha=alpha, power=power)
    if min(n_treated, n_control) < 1:
        return None

    def seen(effect: float) -> bool:
        need = _control_needed(base_rate, effect, ratio=n_treated / n_control, alpha=alpha, power=power)
        return need <= n_control

    low, high = 0.0, 1.0 - base_rate
    if not high or not seen(high):
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def detectable_difference(
    n_treated: int, n_control: int, *, sd: float, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """The smallest difference of two means, such as spend per person, that two groups can detect.

    Parameters
    ----------
    n_treated, n_control : int
        People in each group.
    sd : float
        Standard deviation between people, in the unit of the mean.
    alpha : float
        Chance of a false alarm, two-sided.
    power : float
        Chance of seeing the difference.

    Returns
    -------
    float or None
        In the unit of `sd`; None if a group is empty.

    Raises
    ------
    ParameterError
        If `sd` is below zero or a share is outside its range.

    References
    ----------
    .. [1] Chow, Shao, Wang (2008). Sample Size Calculations in Clinical Research, 2nd ed., section 3.2.

    Examples
    --------
    >>> round(detectable_difference(9_000, 1_000, sd=20.0), 2)
    1.87
    """
    _check(alpha=alpha, power=power)
    _check_sd(sd)
    if min(n_treated, n_control) < 1:
        return None
    return (_z(1.0 - alpha / 2.0) + _z(power)) * sd * sqrt(1.0 / n_treated + 1.0 / n_control)


def needed_sample(
    effect: float,
    *,
    base_rate: float,
    holdout: float = HOLDOUT,
    alpha: float = ALPHA,
    power: float = POWER,
) -> int:
    """How many people a trial needs, both groups together, to detect a change of a rate.

    Parameters
    ----------
    effect : float
        In shares, not zero; below zero for a fall.
    base_rate : float
        Share that converts without the action, 0-1.
    holdout : float
        Share of people left alone, above 0 and below 1.
    alpha : float
        Chance of a false alarm, two-sided.
    power : float
        Chance of seeing the effect.

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        If a share is outside its range, or the rate would leave 0-1.

    References
    ----------
    .. [1] Fleiss, Levin, Paik (2003), as for `detectable_effect`.

    Examples
    --------
    >>> needed_sample(0.02, base_rate=0.05)
    12854
    """
    _check(base_rate=base_rate, holdout=holdout, alpha=alpha, power=power)
    if not effect or not 0.0 <= base_rate + effect <= 1.0:
        raise ParameterError(
            f"An effect of {effect!r} on a rate of {base_rate!r} is none or leaves 0-1", where="effect"
        )
    ratio = (1.0 - holdout) / holdout
    control = _control_needed(base_rate, effect, ratio=ratio, alpha=alpha, power=power)
    return ceil(control) + ceil(control * ratio)


def needed_sample_for_means(
    difference: float,
    *,
    sd: float,
    holdout: float = HOLDOUT,
    alpha: float = ALPHA,
    power: float = POWER,
) -> int:
    """How many people a trial needs, both groups together, to detect a difference of two means.

    Parameters
    ----------
    difference : float
        In the unit of `sd`, not zero.
    sd : float
        Standard deviation between people.
    holdout : float
        Share of people left alone, above 0 and below 1.
    alpha : float
        Chance of a false alarm, two-sided.
    power : float
        Chance of seeing the difference.

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        If the difference is zero, `sd` below zero or a share outside its range.

    References
    ----------
    .. [1] Chow, Shao, Wang (2008), as for `detectable_difference`.

    Examples
    --------
    >>> needed_sample_for_means(2.0, sd=20.0)
    8722
    """
    _check(holdout=holdout, alpha=alpha, power=power)
    _check_sd(sd)
    if not difference:
        raise ParameterError("A difference of zero can never be detected", where="difference")
    ratio = (1.0 - holdout) / holdout
    z = _z(1.0 - alpha / 2.0) + _z(power)
    control = (1.0 + 1.0 / ratio) * (z * sd / difference) ** 2
    return ceil(control) + ceil(control * ratio)


def power_sentence(n_treated: int, n_control: int, *, base_rate: float) -> str:
    """What a trial of this size can show, in a sentence.

    Parameters
    ----------
    n_treated, n_control : int
        People in each group.
    base_rate : float
        Share that converts without the action, 0-1.

    Returns
    -------
    str

    Examples
    --------
    >>> power_sentence(281, 31, base_rate=0.05)
    '312 people, 9.9% held out: only a rise of 19.5 points or more (from 5%) can be detected.'
    """
    n = n_treated + n_control
    if not n_control:
        return f"{n:,} people, nobody held out: no effect can be measured."
    held = f"{n:,} people, {percent(n_control / n)} held out"
    least = detectable_effect(n_treated, n_control, base_rate=base_rate)
    if least is None:
        return f"{held}: too few to detect any effect."
    # Rounded up: a smaller figure would promise what the groups cannot hold.
    points = ceil(least * 1000.0) / 10.0
    return f"{held}: only a rise of {points:g} points or more (from {percent(base_rate)}) can be detected."


def _control_needed(base: float, effect: float, *, ratio: float, alpha: float, power: float) -> float:
    """People in the control group when the treated are `ratio` times as many; Fleiss et al., 4.4."""
    rate = base + effect
    pooled = (base + ratio * rate) / (1.0 + ratio)
    spread = _z(1.0 - alpha / 2.0) * sqrt((ratio + 1.0) * pooled * (1.0 - pooled))
    spread += _z(power) * sqrt(ratio * base * (1.0 - base) + rate * (1.0 - rate))
    return float("inf") if not effect else spread**2 / (ratio * effect**2)


def _z(share: float) -> float:
    return NormalDist().inv_cdf(share)


def _check(**shares: float) -> None:
    for name, share in shares.items():
        if not (0.0 <= share <= 1.0 if name == "base_rate" else 0.0 < share < 1.0):
            raise ParameterError(f"{name} is {share!r}, which is no share between 0 and 1", where=name)


def _check_sd(sd: float) -> None:
    if not sd >= 0.0:
        raise ParameterError(f"The standard deviation {sd!r} is below zero", where="sd")
