"""What to do about each group of the R x F grid: twelve playbooks, none of them proved on this shop yet.

Strategy and warning are those on which at least two of these agree: Bloomreach (business use of RFM),
Klaviyo Academy, Bonobo, WinePulse, Como, Churned, Shopify and Team Computers. Channel and KPI are our own
synthesis. Until a holdout of the shop itself says otherwise, the evidence is "industry convention".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from coterie.features import percent

EVIDENCE_GRADE = "industry convention"
EVIDENCE_MEANS = "guides of the trade agree on it; whether it pays in this shop is not yet measured"
HOLDOUT_SHARE = 0.10
"""Members to leave alone, so that the effect can be measured."""

COOLDOWN_DAYS = 14
"""Days before the same customer is addressed by another playbook."""


COMMON_CELL = 1 / 3
COMMON_GROUP = 1 / 2
"""With a smaller share of members in the most common cell, or in its group, the card says how many fit."""


@dataclass(frozen=True)
class Playbook:
    """One way to treat a group of customers.

    Attributes
    ----------
    name : str
        The group of the R x F grid it is for.
    strategy, do_not, channel, kpi : str
        `do_not` is empty where the sources warn of nothing.
    trigger : str
        The change that should start it; a monthly list comes too late.
    repeat : {"each time", "once"}
        Whether a customer who comes into the group again is addressed again.
    sources : tuple of str
    """

    name: str
    strategy: str
    do_not: str
    channel: str
    kpi: str
    trigger: str
    repeat: Literal["each time", "once"]
    sources: tuple[str, ...]


_ALL = (
    Playbook(
        "Champions",
        "Thank them: early access, a referral programme, a request for reviews and pictures",
        "Blanket discounts: they buy anyway",
        "Personal e-mail, app, post",
        "Referral rate, share of revenue, share still Champions next quarter",
        "A customer becomes a Champion",
        "each time",
        ("Klaviyo", "Bonobo", "WinePulse", "Como", "Team Computers"),
    ),
    Playbook(
        "Loyal",
        "Sell the next step up and what goes with it: threshold offers, points, a question for feedback",
        "Heavy coupons",
        "E-mail, loyalty app",
        "Order value, moves to Champions",
        "A customer becomes Loyal, or a Champion slips to Loyal",
        "each time",
        ("Klaviyo", "Bonobo", "Como", "Team Computers"),
    ),
    Playbook(
        "Potential loyalist",
        "Invite into the loyalty programme and recommend the next item",
        "",
        "E-mail series, on-site",
        "Third-order rate, sign-ups",
        "A second order",
        "each time",
        ("WinePulse", "Churned"),
    ),
    Playbook(
        "New",
        "Welcome them, make the first purchase a success, learn what they like",
        "",
        "Welcome series",
        "Second order within 60 days",
        "A first order",
        "once",
        ("Bonobo", "WinePulse", "Churned"),
    ),
    Playbook(
        "Promising",
        "Nudge to the second and third visit: tell the brand's story, add a small incentive",
        "",
        "E-mail, remarketing",
        "Second-order rate",
        "A one-time buyer leaves the group New",
        "once",
        ("Klaviyo", "Bonobo", "Shopify"),
    ),
    Playbook(
        "Need attention",
        "A limited-time offer built on what they bought before",
        "",
        "E-mail, SMS",
        "Orders in the next 30 days",
        "A better customer slips to Need attention",
        "each time",
        ("Klaviyo", "WinePulse", "Como", "Churned"),
    ),
    Playbook(
        "About to sleep",
        "Show popular items, remind them of the shop, make a light offer",
        "",
        "E-mail, remarketing",
        "Reactivation rate, unsubscribes",
        "A customer slips to About to sleep",
        "each time",
        ("WinePulse", "Como"),
    ),
    Playbook(
        "At risk",
        "One strong personal win-back: ask why they stay away, show entry-price items, make an offer",
        "Repeated mass mail",
        "E-mail and SMS, a call if the value is high",
        "Win-back rate, margin after discount",
        "A regular customer slips to At risk",
        "each time",
        ("Klaviyo", "Bonobo", "WinePulse", "Churned"),
    ),
    Playbook(
        "Can't lose them",
        "Invest: a gift or discount, a human voice, a survey of reasons, new versions of what they bought",
        "Leave it to automated mail only",
        "Phone, personal mail",
        "Recovered revenue, reason found",
        "A top customer has gone quiet",
        "each time",
        ("Bloomreach", "WinePulse", "Como"),
    ),
    Playbook(
        "Hibernating",
        "Standard mail only, at low cost, with a relevant range",
        "Overspending; mind spam traps among old addresses",
        "Low-frequency e-mail",
        "Reactivation rate, complaint rate",
        "A customer slips to Hibernating",
        "each time",
        ("Bloomreach", "WinePulse", "Churned"),
    ),
    Playbook(
        "Lost",
        "One try, then write no more; a high past value may be asked once more",
        "Spending money on them",
        "One e-mail, then none",
        "Cost per reactivation, deliverability",
        "A customer slips to Lost",
        "once",
        ("Bloomreach", "Bonobo", "WinePulse", "Como"),
    ),
    Playbook(
        "Prospect",
        "A first-purchase offer, a request for consent, content worth reading",
        "Scoring them by recency and frequency: they have neither",
        "Sign-up flow",
        "First-order rate",
        "Somebody signs up without an order",
        "once",
        ("Shopify",),
    ),
)

PLAYBOOKS: Mapping[str, Playbook] = {playbook.name: playbook for playbook in _ALL}
"""Playbook by the name of its group of the R x F grid."""

OFFERS: Mapping[str, str] = {
    "Champions": "Early access, no discount",
    "Loyal": "Points, or something extra above a basket size",
    "Potential loyalist": "Membership of the loyalty programme",
    "New": "None: a welcome",
    "Promising": "A small incentive for the second order",
    "Need attention": "An offer for a limited time",
    "About to sleep": "A light offer",
    "At risk": "One strong personal offer",
    "Can't lose them": "A gift or a discount",
    "Hibernating": "None beyond the standard mail",
    "Lost": "None",
    "Prospect": "An offer for the first purchase",
}
"""What is offered, by the name of the playbook."""


@dataclass(frozen=True)
class Recommendation:
    """What to do about a segment, and how far to trust it.

    Attributes
    ----------
    segment_id : int
    playbook : Playbook
    cell : tuple of int
        The members' most common scores of recency and frequency, 1-5, 5 best.
    cell_share, playbook_share : float, 0-1
        Share of members in just this cell, and in all cells the playbook is for.
    evidence_grade : str
    holdout_share : float
        Share of members to leave alone, so that the effect can be measured.
    cooldown_days : int
    """

    segment_id: int
    playbook: Playbook
    cell: tuple[int, int]
    cell_share: float
    playbook_share: float
    evidence_grade: str = EVIDENCE_GRADE
    holdout_share: float = HOLDOUT_SHARE
    cooldown_days: int = COOLDOWN_DAYS

    @property
    def name(self) -> str:
        """Name of the playbook."""
        return self.playbook.name

    @property
    def strategy(self) -> str:
        """What to do."""
        return self.playbook.strategy

    @property
    def do_not(self) -> str:
        """What to avoid; empty where nothing is known."""
        return self.playbook.do_not

    @property
    def fit(self) -> str:
        """How many of the members it fits, if they are spread widely over the grid; else empty."""
        if self.cell_share >= COMMON_CELL and self.playbook_share >= COMMON_GROUP:
            return ""
        return (
            f"The action fits the {percent(self.playbook_share)} of members in the group {self.name};"
            " the others are spread over other groups."
        )

    @property
    def channel(self) -> str:
        """Where to address them."""
        return self.playbook.channel

    @property
    def kpi(self) -> str:
        """What should move."""
        return self.playbook.kpi
