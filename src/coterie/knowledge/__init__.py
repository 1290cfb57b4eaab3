"""Segmentation -> Knowledge: names, profiles, rules, the tree that defines all segments, what to do.

Map of the folder: `cuts` reduces features to readable thresholds; on them `rules` searches one IF-THEN rule a
segment and `growth` the tree that `tree` turns into Python and SQL. `traits` measures what sets members
apart, `figures` the medians and shares, `wording` says both in words, `names` makes names of them.
`playbooks` are the twelve groups of advice, `actions` picks one, `products` finds what members over-buy.
`profile` puts all of it on the cards of `card`. `outlook` adds up what a forecast says of the members,
`advice` weighs what can be done, doing nothing included, `edges` finds who is one order away from another
segment.
"""

from coterie.knowledge.advice import Advice, advise
from coterie.knowledge.card import Knowledge, Profile
from coterie.knowledge.edges import Edges, find_edges
from coterie.knowledge.outlook import (
    RANGES,
    Outlook,
    ProductOutlook,
    band_sentence,
    outlook,
    outlook_of_all,
    past_sentence,
)
from coterie.knowledge.playbooks import EVIDENCE_MEANS, PLAYBOOKS, Playbook, Recommendation
from coterie.knowledge.products import ProductLift
from coterie.knowledge.profile import name_segments, profile_segments, segment_name_of_customers
from coterie.knowledge.rules import Rule
from coterie.knowledge.traits import Trait
from coterie.knowledge.tree import SegmentTree
from coterie.knowledge.wording import sentence_case

__all__ = [
    "EVIDENCE_MEANS",
    "PLAYBOOKS",
    "RANGES",
    "Advice",
    "Edges",
    "Knowledge",
    "Outlook",
    "Playbook",
    "ProductLift",
    "ProductOutlook",
    "Profile",
    "Recommendation",
    "Rule",
    "SegmentTree",
    "Trait",
    "advise",
    "band_sentence",
    "find_edges",
    "name_segments",
    "outlook",
    "outlook_of_all",
    "past_sentence",
    "profile_segments",
    "segment_name_of_customers",
    "sentence_case",
]
