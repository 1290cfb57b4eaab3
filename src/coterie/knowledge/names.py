"""Names a marketer would use: the segment's role for the business, then what makes it unlike its like."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureSpec, FeatureTable
from coterie.knowledge.traits import MIN_KNOWN_SHARE, STRONG_EFFECT, Effects, Trait, cliffs_delta
from coterie.knowledge.wording import having, high_or_low, label, reads_by_itself, sentence_case

MAX_NAME = 40
"""Characters: more does not fit a chart legend."""

HOLDS_FOR_MEMBERS = 0.70
HOLDS_FOR_REST = 0.40
"""A trait in a name holds for at least this share of members and for less than that of all others."""

EVERYONE = "Everyone"
TYPICAL = "Typical customers"

ROLES: Mapping[str, tuple[float, float, float]] = {
    "Champions": (0.88, 0.92, 0.92),
    "Loyal": (0.60, 0.80, 0.78),
    "Big spenders": (0.55, 0.50, 0.90),
    "New": (0.92, 0.22, 0.22),
    "Promising": (0.72, 0.42, 0.38),
    "Potential loyalists": (0.75, 0.62, 0.60),
    "Need attention": (0.45, 0.55, 0.55),
    "About to sleep": (0.45, 0.25, 0.28),
    "At risk": (0.22, 0.72, 0.72),
    "Hibernating": (0.28, 0.30, 0.30),
    "Lost": (0.10, 0.22, 0.20),
}
"""Where the median member of a role stands among all customers (0 lowest, 1 best) in recency, number of
orders and spend. Our own reading of the R x F groups."""

NEARLY_AS_NEAR = 0.15
"""How much further a role may be than the nearest one, if that lets two segments have different roles."""

FAR = 100.0
"""Cost of a role that is not nearly as near: more than all others together."""

CLOSE = 0.1
"""Segments that stand nearer to each other than this are in the same place on the map of roles."""

_Labels = npt.NDArray[np.int32]


def segment_names(effects: Effects, labels: _Labels) -> dict[int, str]:
    """A unique name of at most 40 characters for every segment.

    Parameters
    ----------
    effects : Effects of the n customers
    labels : ndarray of shape (n,), int32

    Returns
    -------
    dict of str by segment id
        Same table and labels, same names.
    """
    ids = sorted(set(labels[labels >= 0].tolist()))
    if len(ids) < 2:
        return dict.fromkeys(ids, EVERYONE)
    roles = _roles(effects.table, labels, ids)
    names: dict[int, str] = {}
    for i in ids:
        alike = [other for other in ids if roles[other] == roles[i]]
        options = _options(
            roles[i],
            _phrases(effects, effects.traits(i, labels == i)),
            alone=len(alike) == 1,
            contrasts=_contrasts(effects.table, labels, segment_id=i, alike=alike),
        )
        taken = set(names.values())
        names[i] = next(name for name in options if len(name) <= MAX_NAME and name not in taken)
    return names


def _roles(table: FeatureTable, labels: _Labels, ids: Sequence[int]) -> dict[int, str]:
    """The role of each segment; "" without orders, or if all segments would share one."""
    if not {"recency_days", "n_orders", "monetary"} <= set(table.X.columns):
        return dict.fromkeys(ids, "")
    stands = np.array([_standing(table, labels == i) for i in ids])
    distances = np.linalg.norm(stands[:, None, :] - np.array(list(ROLES.values()))[None, :, :], axis=2)
    if len(set(distances.argmin(axis=1).tolist())) < 2:
        return dict.fromkeys(ids, "")
    names = list(ROLES)
    return {i: names[role] for i, role in zip(ids, _cast(stands, distances), strict=True)}


def _cast(stands: npt.NDArray[np.float64], distances: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """The nearest role of each segment, or one nearly as near that no other segment has.

    Segments of the same nearest role that stand close together keep it: their role is the same.
    """
    from scipy.optimize import linear_sum_assignment

    nearest = np.asarray(distances.argmin(axis=1), dtype=np.intp)
    roles = nearest.copy()
    near = distances <= distances.min(axis=1, keepdims=True) + NEARLY_AS_NEAR
    for i, role in zip(*linear_sum_assignment(np.where(near, distances, FAR)), strict=True):
        rivals = (nearest == nearest[i]) & (np.arange(len(nearest)) != i)
        apart = np.linalg.norm(stands[rivals] - stands[i], axis=1)
        if near[i, role] and (apart >= CLOSE).all():
            roles[i] = role
    return roles


def _standing(table: FeatureTable, member: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    """Where the median member stands among all buyers in recency (latest best), orders and spend."""
    position = partial(_position, table, among=~table.no_net_spend, member=member)
    return 1 - position("recency_days"), position("n_orders"), position("monetary")


def _position(
    table: FeatureTable, feature: str, *, among: npt.NDArray[np.bool_], member: npt.NDArray[np.bool_]
) -> float:
    """Share of customers below the members' median, equal ones counted half; in the middle if unknown."""
    values, known = table.X[feature].to_numpy(dtype=np.float64), table.known(feature)
    if not (member & known).any():
        return 0.5
    median = np.median(values[member & known])
    others = values[among & known] if (among & known).any() else values[known]
    return float((others < median).mean() + (others == median).mean() / 2)


