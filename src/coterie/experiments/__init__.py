"""Trials of actions: who was treated and who was left alone, what that proved, what to do next.

Map of the folder: `power` says what a trial can show, `campaign` is a frozen audience, `planning` draws it.
"""

from coterie.experiments.campaign import Campaign, CampaignPlan, Member
from coterie.experiments.planning import plan_campaign
from coterie.experiments.power import (
    detectable_difference,
    detectable_effect,
    needed_sample,
    needed_sample_for_means,
    power_sentence,
)

__all__ = [
    "Campaign",
    "CampaignPlan",
    "Member",
    "detectable_difference",
    "detectable_effect",
    "needed_sample",
    "needed_sample_for_means",
    "plan_campaign",
    "power_sentence",
]
