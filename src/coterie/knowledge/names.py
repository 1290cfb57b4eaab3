"""Names a marketer would use: the group its action is for, then what makes it unlike its like."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureSpec, FeatureTable, label
from coterie.knowledge.actions import recommend
from coterie.knowledge.traits import MIN_KNOWN_SHARE, STRONG_EFFECT, Effects, Trait, cliffs_delta
from coterie.knowledge.wording import having, high_or_low, reads_by_itself, sentence_case

MAX_NAME = 40
"""Characters: more does not fit a chart legend."""

HOLDS_FOR_MEMBERS = 0.70
HOLDS_FOR_REST = 0.40
"""A trait in a name holds for at least this share of members and for less than that of all others."""

EVERYONE = "Everyone"
TYPICAL = "Typical customers"

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
    roles = _roles(effects.table, labels, ids=ids)
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


def _roles(table: FeatureTable, labels: _Labels, *, ids: Sequence[int]) -> dict[int, str]:
    """The group each segment's action is for; "" without orders, or if all segments would share one."""
    actions = recommend(table, labels)
    roles = {i: actions[i].name if i in actions else "" for i in ids}
    return roles if len(set(roles.values())) > 1 else dict.fromkeys(ids, "")


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
