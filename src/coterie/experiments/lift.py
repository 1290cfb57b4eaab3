"""What a campaign proved: the treated against those held out, everybody as they were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from coterie.errors import TooFewCustomersError
from coterie.experiments.campaign import Campaign
from coterie.experiments.intervals import Interval, interval, mean_difference, rate_difference, relative_lift
from coterie.experiments.outcomes import Floats, Outcomes, matched
from coterie.experiments.power import detectable_effect
from coterie.experiments.sequential import SequentialReading, read_daily
from coterie.features import counted, percent

if TYPE_CHECKING:
    import pandas as pd

WORKED, NOT_SHOWN, HARMED, EARLY = "worked", "did not show", "harmed", "too early"

LEAST_GROUP = 2
"""People a group needs for an interval."""
LEAST_CONVERTED = 5
"""Of those held out, before a ratio to their rate is told: its interval failed below that in simulations."""


@dataclass(frozen=True)
class Lift:
    """The effect of a campaign on all it meant to treat, reached or not (intention to treat).

    Attributes
    ----------
    n_treated, n_control : int
    treated_rate, control_rate : float
        Share that converted.
    difference : Interval
        Of the rates, in shares.
    relative : Interval or None
        0.2 is a fifth more; None if fewer than five of those held out converted.
    spend : Interval or None
        Difference per person; None if the outcomes hold no value.
    conversions : Interval
        People who converted because of it, among the treated.
    orders, money : Interval or None
        Orders and spend it brought among the treated; None if the outcomes do not tell.
    sequential : SequentialReading or None
        None if the outcomes hold no days.
    verdict : str
        "worked", "did not show", "harmed" or "too early".
    reason : str
    is_final : bool
        The window is over.
    n_absent, n_strangers, n_contaminated : int
        Members without an outcome; outcomes of others; held out people who were treated nevertheless.
    notes : tuple of str
    """

    n_treated: int
    n_control: int
    treated_rate: float
    control_rate: float
    difference: Interval
    relative: Interval | None
    spend: Interval | None
    conversions: Interval
    orders: Interval | None
    money: Interval | None
    sequential: SequentialReading | None
    verdict: str
    reason: str
    is_final: bool
    n_absent: int
    n_strangers: int
    n_contaminated: int
    notes: tuple[str, ...]


def measure(
    campaign: Campaign,
    outcomes: pd.DataFrame,
    *,
    as_of: date | None = None,
    others: Sequence[Campaign] = (),
) -> Lift:
    """Compare the treated with those held out.

    Parameters
    ----------
    campaign : Campaign
    outcomes : DataFrame
        customer_id, converted (0 / 1) or value; optional n_orders, at (day of the first conversion),
        contacted (0 / 1). Members without a row did not convert. See also `outcomes_from_orders`.
    as_of : date, optional
        The outcomes are complete up to the end of the day before. By default the window is over.
    others : sequence of Campaign
        Whoever they treated during the window is no clean comparison; counted, not left out.

    Returns
    -------
    Lift
        After the window the interval of the rates decides, looked at once. Before, only the sequential
        reading may decide, however often it is looked at. Each calls a winner where there is none in at
        most 5 of 100 campaigns; acting on whichever speaks first can err more often, up to 10 of 100.

    Raises
    ------
    SchemaError
        If the outcomes cannot be read.
    TooFewCustomersError
        If fewer than two people were treated or held out.
    """
    found = matched(campaign, outcomes)
    n_treated, n_control = int(found.treated.sum()), int((~found.treated).sum())
    if min(n_treated, n_control) < LEAST_GROUP:
        raise TooFewCustomersError(
            f"Nothing can be compared: {n_treated:,} treated, {n_control:,} held out",
            where=campaign.plan.name, to_do="Hold out at least two people of a larger audience",
        )  # fmt: skip
    groups = [(int(found.converted[own].sum()), int(own.sum())) for own in (found.treated, ~found.treated)]
    difference = interval(rate_difference(*groups))
    spend, orders = (_mean_difference(found, values) for values in (found.value, found.n_orders))
    sequential = _sequential(campaign, found)
    is_over = as_of is None or as_of >= campaign.plan.end
    verdict, reason = (
        _final(difference, groups) if is_over else _interim(sequential, campaign.plan.end.isoformat())
    )
    n_contaminated = _contaminated(campaign, found, others=others)
    return Lift(
        n_treated=n_treated,
        n_control=n_control,
        treated_rate=groups[0][0] / n_treated,
        control_rate=groups[1][0] / n_control,
        difference=difference,
        relative=interval(relative_lift(*groups)) if groups[1][0] >= LEAST_CONVERTED else None,
        spend=spend,
        conversions=difference.times(n_treated),
        orders=orders and orders.times(n_treated),
        money=spend and spend.times(n_treated),
        sequential=sequential,
        verdict=verdict,
        reason=reason,
        is_final=is_over,
        n_absent=found.n_absent,
        n_strangers=found.n_strangers,
        n_contaminated=n_contaminated,
        notes=_notes(found, n_contaminated, n_control=n_control),
    )


def _mean_difference(found: Outcomes, values: Floats | None) -> Interval | None:
    if values is None:
        return None
    return interval(mean_difference(values[found.treated], values[~found.treated]))


def _sequential(campaign: Campaign, found: Outcomes) -> SequentialReading | None:
    """The conversions day by day, those of one day in an order drawn by hash."""
    if found.at is None or np.isnat(found.at[found.converted]).any():
        return None
    rows = np.flatnonzero(found.converted)
    drawn = [sha256(campaign.members[i].customer_id.encode()).hexdigest() for i in rows]
    rows = rows[np.lexsort((np.array(drawn), found.at[rows].astype(np.int64)))]
    n_treated = int(found.treated.sum())
    return read_daily(
        found.at[rows].tolist(),
        found.treated[rows],
        n_treated=n_treated,
        n_control=len(found.treated) - n_treated,
    )


def _contaminated(campaign: Campaign, found: Outcomes, *, others: Sequence[Campaign]) -> int:
    plan = campaign.plan
    treated = {
        customer_id
        for other in others
        if other.plan != plan and plan.start <= other.plan.start < plan.end
        for customer_id in other.treatment
    }
    elsewhere = np.array([member.customer_id in treated for member in campaign.members], dtype=bool)
    return int((~found.treated & (found.contacted | elsewhere)).sum())


def _final(difference: Interval, groups: Sequence[tuple[int, int]]) -> tuple[str, str]:
    """The verdict of a single look after the window."""
    told = f"{_points(difference.low)} to {_points(difference.high)} points"
    if difference.low > 0:
        return WORKED, f"The whole range of the effect, {told}, lies above zero."
    if difference.high < 0:
        return HARMED, f"The whole range of the effect, {told}, lies below zero."
    (_, n_treated), (converted, n_control) = groups
    least = detectable_effect(n_treated, n_control, base_rate=converted / n_control)
    could = (
        f"only {_points(least)} points or more could be detected" if least else "no rise could be detected"
    )
    return NOT_SHOWN, f"The range of the effect, {told}, includes zero; {could}."


def _interim(reading: SequentialReading | None, end: str) -> tuple[str, str]:
    """The verdict of one of many looks while the window is open."""
    if reading is None:
        return EARLY, f"The window is open until {end}, and without days of conversion no early look is safe."
    if reading.low > 1.0:
        return (
            WORKED,
            f"So far the treated convert at least {reading.low:.2f} times as fast, safe to say early.",
        )
    if reading.high is not None and reading.high < 1.0:
        return (
            HARMED,
            f"So far the treated convert at most {reading.high:.2f} times as fast, safe to say early.",
        )
    n = "no conversions" if reading.pace is None else "the conversions"
    return EARLY, f"The window is open until {end}, and {n} so far decide nothing."


def _notes(found: Outcomes, n_contaminated: int, *, n_control: int) -> tuple[str, ...]:
    notes = []
    if found.n_absent:
        notes.append(f"{counted(found.n_absent, 'member')} without an outcome counted as not converted.")
    if found.n_strangers:
        notes.append(f"Outcomes of {counted(found.n_strangers, 'customer')} outside the campaign ignored.")
    if found.n_outside:
        notes.append(f"Outcomes outside the window ignored: {counted(found.n_outside, 'row')}.")
    if n_contaminated:
        notes.append(
            f"{counted(n_contaminated, 'held out customer')} ({percent(n_contaminated / n_control)}) treated "
            "nevertheless: the effect is likely to be understated."
        )
    if found.value is None:
        notes.append("No spend is known: the outcomes have no column value.")
    return tuple(notes)


def _points(share: float) -> str:
    return f"{100.0 * share:.1f}".replace("-0.0", "0.0")
