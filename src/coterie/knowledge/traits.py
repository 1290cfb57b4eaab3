"""What sets the members of a segment apart from everybody else, by size of the effect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable, Predicate, percent
from coterie.knowledge.cuts import Column, take
from coterie.knowledge.wording import category_sentence, figure, number_sentence
from coterie.prediction.lift import shrunk_lift

if TYPE_CHECKING:
    import pandas as pd

MAX_TRAITS = 5
SMALL_EFFECT = 0.147
STRONG_EFFECT = 0.33
"""Romano et al. (2006): |delta| below .147 is negligible, from .33 on medium. No name rests on less."""

MIN_LIFT = 1.2
MAX_CORRELATION = 0.8
"""A trait whose feature runs with that of a stronger one, by rank, or that holds for the same customers
tells the same story twice."""

CLOSE = 0.05
"""A trait about buying goes before one of another kind whose effect is larger by no more than this."""

BUYING = "transactions"
"""Source of the features made of orders."""

MIN_KNOWN_SHARE = 0.5
"""What is known of fewer members says nothing of the segment."""


@dataclass(frozen=True)
class Trait:
    """One way in which members differ from all other customers, among those whose value is known.

    Attributes
    ----------
    segment_id : int
    feature : str
    condition : Predicate
        The cut at which members and others differ most; for a category, the level.
    delta : float, -1 to 1
        Cliff's delta of members against all others; for a level the difference of its shares, which is
        Cliff's delta of having it.
    log_lift : float or None
        For a level: log of its share among members over its share among all, shrunk.
    member_share, rest_share : float, 0-1
        Share of members, and of all others, for whom the condition holds.
    words : str
    """

    segment_id: int
    feature: str
    condition: Predicate
    delta: float
    log_lift: float | None
    member_share: float
    rest_share: float
    words: str


def cliffs_delta(ranks: npt.NDArray[np.float64], member: npt.NDArray[np.bool_]) -> float:
    """P(a member is above another customer) - P(it is below), over all pairs.

    Parameters
    ----------
    ranks : ndarray of shape (n_customers,), float64
        Average ranks of the values (``scipy.stats.rankdata``), 1 to n.
    member : ndarray of shape (n_customers,), bool

    Returns
    -------
    float
        Between -1 and 1; 0 if one side is empty.

    References
    ----------
    .. [1] Cliff (1993). Dominance statistics. Psychological Bulletin 114(3), through the rank-sum identity
       delta = 2 U / (n_members n_others) - 1.
    """
    n_members = int(member.sum())
    n_others = len(member) - n_members
    if not n_members or not n_others:
        return 0.0
    u = float(ranks[member].sum()) - n_members * (n_members + 1) / 2
    return 2 * u / (n_members * n_others) - 1


@dataclass(frozen=True)
class Effects:
    """Ranks (nan where the value is not known) and codes of all features, for all segments at once."""

    table: FeatureTable
    columns: tuple[Column, ...]
    ranks: pd.DataFrame
    correlation: pd.DataFrame

    @classmethod
    def of(cls, table: FeatureTable, columns: Sequence[Column]) -> Effects:
        """Rank every number of the table."""
        numbers = [column.feature for column in columns if column.kind == "number"]
        known = {name: table.X[name].where(table.known(name)) for name in numbers}
        ranks = table.columns(numbers).assign(**known).rank(method="average")
        return cls(table, tuple(columns), ranks, ranks.corr())

    def traits(self, segment_id: int, member: npt.NDArray[np.bool_]) -> tuple[Trait, ...]:
        """All traits of a segment that are not negligible, strongest first, what they buy before the like."""
        if member.all() or not member.any():
            return ()
        found = [
            trait for column in self.columns for trait in self._of_column(segment_id, column, member=member)
        ]
        return tuple(sorted((t for t in found if abs(t.delta) >= SMALL_EFFECT), key=self._by_strength))

    def _by_strength(self, trait: Trait) -> tuple[float, bool, int, str, str]:
        """Strongest first, buying given `CLOSE` in advance; then having a level, then the shorter one."""
        ahead = CLOSE if self.table.spec(trait.feature).source.startswith(BUYING) else 0.0
        value = str(trait.condition.value)
        strength = round(abs(trait.delta) + ahead, 9)
        return -strength, trait.condition.op == "!=", len(value), trait.feature, value

    def distinct(self, traits: Sequence[Trait]) -> tuple[Trait, ...]:
        """The strongest few, none of them the shadow of a stronger one."""
        kept: list[Trait] = []
        held: list[npt.NDArray[np.bool_]] = []
        for trait in traits:
            holds = trait.condition.mask(self.table.X) & self.table.known(trait.feature)
            if any(self._alike(trait, other) for other in kept) or any(
                _overlap(holds, other) for other in held
            ):
                continue
            kept.append(trait)
            held.append(holds)
            if len(kept) == MAX_TRAITS:
                break
        return tuple(kept)

    def _alike(self, one: Trait, other: Trait) -> bool:
        """Whether two traits speak of the same feature or of two that rise together."""
        if one.feature == other.feature:
            return True
        if one.feature not in self.ranks or other.feature not in self.ranks:
            return False
        return bool(abs(self.correlation[one.feature][other.feature]) > MAX_CORRELATION)

    def _of_column(
        self, segment_id: int, column: Column, *, member: npt.NDArray[np.bool_]
    ) -> tuple[Trait, ...]:
        """The traits in one feature, of the customers of whom it is known."""
        known = self.table.known(column.feature)
        own, others = int((member & known).sum()), int((~member & known).sum())
        if own < MIN_KNOWN_SHARE * member.sum() or not own or not others:
            return ()
        (seen,) = take([column], np.flatnonzero(known))
        if column.kind == "number":
            return self._number_trait(segment_id, seen, member=member[known])
        return self._level_traits(segment_id, seen, member=member[known])

    def _number_trait(
        self, segment_id: int, column: Column, *, member: npt.NDArray[np.bool_]
    ) -> tuple[Trait, ...]:
        known = self.table.known(column.feature)
        delta = cliffs_delta(self.ranks[column.feature].to_numpy()[known], member)
        n_low, n_low_all = column.low_sums(column.codes[member]), column.low_sums(column.codes)
        n_members, n_others = int(member.sum()), int((~member).sum())
        low_member, low_rest = n_low / n_members, (n_low_all - n_low) / n_others
        high = delta > 0
        cut = int(np.argmax(low_rest - low_member if high else low_member - low_rest))
        condition = column.high_side(cut) if high else column.low_side(cut)
        shares = (
            float(1 - low_member[cut] if high else low_member[cut]),
            float(1 - low_rest[cut] if high else low_rest[cut]),
        )
        words = self._number_words(column.feature, condition, member=member, shares=shares)
        return (Trait(segment_id, column.feature, condition, delta, None, *shares, words=words),)

    def _number_words(
        self,
        feature: str,
        condition: Predicate,
        *,
        member: npt.NDArray[np.bool_],
        shares: tuple[float, float],
    ) -> str:
        """The two medians; where they are the same, how many are beyond the cut."""
        spec, currency = self.table.spec(feature), _currency(self.table)
        values = self.table.X[feature].to_numpy(dtype=np.float64)[self.table.known(feature)]
        own, everyone = float(np.median(values[member])), float(np.median(values))
        if figure(own, spec.unit) != figure(everyone, spec.unit):
            return number_sentence(spec, own, everyone=everyone, currency=currency)
        said = condition.words(spec, currency, whole=self.table.whole(feature))
        return f"{said}: {percent(shares[0])} (all others: {percent(shares[1])})"

    def _level_traits(
        self, segment_id: int, column: Column, *, member: npt.NDArray[np.bool_]
    ) -> tuple[Trait, ...]:
        n_members, n = int(member.sum()), len(member)
        with_level = np.bincount(column.codes[member], minlength=column.n_cuts + 1)[: column.n_cuts]
        in_all = np.bincount(column.codes, minlength=column.n_cuts + 1)[: column.n_cuts]
        lifts = shrunk_lift(with_level, n_members, share_of_all=np.maximum(in_all, 1) / n)
        traits = []
        for position in np.flatnonzero(in_all).tolist():
            level = column.levels[position]
            share = with_level[position] / n_members
            rest = (in_all[position] - with_level[position]) / (n - n_members)
            everyone = in_all[position] / n
            lift = float(lifts[position])
            if max(lift, 1 / lift) < MIN_LIFT:
                continue
            has = lift > 1
            traits.append(
                Trait(
                    segment_id,
                    column.feature,
                    column.high_side(position) if has else column.low_side(position),
                    float(share - rest),
                    math.log(lift),
                    member_share=float(share if has else 1 - share),
                    rest_share=float(rest if has else 1 - rest),
                    words=category_sentence(self.table.spec(column.feature), level, shares=(share, everyone)),
                )
            )
        return tuple(traits)


def _overlap(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> bool:
    """Whether two conditions hold for much the same customers (their phi coefficient)."""
    p, q = one.mean(), other.mean()
    spread = float(np.sqrt(p * (1 - p) * q * (1 - q)))
    return spread > 0 and abs(float((one & other).mean() - p * q)) > MAX_CORRELATION * spread


def _currency(table: FeatureTable) -> str | None:
    return table.dataset.currency if table.dataset is not None else None