def _phrases(effects: Effects, traits: Sequence[Trait]) -> tuple[str, ...]:
    """What may be said in a name: strong effects that hold for most members and few others."""
    fit = [
        trait
        for trait in traits
        if abs(trait.delta) >= STRONG_EFFECT
        and trait.member_share >= HOLDS_FOR_MEMBERS
        and trait.rest_share < HOLDS_FOR_REST
        and _sayable(effects.table, trait)
    ]
    return tuple(phrase(effects.table, trait) for trait in effects.distinct(fit))


def _sayable(table: FeatureTable, trait: Trait) -> bool:
    """Not having a level, and having the one that stands for a missing value, make no name."""
    spec = table.spec(trait.feature)
    return spec.kind == "number" or (trait.condition.op == "==" and trait.condition.value != spec.fill)


def phrase(table: FeatureTable, trait: Trait) -> str:
    """Two or three words for a trait: "big baskets", "contract two year"."""
    spec, high = table.spec(trait.feature), trait.condition.op == ">"
    if spec.kind == "category":
        return having(spec, str(trait.condition.value))
    if set(table.X[spec.name][table.known(spec.name)].unique()) <= {0.0, 1.0}:
        return having(spec, "yes" if high else "no")
    return high_or_low(spec, high=high)


def _contrasts(
    table: FeatureTable, labels: _Labels, *, segment_id: int, alike: Sequence[int]
) -> tuple[str, ...]:
    """Numbers in which a segment stands clearly above or below the others of its role."""
    from scipy.stats import rankdata

    if len(alike) < 2:
        return ()
    words = []
    for spec in _compared(table):
        pool = np.isin(labels, alike) & table.known(spec.name)
        if (pool & (labels == segment_id)).sum() < MIN_KNOWN_SHARE * (labels == segment_id).sum():
            continue
        ranks = rankdata(table.X[spec.name].to_numpy(dtype=np.float64)[pool])
        delta = cliffs_delta(ranks, labels[pool] == segment_id)
        if abs(delta) >= STRONG_EFFECT:
            words.append(f"{'higher' if delta > 0 else 'lower'} {label(spec)}")
    return tuple(words)


def _compared(table: FeatureTable) -> list[FeatureSpec]:
    """Numbers that read well after "higher", spend first."""
    plain = [spec for spec in table.specs if spec.kind == "number" and not reads_by_itself(spec)]
    return sorted(plain, key=lambda spec: (spec.name != "monetary", spec.name not in table.defaults))


def _options(role: str, phrases: Sequence[str], *, alone: bool, contrasts: Sequence[str]) -> Iterator[str]:
    """Names from best to worst; the last ones never run out."""
    if role and alone:
        yield role
    single = [(one,) for one in phrases]
    double = [(one, other) for i, one in enumerate(phrases) for other in phrases[i + 1 :]]
    for said in single + double if role else double + single:
        yield _joined(role, *said)
    base = role or (phrases[0] if phrases else TYPICAL)
    if not role:
        yield _joined(base)
    for contrast in contrasts:
        yield _joined(base, contrast)
    base = base[: MAX_NAME - 10].rstrip()
    yield _joined(base)
    yield from (f"{_joined(base)} {letters}" for letters in _letters())


def _joined(*parts: str) -> str:
    return sentence_case(", ".join(part for part in parts if part))


def _letters() -> Iterator[str]:
    length = 1
    while True:
        for number in range(26**length):
            digits = [number // 26**place % 26 for place in reversed(range(length))]
            yield "".join(string.ascii_uppercase[digit] for digit in digits)
        length += 1
