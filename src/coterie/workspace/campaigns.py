"""The campaigns that were planned, and what they proved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from coterie.store import tables
from coterie.workspace.repository import Repository

if TYPE_CHECKING:
    from coterie.experiments import Campaign, Evidence


@dataclass(frozen=True)
class CampaignRecord:
    """A campaign: what pages tell of it, its frozen audience, and what it proved.

    Attributes
    ----------
    id : str
    segmentation_id : str or None
        None once the segmentation is removed.
    segment_id : int
    name : str
    created_at : datetime
    user_name : str
    state : {"planned", "measured"}
        "measured" once its window was over when it was measured.
    facts : dict
        action, segment, start, end, n_asked, n_treated, n_control, left_out, base_rate, sentence, consent.
    audience : str
        `Campaign` as JSON; empty in a list, for it may be large.
    result : dict or None
        lift, evidence (None while the window is open), chart and source, once it was looked at.
    """

    id: str
    segmentation_id: str | None
    segment_id: int
    name: str
    created_at: datetime
    user_name: str = ""
    state: Literal["planned", "measured"] = "planned"
    facts: dict[str, Any] = field(default_factory=dict)
    audience: str = ""
    result: dict[str, Any] | None = None

    @property
    def campaign(self) -> Campaign:
        """The frozen audience.

        Returns
        -------
        Campaign
        """
        from coterie.experiments import Campaign

        return Campaign.from_json(self.audience)

    @property
    def evidence(self) -> Evidence | None:
        """What it says about its action.

        Returns
        -------
        Evidence or None
            None before it is measured.
        """
        from coterie.experiments import Evidence

        told = (self.result or {}).get("evidence")
        return None if told is None else Evidence(**{**told, "date": date.fromisoformat(told["date"])})


class Campaigns(Repository[CampaignRecord]):
    """The campaigns."""

    table, kind, word = tables.campaigns, CampaignRecord, "campaign"

    def list(self) -> list[CampaignRecord]:
        """All campaigns without their audiences, the newest first.

        Returns
        -------
        list of CampaignRecord
        """
        own = tables.campaigns.c
        asked = sa.select(*(column for column in own if column is not own.audience))
        with self.metadata.reading() as connection:
            rows = connection.execute(asked.order_by(own.created_at.desc(), own.id))
            return [self._record({**row._mapping, "audience": ""}) for row in rows]


def facts_of(drawn: Campaign, *, segment: str, consent: str) -> dict[str, Any]:
    """What pages tell of a campaign without its people.

    Parameters
    ----------
    drawn : Campaign
    segment : str
    consent : str
        "recorded" or "not recorded" in the data.

    Returns
    -------
    dict
        Plain JSON; see `CampaignRecord`.
    """
    return {
        "action": drawn.plan.action,
        "segment": segment,
        "start": drawn.plan.start.isoformat(),
        "end": drawn.plan.end.isoformat(),
        "n_asked": drawn.n_asked,
        "n_treated": len(drawn.treatment),
        "n_control": len(drawn.control),
        "left_out": dict(drawn.left_out),
        "base_rate": drawn.base_rate,
        "sentence": drawn.sentence,
        "consent": consent,
    }
