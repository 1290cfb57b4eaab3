"""What to do about a segment: every candidate with what is known of its effect, and doing nothing beside it.

No effect is made up. Where this shop has measured an action by a holdout, that is the effect; where it has
not, the advice says how much effect would pay for the action, and whether a trial on these people could
show so small an effect at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.experiments import Evidence, detectable_effect, evidence_for, needed_sample, power_sentence
from coterie.features import FeatureTable, percent
from coterie.knowledge.playbooks import EVIDENCE_GRADE, EVIDENCE_MEANS, HOLDOUT_SHARE, OFFERS, Recommendation

if TYPE_CHECKING:
    from coterie.knowledge.card import Knowledge, Profile
    from coterie.prediction import Forecast
    from coterie.segmentation import Segmentation

NOTHING = "Do nothing"
SERVICE = "Mend the service first"
_CLEARLY_MORE = 1.5
_LEAST_MEMBERS = 30
_RATING_DROP = 0.3
"""Stars below the average of all at which the service is asked about before an offer is made."""


@dataclass(frozen=True)
class Advice:
    """One candidate for one segment.

    Attributes
    ----------
    segment_id : int
    action : str
        Name of the playbook, "Mend the service first" or "Do nothing".
    what : str
        What to do.
    channel, offer : str
        Empty where nothing is sent.
    products : tuple of str
        What to show, by name; those the segment over-buys.
    n_customers : int
    base_rate : float or None, 0-1
        Share expected to order in the horizon if nothing is done; None without a forecast.
    horizon_days : int or None
    evidence : Evidence
        Grade, effect with its range where one was measured, and a sentence.
    cost : float or None
        Of reaching everybody but those held out, in the shop's money; None where no price is given.
    pays_from : float or None
        The rise of the share who order at which the action pays for itself; None without a price.
    smallest_effect : float or None
        The smallest rise that this audience, `holdout_share` of it left alone, can detect; None if none.
    n_needed : int or None
        People a trial needs to detect the rise at which the action pays.
    expected_return : tuple of float or None
        Low, middle and high: money gained by all treated less the cost; None without a measured effect.
    risks : tuple of str
        What could go wrong.
    sentence : str
        The same in words.
    """

    segment_id: int
    action: str
    what: str
    channel: str
    offer: str
    products: tuple[str, ...]
    n_customers: int
    base_rate: float | None
    horizon_days: int | None
    evidence: Evidence
    cost: float | None
    pays_from: float | None
    smallest_effect: float | None
    n_needed: int | None
    expected_return: tuple[float, float, float] | None
    risks: tuple[str, ...]
    sentence: str
    holdout_share: float = HOLDOUT_SHARE


def advise(
    result: Segmentation,
    knowledge: Knowledge,
    *,
    forecast: Forecast | None = None,
    evidence: Sequence[Evidence] = (),
    prices: Mapping[str, float] | None = None,
) -> dict[int, tuple[Advice, ...]]:
    """Weigh what can be done about each segment.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge
        Of `result`.
    forecast : Forecast, optional
        Says what happens if nothing is done.
    evidence : sequence of Evidence
        Of earlier campaigns.
    prices : mapping of str to float, optional
        What an action costs per person treated, by its name.

    Returns
    -------
    dict of tuple of Advice by segment id
        The best first: measured ones by expected return, then the service, the playbook, doing nothing; doing
        nothing comes first where every measured action loses money.

    Raises
    ------
    ParameterError
        If a price is below zero.
    """
    costs = dict(prices or {})
    if any(not price >= 0.0 for price in costs.values()):
        raise ParameterError("A price per person is zero or more", where="prices")
    found = {}
    for profile in knowledge:
        audience = _audience(result, profile, forecast=forecast)
        candidates = _candidates(result.table, result.labels, profile=profile)
        weighed = [
            _weighed(one, audience, evidence=evidence, price=costs.get(one.action)) for one in candidates
        ]
        found[profile.segment_id] = _ranked(weighed)
    return found


@dataclass(frozen=True)
class _Audience:
    """The members of a segment as a trial sees them."""

    name: str
    n: int
    base_rate: float | None
    horizon_days: int | None
    value: float | None
    """Of an order."""


@dataclass(frozen=True)
class _Candidate:
    segment_id: int
    action: str
    what: str
    channel: str = ""
    offer: str = ""
    products: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    grade: str = EVIDENCE_GRADE


def _audience(result: Segmentation, profile: Profile, *, forecast: Forecast | None) -> _Audience:
    n, name = profile.n_customers, profile.name
    if forecast is None:
        return _Audience(name, n, None, None, None)
    members = result.table.customer_ids[result.labels == profile.segment_id]
    rows = forecast.customers[forecast.customers["customer_id"].isin(members)]
    orders = float(rows["expected_orders"].sum())
    value = float(rows["expected_spend"].sum()) / orders if orders else None
    rate = float(rows["p_active"].sum()) / n if n else None
    return _Audience(name, n, rate, forecast.horizon_days, value)


def _candidates(table: FeatureTable, labels: npt.NDArray[np.int32], *, profile: Profile) -> list[_Candidate]:
    found = [_Candidate(profile.segment_id, NOTHING, "Leave them alone and see", grade="own history")]
    if profile.action is not None:
        found.append(_playbook(profile, profile.action))
    sign = _service_sign(table, labels == profile.segment_id)
    if sign:
        found.append(
            _Candidate(
                profile.segment_id,
                SERVICE,
                f"{sign}: ask them why and mend the cause before an offer is made",
                channel="A short survey, a call if the value is high",
                risks=("Asking without mending anything makes it worse",),
                grade="own history",
            )
        )
    return found


def _playbook(profile: Profile, action: Recommendation) -> _Candidate:
    risks = [f"To avoid: {action.do_not[0].lower()}{action.do_not[1:]}"] if action.do_not else []
    if action.fit:
        risks.append(action.fit.rstrip("."))
    risks.append("Who would have ordered anyway gets the offer too; only the holdout tells")
    return _Candidate(
        profile.segment_id,
        action.name,
        action.strategy,
        channel=action.channel,
        offer=OFFERS[action.name],
        products=tuple(product.name for product in profile.products),
        risks=tuple(risks),
    )


def _service_sign(table: FeatureTable, members: npt.NDArray[np.bool_]) -> str:
    """What reviews or returns say against the service for these customers; empty if nothing does."""
    if members.sum() < _LEAST_MEMBERS:
        return ""
    if "return_share" in table.X.columns:
        values = table.X["return_share"].to_numpy(np.float64)
        own, everyone = float(values[members].mean()), float(values.mean())
        if everyone > 0 and own >= _CLEARLY_MORE * everyone:
            return f"They return {percent(own)} of what they buy, everyone {percent(everyone)}"
    if "mean_rating" in table.X.columns:
        known = table.known("mean_rating")
        if (known & members).sum() >= _LEAST_MEMBERS:
            values = table.X["mean_rating"].to_numpy(np.float64)
            own, everyone = float(values[known & members].mean()), float(values[known].mean())
            if own <= everyone - _RATING_DROP:
                return f"They rate {own:.1f} on average, everyone {everyone:.1f}"
    return ""


def _weighed(
    candidate: _Candidate, audience: _Audience, *, evidence: Sequence[Evidence], price: float | None
) -> Advice:
    """A candidate with its numbers."""
    if candidate.action == NOTHING:
        return _advice(candidate, audience, evidence=_nothing(audience), figures=_Figures())
    known = evidence_for(evidence, action=candidate.action, segment=audience.name) or _unmeasured(candidate)
    return _advice(candidate, audience, evidence=known, figures=_figures(audience, known, price=price))


@dataclass(frozen=True)
class _Figures:
    cost: float | None = None
    pays_from: float | None = None
    smallest_effect: float | None = None
    n_needed: int | None = None
    expected_return: tuple[float, float, float] | None = None


def _figures(audience: _Audience, known: Evidence, *, price: float | None) -> _Figures:
    n_control = round(HOLDOUT_SHARE * audience.n)
    n_treated = audience.n - n_control
    rate, value = audience.base_rate, audience.value
    pays_from = price / value if price is not None and value else None
    is_possible = rate is not None and pays_from and rate + pays_from <= 1.0
    cost = None if price is None else price * n_treated
    gained = None
    if known.effect is not None and known.low is not None and known.high is not None and value:
        low, middle, high = (
            n_treated * value * rise - (cost or 0.0) for rise in (known.low, known.effect, known.high)
        )
        gained = (low, middle, high)
    return _Figures(
        cost=cost,
        pays_from=pays_from,
        smallest_effect=None if rate is None else detectable_effect(n_treated, n_control, base_rate=rate),
        n_needed=needed_sample(pays_from, base_rate=rate) if is_possible and rate and pays_from else None,
        expected_return=gained,
    )


def _unmeasured(candidate: _Candidate) -> Evidence:
    """What is known of an action that this shop has not tried."""
    told = EVIDENCE_MEANS if candidate.grade == EVIDENCE_GRADE else "the shop's own numbers point to it"
    return Evidence(
        candidate.action,
        "",
        candidate.grade,
        None,
        None,
        None,
        n=0,
        date=None,
        sentence=f"{told[0].upper()}{told[1:]}.",
    )


def _nothing(audience: _Audience) -> Evidence:
    """Doing nothing has the effect of nothing; what comes then is what the forecast says."""
    told = "Whatever is done has to beat this"
    if audience.base_rate is not None:
        told = (
            f"{percent(audience.base_rate)} are expected to order in {audience.horizon_days} days anyway; "
            "whatever is done has to beat this"
        )
    return Evidence(NOTHING, audience.name, "own history", 0.0, 0.0, 0.0, audience.n, None, f"{told}.")


def _advice(candidate: _Candidate, audience: _Audience, *, evidence: Evidence, figures: _Figures) -> Advice:
    return Advice(
        segment_id=candidate.segment_id,
        action=candidate.action,
        what=candidate.what,
        channel=candidate.channel,
        offer=candidate.offer,
        products=candidate.products,
        n_customers=audience.n,
        base_rate=audience.base_rate,
        horizon_days=audience.horizon_days,
        evidence=evidence,
        cost=figures.cost,
        pays_from=figures.pays_from,
        smallest_effect=figures.smallest_effect,
        n_needed=figures.n_needed,
        expected_return=figures.expected_return,
        risks=candidate.risks,
        sentence=_sentence(candidate, audience, evidence=evidence, figures=figures),
    )


def _sentence(candidate: _Candidate, audience: _Audience, *, evidence: Evidence, figures: _Figures) -> str:
    said = [f"{candidate.what}.", evidence.sentence]
    if candidate.action != NOTHING:
        if figures.pays_from is not None:
            said.append(f"It pays from {100 * figures.pays_from:.1f} points more who order.")
        if audience.base_rate is not None:
            n_control = round(HOLDOUT_SHARE * audience.n)
            said.append(power_sentence(audience.n - n_control, n_control, base_rate=audience.base_rate))
        said.append(_too_small(figures))
    return " ".join(filter(None, said))


def _too_small(figures: _Figures) -> str:
    """Whether a trial on these people could tell that the action pays."""
    if figures.n_needed is None or figures.pays_from is None:
        return ""
    if figures.smallest_effect is not None and figures.smallest_effect <= figures.pays_from:
        return "A trial on these people can tell whether it pays."
    return (
        f"A trial needs {figures.n_needed:,} people to tell whether it pays: try it on several segments "
        "together, or for longer."
    )


def _ranked(found: list[Advice]) -> tuple[Advice, ...]:
    """Measured ones by what they bring, the others as a shopkeeper would try them, nothing in its place."""

    def key(one: Advice) -> tuple[int, float]:
        if one.expected_return is not None:
            return (0 if one.expected_return[1] > 0 else 3, -one.expected_return[1])
        return (2 if one.action == NOTHING else 1, 0.0 if one.action == SERVICE else 1.0)

    return tuple(sorted(found, key=key))
