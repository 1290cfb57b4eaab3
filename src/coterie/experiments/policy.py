"""The next best action per segment: tried in proportion to how likely it is to be the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, ParameterError

Floats = npt.NDArray[np.float64]

NOTHING = "do nothing"
"""An action like any other: it is what the rest has to beat."""
FLOOR = 0.1
"""Share of customers whose action is drawn evenly, so that each action's chance is known and above zero."""
PRIOR_PEOPLE = 20.0
"""People of a segment that what all segments taught about an action weighs as much as."""
N_DRAWS = 4_000


@dataclass(frozen=True)
class Tally:
    """What an action brought in a segment so far.

    Attributes
    ----------
    segment, action : str
    n : int
        People it was tried on.
    n_converted : int
    """

    segment: str
    action: str
    n: int
    n_converted: int


@dataclass(frozen=True)
class Choice:
    """The action drawn for one customer, and how likely it was to be drawn.

    Attributes
    ----------
    customer_id, segment, action : str
    propensity : float
        To be logged with the outcome: without it no other policy can be judged from the log.
    """

    customer_id: str
    segment: str
    action: str
    propensity: float


@dataclass(frozen=True, eq=False)
class Policy:
    """How often each action is to be taken in each segment.

    Attributes
    ----------
    segments, actions : tuple of str
        "do nothing" is the first of the actions.
    propensities : ndarray of shape (n_segments, n_actions)
        Each row adds up to 1.
    rates : ndarray of shape (n_segments, n_actions)
        Expected conversion rate.
    """

    segments: tuple[str, ...]
    actions: tuple[str, ...]
    propensities: Floats
    rates: Floats

    def choose(self, customers: Mapping[str, str], *, random_state: int = 0) -> tuple[Choice, ...]:
        """Draw an action for each customer.

        Parameters
        ----------
        customers : mapping of customer_id to segment
        random_state : int
            The draw is a hash of it and the id: the same for a customer whoever else is asked.

        Returns
        -------
        tuple of Choice
            Ordered as the customers are.

        Raises
        ------
        InputError
            If a segment is unknown.
        """
        return tuple(self._choice(*each, random_state=random_state) for each in customers.items())

    def _choice(self, customer_id: str, segment: str, *, random_state: int) -> Choice:
        if segment not in self.segments:
            raise InputError(f"The policy knows no segment {segment!r}", to_do="Learn it with this segment")
        chances = self.propensities[self.segments.index(segment)]
        digest = sha256(f"{random_state}\x1f{customer_id}".encode()).digest()
        drawn = int.from_bytes(digest[:7], "big") / 2.0**56
        place = min(int(np.searchsorted(np.cumsum(chances), drawn, side="right")), len(chances) - 1)
        return Choice(customer_id, segment, self.actions[place], float(chances[place]))


def learn_policy(
    tallies: Sequence[Tally],
    *,
    segments: Sequence[str],
    actions: Sequence[str],
    floor: float = FLOOR,
    random_state: int = 0,
) -> Policy:
    """Thompson sampling with chances that are computed, so that they can be logged.

    An action's rate in a segment has a beta distribution: the segment's own outcomes after what all
    segments together say of the action, which weighs as much as 20 people. An action's chance is that
    of being the best, by simulation, but for the tenth of customers whose action is drawn evenly.

    Parameters
    ----------
    tallies : sequence of Tally
        Those of one segment and action are added up.
    segments : sequence of str
    actions : sequence of str
        "do nothing" is added if it is missing.
    floor : float
        Share of evenly drawn customers, above 0 to 1.
    random_state : int

    Returns
    -------
    Policy

    Raises
    ------
    ParameterError
        If the floor is outside its range.
    InputError
        If a tally is of no known segment or action, or more converted than were tried.

    References
    ----------
    .. [1] Thompson (1933). On the likelihood that one unknown probability exceeds another. Biometrika
       25: 285-294.
    .. [2] Russo, Van Roy, Kazerouni, Osband, Wen (2018). A tutorial on Thompson sampling. Foundations
       and Trends in Machine Learning 11(1): 1-96.
    """
    if not 0.0 < floor <= 1.0:
        raise ParameterError(f"A share of {floor!r} cannot be drawn evenly", where="floor", to_do="Use 0.1")
    arms = (NOTHING, *(action for action in dict.fromkeys(actions) if action != NOTHING))
    places = tuple(dict.fromkeys(segments))
    n, converted = _counts(tallies, segments=places, actions=arms)
    # One success and one failure over all: the flat prior of the global arm.
    overall = (converted.sum(axis=0) + 1.0) / (n.sum(axis=0) + 2.0)
    a = converted + PRIOR_PEOPLE * overall
    b = n - converted + PRIOR_PEOPLE * (1.0 - overall)
    drawn = np.random.default_rng(random_state).beta(a, b, size=(N_DRAWS, *a.shape))
    best = np.eye(len(arms))[drawn.argmax(axis=2)].mean(axis=0)
    propensities = (1.0 - floor) * best + floor / len(arms)
    return Policy(places, arms, propensities, a / (a + b))


def _counts(
    tallies: Sequence[Tally], *, segments: Sequence[str], actions: Sequence[str]
) -> tuple[Floats, Floats]:
    n, converted = (np.zeros((len(segments), len(actions))) for _ in range(2))
    for tally in tallies:
        if tally.segment not in segments or tally.action not in actions:
            raise InputError(
                f"Nobody asked about {tally.action!r} in segment {tally.segment!r}", where="tallies"
            )
        if not 0 <= tally.n_converted <= tally.n:
            raise InputError(f"{tally.n_converted} of {tally.n} cannot have converted", where="tallies")
        place = segments.index(tally.segment), actions.index(tally.action)
        n[place] += tally.n
        converted[place] += tally.n_converted
    return n, converted
