"""Where a budget brings most: over segments and actions, by expected return, with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.experiments.evidence import Evidence
from coterie.experiments.intervals import Interval
from coterie.experiments.policy import NOTHING

Floats = npt.NDArray[np.float64]

N_DRAWS = 2_000
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Option:
    """One action in one segment, as it could be paid for.

    Attributes
    ----------
    segment, action : str
    n : int
        People who could be treated.
    cost : float
        Per person, above zero.
    effect : Interval
        Additional money per person treated, before the cost.

    Raises
    ------
    ParameterError
        If the cost is not above zero, or `n` is below it.
    """

    segment: str
    action: str
    n: int
    cost: float
    effect: Interval

    def __post_init__(self) -> None:
        if not self.cost > 0 or self.n < 0:
            raise ParameterError(
                f"{self.action!r} for {self.n} people at {self.cost!r} each cannot be paid for",
                where=self.segment, to_do="Give a cost above zero; an action without cost needs no budget",
            )  # fmt: skip


@dataclass(frozen=True)
class Share:
    """What an option gets.

    Attributes
    ----------
    segment, action : str
        "do nothing" for what is not worth spending.
    n : float
        People; the last one paid for may be a fraction.
    cost : float
    net : float
        Expected money less the cost.
    """

    segment: str
    action: str
    n: float
    cost: float
    net: float


@dataclass(frozen=True)
class Allocation:
    """A budget, split.

    Attributes
    ----------
    shares : tuple of Share
        The best return for its cost first; the last is "do nothing" with what is kept.
    net : Interval
        Money brought less the money spent, with its 95 % range.
    p_loss : float
        Chance that it brings less than it costs.
    sentence : str
    """

    shares: tuple[Share, ...]
    net: Interval
    p_loss: float
    sentence: str


def option_of(evidence: Evidence, *, n: int, cost: float, value: float) -> Option | None:
    """An option from what is known of an action and what a conversion is worth.

    Parameters
    ----------
    evidence : Evidence
    n : int
        People who could be treated.
    cost : float
        Per person, above zero.
    value : float
        Money a conversion brings, before the cost, not below zero.

    Returns
    -------
    Option or None
        None if the evidence has no effect.
    """
    if evidence.effect is None or evidence.low is None or evidence.high is None:
        return None
    effect = Interval(evidence.effect, evidence.low, evidence.high).times(value)
    return Option(evidence.segment, evidence.action, n, cost, effect)


def allocate_budget(options: Sequence[Option], budget: float, *, random_state: int = 0) -> Allocation:
    """Split a budget over options by what each is expected to return for its cost.

    Nobody is treated twice: the actions of one segment compete for its people, who are as many as its
    largest option names. An option that is not expected to bring its cost gets nothing; what is left is
    kept. The uncertainty takes the effects of options as independent.

    Parameters
    ----------
    options : sequence of Option
        Those of one segment are about the same people.
    budget : float
        Not below zero.
    random_state : int

    Returns
    -------
    Allocation

    Raises
    ------
    ParameterError
        If the budget is below zero or no number.

    References
    ----------
    .. [1] Sinha, Zoltners (1979). The multiple-choice knapsack problem. Operations Research 27(3):
       503-515, in its linear form.
    """
    if not 0.0 <= budget < float("inf"):
        raise ParameterError(f"A budget of {budget!r} cannot be split", where="budget")
    people = _people(options, budget)
    shares = [
        Share(o.segment, o.action, float(n), float(n * o.cost), float(n * (o.effect.estimate - o.cost)))
        for o, n in zip(options, people, strict=True)
        if n > 0
    ]
    shares.sort(key=lambda share: (-share.net / share.cost, share.segment, share.action))
    spent = sum(share.cost for share in shares)
    # Rounding may leave less than nothing.
    kept = Share("", NOTHING, 0.0, max(budget - spent, 0.0), 0.0)
    net = _drawn_net(options, people, random_state=random_state)
    low, high = np.quantile(net, [0.025, 0.975])
    expected = sum(share.net for share in shares)
    p_loss = float((net < 0).mean())
    return Allocation(
        (*shares, kept),
        Interval(expected, float(low), float(high)),
        p_loss,
        _sentence(shares, kept, p_loss=p_loss),
    )


def _people(options: Sequence[Option], budget: float) -> Floats:
    """How many people each option gets: the linear programme with the highest expected net."""
    from scipy.optimize import linprog

    if not options:
        return np.zeros(0)
    segments = list(dict.fromkeys(option.segment for option in options))
    n, cost, gain = np.array([(o.n, o.cost, o.effect.estimate) for o in options], dtype=np.float64).T
    own = np.array([[option.segment == segment for option in options] for segment in segments])
    most = np.append((own * n).max(axis=1), budget)
    limits = [(0.0, float(option.n)) for option in options]
    found = linprog(cost - gain, A_ub=np.vstack([own, cost]), b_ub=most, bounds=limits)
    # The solver may pass a limit by its tolerance.
    return np.clip(np.asarray(found.x, dtype=np.float64), 0.0, n)


def _drawn_net(options: Sequence[Option], people: Floats, *, random_state: int) -> Floats:
    """Net money of this split under effects drawn from their ranges, shape (N_DRAWS,)."""
    random, net = np.random.default_rng(random_state), np.zeros(N_DRAWS)
    for option, n in zip(options, people, strict=True):
        normal = random.standard_normal(N_DRAWS)
        # A range need not be even on both sides of its estimate.
        effect = option.effect
        side = np.where(normal < 0, effect.estimate - effect.low, effect.high - effect.estimate)
        net += n * (effect.estimate + normal * side / _Z - option.cost)
    return net


def _sentence(shares: Sequence[Share], kept: Share, *, p_loss: float) -> str:
    if not shares:
        return "Nothing is expected to bring more than it costs: do nothing."
    best = shares[0]
    told = f"Most for its cost brings {best.action!r} for {best.segment or 'all'} ({best.n:,.0f} people)"
    rest = f"; {kept.cost:,.2f} is better kept" if kept.cost >= 0.005 else ""
    return f"{told}{rest}. The chance that all of it brings less than it costs is {p_loss:.0%}."
