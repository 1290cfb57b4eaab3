"""From a list of customers to a campaign: who may be treated, who fits, and who is held out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import SchemaError, TooFewCustomersError
from coterie.experiments.campaign import Campaign, CampaignPlan, Member

if TYPE_CHECKING:
    import pandas as pd

SAID_NO, UNKNOWN, UNREACHABLE = "said no", "consent unknown", "unreachable"
LATELY, OVER = "treated lately", "over capacity"

_YES = frozenset({"true", "yes", "y", "1", "1.0"})
_NO = frozenset({"false", "no", "n", "0", "0.0"})

Draw = Callable[[str], float]


def plan_campaign(
    customers: pd.DataFrame,
    plan: CampaignPlan,
    *,
    earlier: Sequence[Campaign] = (),
    base_rate: float | None = None,
) -> Campaign:
    """Freeze an audience and draw its holdout.

    Parameters
    ----------
    customers : DataFrame, one row a customer
        customer_id, and as far as known: consent (yes / no; anything else is unknown), reachable
        (yes / no), reason (why they are asked), segment, priority (higher goes first).
    plan : CampaignPlan
    earlier : sequence of Campaign
        Whose treated customers are left out during the cooldown.
    base_rate : float, optional
        Share expected to convert without the action; gives the smallest detectable effect.

    Returns
    -------
    Campaign
        The same for the same customers in whatever order: chance is a hash of the ids.

    Raises
    ------
    SchemaError
        If there is no customer_id, or it is missing in a row or the same in two.
    TooFewCustomersError
        If nobody is left.

    Notes
    -----
    Who is left out is counted once, by the first reason of: said no, consent unknown, unreachable,
    treated lately, over capacity. Of equal priorities the lower id goes first; without
    any priority chance decides.
    """
    ids = _ids(customers)
    draw = _draw(plan)
    left_out: dict[str, int] = {}
    kept = np.ones(len(ids), dtype=bool)
    for reason, refused in _refusals(customers, ids, plan=plan, earlier=earlier):
        left_out[reason] = int((kept & refused).sum())
        kept &= ~refused
    rows = np.flatnonzero(kept)
    if plan.capacity is not None:
        rows = rows[_first(customers.iloc[rows], ids[rows], draw=draw)]
        left_out[OVER] = max(len(rows) - plan.capacity, 0)
        rows = rows[: plan.capacity]
    left_out = {reason: n for reason, n in left_out.items() if n}
    if not len(rows):
        told = ", ".join(f"{n:,} {reason}" for reason, n in left_out.items()) or "the list is empty"
        raise TooFewCustomersError(f"Nobody is left to treat: {told}", where=plan.name)
    rows = rows[np.argsort(ids[rows])]
    members = _members(customers.iloc[rows], ids[rows], plan=plan, draw=draw)
    return Campaign(plan, len(ids), left_out, members, base_rate)


def _ids(customers: pd.DataFrame) -> npt.NDArray[np.object_]:
    if "customer_id" not in customers.columns:
        raise SchemaError("The list has no column customer_id", to_do="Name the column with the customers")
    column = customers["customer_id"]
    if column.isna().any() or column.astype(str).duplicated().any():
        raise SchemaError(
            "A customer is missing or stands in more than one row", where="customer_id",
            to_do="Give one row a customer",
        )  # fmt: skip
    return column.astype(str).to_numpy(dtype=object)


def _draw(plan: CampaignPlan) -> Draw:
    """A number in [0, 1) for every text, fixed by the campaign."""

    def number(text: str) -> float:
        digest = sha256(f"{plan.random_state}\x1f{plan.name}\x1f{text}".encode()).digest()
        return int.from_bytes(digest[:7], "big") / 2.0**56

    return number


def _refusals(
    customers: pd.DataFrame,
    ids: npt.NDArray[np.object_],
    *,
    plan: CampaignPlan,
    earlier: Sequence[Campaign],
) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    yes, no = _said(customers, "consent")
    yield SAID_NO, no
    yield UNKNOWN, np.zeros(len(ids), dtype=bool) if plan.consent_confirmed else ~yes
    yield UNREACHABLE, _said(customers, "reachable")[1]
    near = [c for c in earlier if abs((plan.start - c.plan.start).days) < plan.cooldown_days]
    lately = {customer_id for campaign in near for customer_id in campaign.treatment}
    yield LATELY, np.array([customer_id in lately for customer_id in ids], dtype=bool)


def _said(customers: pd.DataFrame, column: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Who has a yes and who a no in a column; neither where it is missing or says something else."""
    if column not in customers.columns:
        return np.zeros(len(customers), dtype=bool), np.zeros(len(customers), dtype=bool)
    words = [str(value).strip().lower() for value in customers[column]]
    return np.array([w in _YES for w in words], dtype=bool), np.array([w in _NO for w in words], dtype=bool)


def _first(customers: pd.DataFrame, ids: npt.NDArray[np.object_], *, draw: Draw) -> npt.NDArray[np.intp]:
    """The order in which customers get a place."""
    if "priority" not in customers.columns:
        return np.argsort([draw(f"place\x1f{customer_id}") for customer_id in ids])
    priority = customers["priority"].to_numpy(dtype=np.float64)
    by_id = np.argsort(ids)
    return by_id[np.argsort(np.where(np.isnan(priority), np.inf, -priority)[by_id], kind="stable")]


def _members(
    customers: pd.DataFrame, ids: npt.NDArray[np.object_], *, plan: CampaignPlan, draw: Draw
) -> tuple[Member, ...]:
    segments, reasons = _texts(customers, "segment"), _texts(customers, "reason")
    strata = segments if plan.stratified else [""] * len(ids)
    held = _held_out(ids, strata, share=plan.holdout, draw=draw)
    rows = zip(ids, reasons, segments, held, strict=True)
    return tuple(Member(str(i), reason, segment, not out) for i, reason, segment, out in rows)


def _texts(customers: pd.DataFrame, column: str) -> list[str]:
    if column not in customers.columns:
        return [""] * len(customers)
    return [str(text) for text in customers[column].astype(object).where(customers[column].notna(), "")]


def _held_out(
    ids: npt.NDArray[np.object_], strata: Sequence[str], *, share: float, draw: Draw
) -> npt.NDArray[np.bool_]:
    """Who is held out: a random draw by hash, of an exact size, evenly over the strata.

    Within a stratum of n people everybody gets a place (rank + u) / n, u drawn once a stratum; the lowest
    places of all strata are held out. So a stratum gives its share to within one person, and one of a
    single person is still held out by chance.
    """
    n_held = round(share * len(ids))
    drawn = np.array([draw(str(customer_id)) for customer_id in ids])
    names = np.array(strata, dtype=object)
    place = np.empty(len(ids))
    for name in sorted(set(strata)):
        own = np.flatnonzero(names == name)
        rank = np.argsort(np.argsort(drawn[own], kind="stable"), kind="stable")
        place[own] = (rank + draw(f"stratum\x1f{name}")) / len(own)
    held = np.zeros(len(ids), dtype=bool)
    held[np.lexsort((drawn, place))[:n_held]] = True
    return held
