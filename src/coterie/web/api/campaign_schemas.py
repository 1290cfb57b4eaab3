"""What the API takes and gives of campaigns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from coterie.web.api.schemas import Record
from coterie.workspace import CampaignRecord


class CampaignIn(BaseModel):
    """What to do, for whom, when; the audience is drawn and frozen from it."""

    model_config = ConfigDict(extra="forbid")

    segmentation_id: str
    segment_id: int = Field(ge=0, lt=2**31)
    name: str = Field(min_length=1, max_length=100)
    action: str = Field(min_length=1, max_length=100, examples=["Champions"])
    start: date
    window_days: int = Field(30, ge=1, le=3_650)
    holdout: float = Field(0.1, ge=0, lt=1)
    cooldown_days: int = Field(14, ge=0, le=3_650)
    capacity: int | None = Field(None, ge=1, lt=2**31)
    consent_confirmed: bool = False


class CampaignOut(Record):
    """A campaign: its facts and, once it was looked at, what it proved."""

    id: str
    segmentation_id: str | None
    segment_id: int
    name: str
    created_at: datetime
    user_name: str
    state: Literal["planned", "measured"]
    facts: dict[str, Any]
    result: dict[str, Any] | None


class CampaignWithPeopleOut(CampaignOut):
    """The same with the customer_id of everybody in it."""

    treated: list[str]
    held_out: list[str]

    @classmethod
    def of(cls, record: CampaignRecord) -> CampaignWithPeopleOut:
        """Put the two together."""
        told, drawn = CampaignOut.model_validate(record), record.campaign
        return cls(**told.model_dump(), treated=list(drawn.treatment), held_out=list(drawn.control))


class OutcomesIn(BaseModel):
    """Where the orders of the window are."""

    model_config = ConfigDict(extra="forbid")

    dataset_id: str
