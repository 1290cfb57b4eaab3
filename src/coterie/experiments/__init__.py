"""Trials of actions: who was treated and who was left alone, what that proved, what to do next.

Map of the folder: `power` says what a trial can show, `campaign` is a frozen audience, `planning` draws it;
`outcomes` are what became of its people, `lift` is what that proves, by `intervals` and by a `sequential`
reading; `evidence` grades and combines it;
`uplift` learns whom an action moves, `qini` judges that;
`policy` draws the next action, `off_policy` judges one that did not run, `budget` splits money.
"""

from coterie.experiments.budget import Allocation, Option, Share, allocate_budget, option_of
from coterie.experiments.campaign import Campaign, CampaignPlan, Member
from coterie.experiments.evidence import GRADES, Evidence, combine, evidence_for, evidence_of
from coterie.experiments.intervals import Interval, rate_range
from coterie.experiments.lift import Lift, measure
from coterie.experiments.off_policy import OffPolicyEstimate, judge_policy
from coterie.experiments.outcomes import outcomes_from_orders
from coterie.experiments.planning import plan_campaign
from coterie.experiments.policy import NOTHING, Choice, Policy, Tally, learn_policy
from coterie.experiments.power import (
    detectable_difference,
    detectable_effect,
    needed_sample,
    needed_sample_for_means,
    power_sentence,
)
from coterie.experiments.qini import Qini, qini
from coterie.experiments.sequential import Look, SequentialReading
from coterie.experiments.uplift import LEARNERS, Ranking, Uplift, fit_uplift, risk_times_value

__all__ = [
    "GRADES",
    "LEARNERS",
    "NOTHING",
    "Allocation",
    "Campaign",
    "CampaignPlan",
    "Choice",
    "Evidence",
    "Interval",
    "Lift",
    "Look",
    "Member",
    "OffPolicyEstimate",
    "Option",
    "Policy",
    "Qini",
    "Ranking",
    "SequentialReading",
    "Share",
    "Tally",
    "Uplift",
    "allocate_budget",
    "combine",
    "detectable_difference",
    "detectable_effect",
    "evidence_for",
    "evidence_of",
    "fit_uplift",
    "judge_policy",
    "learn_policy",
    "measure",
    "needed_sample",
    "needed_sample_for_means",
    "option_of",
    "outcomes_from_orders",
    "plan_campaign",
    "power_sentence",
    "qini",
    "rate_range",
    "risk_times_value",
]
