"""Campaigns in words: what a form asks for, what a record tells, what an effect says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from flask import url_for

from coterie.errors import CoterieError, ParameterError
from coterie.web.figures import PICTURES, Figure, picture_size
from coterie.web.house import workspace

if TYPE_CHECKING:
    from coterie.experiments import CampaignPlan
    from coterie.workspace import CampaignRecord

VERDICTS = {
    "worked": "It worked",
    "did not show": "No effect could be shown",
    "harmed": "It did harm",
    "too early": "Too early to say",
}
MOST_NAME = 100


@dataclass(frozen=True)
class Audience:
    """What a campaign would be, or why it cannot be.

    Attributes
    ----------
    facts : dict or None
        See `CampaignRecord`.
    wrong : str
    """

    facts: dict[str, Any] | None
    wrong: str = ""


def first_values(segment: Mapping[str, Any]) -> dict[str, str]:
    """What a form begins with: the segment's playbook from today on.

    Parameters
    ----------
    segment : mapping
        Of page.json.

    Returns
    -------
    dict of str to str
    """
    from coterie.experiments.campaign import COOLDOWN_DAYS, WINDOW_DAYS
    from coterie.experiments.power import HOLDOUT

    today = datetime.now(UTC).date()
    action = (segment.get("action") or {}).get("playbook", segment["name"])
    return {
        "name": f"{segment['name']}, {today:%B %Y}",
        "action": action,
        "start": today.isoformat(),
        "window_days": str(WINDOW_DAYS),
        "holdout": f"{100 * HOLDOUT:g}",
        "cooldown_days": str(COOLDOWN_DAYS),
        "capacity": "",
        "consent_confirmed": "",
    }


def plan_of(values: Mapping[str, str]) -> CampaignPlan:
    """Read a form.

    Parameters
    ----------
    values : mapping of str to str
        As `first_values` gives them.

    Returns
    -------
    CampaignPlan

    Raises
    ------
    ParameterError
        If something is missing or no number.
    """
    from coterie.experiments import CampaignPlan

    name, action = (values[key].strip() for key in ("name", "action"))
    for key, text in (("name", name), ("action", action)):
        if not 0 < len(text) <= MOST_NAME:
            raise ParameterError(f"The {key} has 1 to {MOST_NAME} letters", where=key)
    return CampaignPlan(
        name=name,
        action=action,
        start=day_of(values["start"], "start"),
        window_days=_whole(values["window_days"], "window_days"),
        holdout=_number(values["holdout"], "holdout") / 100.0,
        cooldown_days=_whole(values["cooldown_days"], "cooldown_days"),
        capacity=_whole(values["capacity"], "capacity") if values["capacity"].strip() else None,
        consent_confirmed=bool(values["consent_confirmed"]),
    )


def day_of(text: str, where: str) -> date:
    """Read a day.

    Parameters
    ----------
    text, where : str

    Returns
    -------
    date

    Raises
    ------
    ParameterError
        If it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ParameterError(f"{text!r} is no day", where=where, to_do="Write it as 2026-03-31") from None


def audience_of(segmentation_id: str, segment_id: int, *, values: Mapping[str, str]) -> Audience:
    """Say whom a campaign would reach.

    Parameters
    ----------
    segmentation_id : str
    segment_id : int
    values : mapping of str to str
        Of the form.

    Returns
    -------
    Audience
    """
    from coterie.workspace import preview_campaign

    try:
        return Audience(
            preview_campaign(workspace(), segmentation_id, segment_id=segment_id, plan=plan_of(values)).facts
        )
    except CoterieError as failure:
        return Audience(None, f"{failure.what}.")


def told(record: CampaignRecord) -> str:
    """The result of a campaign in a sentence.

    Parameters
    ----------
    record : CampaignRecord

    Returns
    -------
    str
    """
    if record.result is None:
        return "Not measured yet"
    lift = record.result["lift"]
    return f"{VERDICTS[lift['verdict']]}: {points(lift['difference'])}"


def points(effect: Mapping[str, float]) -> str:
    """An effect on a rate with its range.

    Parameters
    ----------
    effect : mapping
        estimate, low and high, in shares.

    Returns
    -------
    str
    """
    middle, low, high = (_signed(100.0 * effect[name]) for name in ("estimate", "low", "high"))
    return f"{middle} points ({low} to {high})"


def read_daily(reading: Mapping[str, Any] | None) -> str:
    """A reading that may be looked at every day, in words.

    Parameters
    ----------
    reading : mapping or None
        A `SequentialReading` as JSON.

    Returns
    -------
    str
    """
    if reading is None:
        return "The outcomes hold no days, so nothing can be said safely before the window is over."
    if reading["pace"] is None:
        return "Nobody has ordered yet."
    low, high = reading["looks"][-1]["low"], reading["looks"][-1]["high"]
    range_ = f"at least {low:.2f}" if high is None else f"between {low:.2f} and {high:.2f}"
    return (
        f"The treated ordered {reading['pace']:.2f} times as fast as those held out; looked at day by day, "
        f"{range_} times as fast. {reading['guarantee']}"
    )


def figure_of(record: CampaignRecord) -> Figure | None:
    """The picture of a measured campaign.

    Parameters
    ----------
    record : CampaignRecord

    Returns
    -------
    Figure or None
        None before it is measured.
    """
    from coterie.workspace import campaign_folder

    if record.result is None:
        return None
    chart, path = record.result["chart"], campaign_folder(workspace(), record.id) / "lift.svg"
    mark = f"{path.stat().st_mtime_ns:x}" if path.is_file() else ""
    urls = {
        kind: url_for("campaigns.picture", campaign_id=record.id, file_name=f"lift.{kind}", v=mark)
        for kind in PICTURES
    }
    return Figure(**chart, urls=urls, size=picture_size(path), drawing="")


def _number(text: str, where: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ParameterError(f"{text!r} is no number", where=where)
    return number


def _whole(text: str, where: str) -> int:
    number = _number(text, where)
    if number != round(number):
        raise ParameterError(f"{text!r} is no whole number", where=where)
    return round(number)


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "\N{MINUS SIGN}") if abs(value) >= 0.05 else "0.0"
