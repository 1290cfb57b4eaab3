"""What another policy would have brought, judged from the log of the one that ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, SchemaError, TooFewCustomersError
from coterie.experiments.intervals import Interval
from coterie.experiments.policy import PRIOR_PEOPLE, Policy

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

LEAST_ESS = 200.0
"""People that the weighted log must be worth before an estimate is published."""
CLIP = 50.0
"""Largest weight of a row: one rare draw must not decide."""
N_BOOTSTRAP = 500
COLUMNS = ("segment", "action", "propensity", "reward")


@dataclass(frozen=True)
class OffPolicyEstimate:
    """The value of a policy that did not run, per customer.

    Attributes
    ----------
    ips, snips, doubly_robust : Interval
        By importance weights; the same divided by their mean; a model of the rewards corrected by
        weights. Each with its 95 % bootstrap range.
    current : float
        What the policy that ran brought.
    ess : float
        People a log drawn by the judged policy itself would need to tell as much (Kish).
    n : int
    n_clipped : int
        Rows whose weight was cut.
    is_published : bool
        The log suffices, and the range of `snips` excludes `current`.
    reason : str
    """

    ips: Interval
    snips: Interval
    doubly_robust: Interval
    current: float
    ess: float
    n: int
    n_clipped: int
    is_published: bool
    reason: str


def judge_policy(
    log: pd.DataFrame, policy: Policy, *, clip: float = CLIP, random_state: int = 0
) -> OffPolicyEstimate:
    """Estimate what a policy would have brought to the customers of a log.

    Parameters
    ----------
    log : DataFrame
        segment, action, propensity (chance with which that action was drawn, above 0 to 1), reward.
    policy : Policy
        To be judged; it knows all segments and actions of the log.
    clip : float
        Largest weight of a row.
    random_state : int

    Returns
    -------
    OffPolicyEstimate

    Raises
    ------
    SchemaError
        If a column is missing.
    InputError
        If a propensity is outside its range, a reward is no number, or a segment or action is unknown.
    TooFewCustomersError
        If the log is empty.

    References
    ----------
    .. [1] Swaminathan, Joachims (2015). The self-normalized estimator for counterfactual learning. NIPS 28.
    .. [2] Dudik, Langford, Li (2011). Doubly robust policy evaluation and learning. ICML 28.
    """
    segment, action, propensity, reward = _checked(log, policy)
    wanted = policy.propensities[segment]
    raw = wanted[np.arange(len(reward)), action] / propensity
    weight = np.minimum(raw, clip)
    model = _rewards(segment, action, reward=reward, shape=policy.propensities.shape)
    direct = (wanted * model[segment]).sum(axis=1)
    corrected = direct + weight * (reward - model[segment, action])
    ips, snips, robust = _bootstrapped(weight, reward, corrected=corrected, random_state=random_state)
    ess = float(weight.sum() ** 2 / max(float(weight @ weight), 1e-300))
    current = float(reward.mean())
    reason = _reason(ess, snips, current=current)
    return OffPolicyEstimate(
        ips, snips, robust, current, ess, len(reward), int((raw > clip).sum()), not reason,
        reason or f"Worth {ess:,.0f} people, and the range excludes what the policy that ran brought.",
    )  # fmt: skip


def _checked(
    log: pd.DataFrame, policy: Policy
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats, Floats]:
    import pandas as pd

    missing = [name for name in COLUMNS if name not in log.columns]
    if missing:
        raise SchemaError(f"The log has no column {', '.join(missing)}")
    if not len(log):
        raise TooFewCustomersError("The log is empty", to_do="Let the policy run first")
    segment = pd.Index(policy.segments).get_indexer(pd.Index(log["segment"]))
    action = pd.Index(policy.actions).get_indexer(pd.Index(log["action"]))
    if min(segment.min(), action.min()) < 0:
        raise InputError("The log holds a segment or an action that the policy does not know", where="log")
    propensity, reward = (log[name].to_numpy(dtype=np.float64) for name in ("propensity", "reward"))
    if not ((propensity > 0) & (propensity <= 1)).all() or not np.isfinite(reward).all():
        raise InputError("A propensity is not above 0 and up to 1, or a reward is no number", where="log")
    return segment, action, propensity, reward


def _rewards(
    segment: npt.NDArray[np.intp], action: npt.NDArray[np.intp], *, reward: Floats, shape: tuple[int, ...]
) -> Floats:
    """Mean reward of each action in each segment, drawn towards the action's own where there are few."""
    cell = segment * shape[1] + action
    n = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    total = np.bincount(cell, weights=reward, minlength=shape[0] * shape[1]).reshape(shape)
    overall = (total.sum(axis=0) + PRIOR_PEOPLE * reward.mean()) / (n.sum(axis=0) + PRIOR_PEOPLE)
    rewards: Floats = (total + PRIOR_PEOPLE * overall) / (n + PRIOR_PEOPLE)
    return rewards


def _bootstrapped(
    weight: Floats, reward: Floats, *, corrected: Floats, random_state: int
) -> tuple[Interval, Interval, Interval]:
    """The three estimates with the range of what resampled logs give."""
    random, n = np.random.default_rng(random_state), len(reward)
    sums = np.column_stack([weight * reward, weight, corrected])
    drawn = np.array([sums[random.integers(0, n, n)].mean(axis=0) for _ in range(N_BOOTSTRAP)])
    found, again = _estimates(sums.mean(axis=0)), _estimates(drawn)
    low, high = np.quantile(again, [0.025, 0.975], axis=0)
    ips, snips, robust = (Interval(*map(float, each)) for each in zip(found, low, high, strict=True))
    return ips, snips, robust


def _estimates(means: Floats) -> Floats:
    """IPS, SNIPS and doubly robust from the means of weighted rewards, weights and corrected rewards."""
    gained, weights, corrected = np.moveaxis(means, -1, 0)
    own = np.divide(gained, weights, out=np.zeros_like(gained), where=weights > 0)
    return np.stack([gained, own, corrected], axis=-1)


def _reason(ess: float, snips: Interval, *, current: float) -> str:
    """Why the estimate is not published; empty if it is."""
    if ess < LEAST_ESS:
        return f"The log is worth only {ess:,.0f} people to this policy; {LEAST_ESS:,.0f} are needed."
    if snips.low <= current <= snips.high:
        return "The range of the estimate includes what the current policy brought: no difference is shown."
    return ""
