"""A campaign on paper: who is treated, who is held out and why, frozen before anybody is written to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Self

from coterie.errors import InputError, ParameterError
from coterie.experiments.power import HOLDOUT, detectable_effect, power_sentence

SCHEMA = 1
"""Raised whenever a file of an earlier version could be misread."""

COOLDOWN_DAYS = 14
"""Days in which nobody is treated by a second campaign."""
WINDOW_DAYS = 30
"""Days from the start in which an order counts as an outcome."""


@dataclass(frozen=True)
class CampaignPlan:
    """What is to be done, when, and by which rules.

    Attributes
    ----------
    name : str
        Also seeds the draw of the holdout.
    action : str
    start : date
    window_days : int
        Outcomes count from the start on for so many days.
    holdout : float
        Share of the audience left alone, 0 to below 1. With 0 nothing can be proved.
    cooldown_days : int
        Who was treated by another campaign fewer days before or after the start is left out.
    capacity : int, optional
        Most people in the audience, the held out ones included.
    stratified : bool
        Hold out the same share of every segment.
    consent_confirmed : bool
        Somebody vouches that those without a recorded consent have given it. A recorded "no" stays a no.
    random_state : int

    Raises
    ------
    ParameterError
        If a number is outside its range.
    """

    name: str
    action: str
    start: date
    window_days: int = WINDOW_DAYS
    holdout: float = HOLDOUT
    cooldown_days: int = COOLDOWN_DAYS
    capacity: int | None = None
    stratified: bool = False
    consent_confirmed: bool = False
    random_state: int = 0

    def __post_init__(self) -> None:
        if not 0.0 <= self.holdout < 1.0:
            raise ParameterError(f"{self.holdout!r} is no share of people to hold out", where="holdout")
        least = {"window_days": 1, "cooldown_days": 0, "capacity": 1}
        for name, bound in least.items():
            value = getattr(self, name)
            if value is not None and value < bound:
                raise ParameterError(f"{name} is {value!r}, less than {bound}", where=name)
        try:
            timedelta(days=self.cooldown_days), self.end
        except OverflowError:
            raise ParameterError("The campaign ends beyond the calendar", where="window_days") from None

    @property
    def end(self) -> date:
        """The first day whose orders no longer count.

        Returns
        -------
        date
        """
        return self.start + timedelta(days=self.window_days)


@dataclass(frozen=True, slots=True)
class Member:
    """One customer of a frozen audience.

    Attributes
    ----------
    customer_id : str
    reason : str
        Why they belong to the audience.
    segment : str
        Empty if none was given.
    treated : bool
        False for those held out.
    """

    customer_id: str
    reason: str
    segment: str
    treated: bool


@dataclass(frozen=True, eq=True)
class Campaign:
    """A frozen audience, drawn into treatment and control.

    Attributes
    ----------
    plan : CampaignPlan
    n_asked : int
        Rows of the list the audience was drawn from.
    left_out : dict of str to int
        How many were left out, by reason; with treatment and control they add up to `n_asked`.
    members : tuple of Member
        Ordered by customer_id.
    base_rate : float or None
        Share that converts without the action, as expected at planning.

    Raises
    ------
    InputError
        If the counts do not add up or a customer occurs twice.
    """

    plan: CampaignPlan
    n_asked: int
    left_out: Mapping[str, int]
    members: tuple[Member, ...]
    base_rate: float | None = None

    def __post_init__(self) -> None:
        if self.n_asked != sum(self.left_out.values()) + len(self.members):
            raise InputError(
                "Asked, left out, treated and held out customers do not add up", where="campaign"
            )
        if len({member.customer_id for member in self.members}) != len(self.members):
            raise InputError("A customer occurs twice in the audience", where="campaign")

    @cached_property
    def treatment(self) -> tuple[str, ...]:
        """Ids of the customers to treat.

        Returns
        -------
        tuple of str
        """
        return tuple(member.customer_id for member in self.members if member.treated)

    @cached_property
    def control(self) -> tuple[str, ...]:
        """Ids of the customers to leave alone.

        Returns
        -------
        tuple of str
        """
        return tuple(member.customer_id for member in self.members if not member.treated)

    @property
    def detectable(self) -> float | None:
        """The smallest rise of the rate this campaign can detect, in shares.

        Returns
        -------
        float or None
            None without an expected base rate, or if no rise can be detected.
        """
        if self.base_rate is None:
            return None
        return detectable_effect(len(self.treatment), len(self.control), base_rate=self.base_rate)

    @property
    def sentence(self) -> str:
        """What this campaign can show, in words.

        Returns
        -------
        str
        """
        treated, control = len(self.treatment), len(self.control)
        if self.base_rate is None:
            return (
                f"{treated + control:,} people, {control:,} held out; without a base rate no power is known."
            )
        return power_sentence(treated, control, base_rate=self.base_rate)

    def to_json(self) -> str:
        """Everything as text, the same each time.

        Returns
        -------
        str
        """
        plan = asdict(self.plan) | {"start": self.plan.start.isoformat()}
        members = [[m.customer_id, m.reason, m.segment, m.treated] for m in self.members]
        content = {
            "schema": SCHEMA,
            "plan": plan,
            "n_asked": self.n_asked,
            "left_out": dict(self.left_out),
            "base_rate": self.base_rate,
            "members": members,
        }
        return json.dumps(content, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str

        Returns
        -------
        Campaign

        Raises
        ------
        InputError
            If it is no campaign, of another schema, or its counts do not add up.
        """
        try:
            content = json.loads(text)
            schema = content["schema"]
        except (ValueError, TypeError, KeyError) as error:
            raise InputError("This is no campaign", to_do="Give the text that to_json wrote") from error
        if schema != SCHEMA:
            raise InputError(f"The campaign has schema {schema!r}, not {SCHEMA}", where="schema")
        try:
            return cls(**_parts(content))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError("The campaign cannot be read", where=str(error)) from error


def _parts(content: Mapping[str, Any]) -> dict[str, Any]:
    plan = dict(content["plan"])
    plan["start"] = date.fromisoformat(plan["start"])
    return {
        "plan": CampaignPlan(**plan),
        "n_asked": int(content["n_asked"]),
        "left_out": {str(reason): int(n) for reason, n in content["left_out"].items()},
        "members": tuple(
            Member(str(customer_id), str(reason), str(segment), bool(treated))
            for customer_id, reason, segment, treated in content["members"]
        ),
        "base_rate": content["base_rate"],
    }
