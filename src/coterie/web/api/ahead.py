"""What the API says of the future, as its description shows it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field

Share = Annotated[float, Field(ge=0, le=1)]


class DueOut(BaseModel):
    """A product a customer bought, and when it is due again."""

    product: str
    name: str
    n_bought: int
    last: date
    due_on: date
    is_due: bool


class OfferOut(BaseModel):
    """A product that is new to a customer, and why it is recommended."""

    product: str
    name: str
    rank: int
    reason: str


class MemberForecastOut(BaseModel):
    """What a customer is expected to do in the horizon of the forecast."""

    expected_orders: float
    orders_low: float
    orders_high: float
    p_active: Share
    p_alive: Share | None
    expected_spend: float
    spend_low: float
    spend_high: float
    churn_risk: Share
    risk_band: str
    next_order: date | None
    value_tier: str
    is_potential: bool
    usual_spend: float
    money_at_risk: float
    due: list[DueOut]
    discover: list[OfferOut]


class ProductOutlookOut(BaseModel):
    """A product, and for how many of these customers it is due or new."""

    product: str
    name: str
    n_customers: int


class SegmentOutlookOut(BaseModel):
    """What customers will likely do together; a count of fewer than five people is null."""

    segment_id: int | None
    name: str
    n_buyers: int
    expected_orders: float
    orders_low: float
    orders_high: float
    expected_spend: float
    spend_low: float
    spend_high: float
    usual_spend: float
    money_at_risk: float
    risk_bands: dict[str, int | None]
    value_tiers: dict[str, int | None]
    n_potential: int | None
    due: list[ProductOutlookOut]
    discover: list[ProductOutlookOut]
    sentences: list[str]


class OutlookOut(BaseModel):
    """The outlook of all buyers and of each segment, how well such forecasts did, or why there is none."""

    reason: str | None = None
    horizon_days: int | None = None
    observation_end: date | None = None
    family: str | None = None
    currency: str | None = None
    is_calibrated: bool | None = None
    whole: SegmentOutlookOut | None = None
    segments: list[SegmentOutlookOut] = []
    test: dict[str, Any] | None = None
    past: str | None = None
    bands: str | None = None
    notes: list[str] = []
    product_notes: list[str] = []
