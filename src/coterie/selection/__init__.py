"""Many segmentations -> Comparison and choice, with stability by refits and fidelity of rules."""

from coterie.selection.choice import Choice, Floors, choose
from coterie.selection.clustering import Attempt, Clustering
from coterie.selection.comparing import compare
from coterie.selection.comparison import (
    COMPARED,
    Comparison,
    agreement,
    core_members,
    core_sentence,
    silhouette_error,
    trials_frame,
)
from coterie.selection.fidelity import tree_fidelity
from coterie.selection.finding import find_clusters
from coterie.selection.references import REFERENCES, later_spend_sentence
from coterie.selection.refits import Stability, stability
from coterie.selection.request import CompareRequest
from coterie.selection.strength import prediction_strength

__all__ = [
    "COMPARED",
    "REFERENCES",
    "Attempt",
    "Choice",
    "Clustering",
    "CompareRequest",
    "Comparison",
    "Floors",
    "Stability",
    "agreement",
    "choose",
    "compare",
    "core_members",
    "core_sentence",
    "find_clusters",
    "later_spend_sentence",
    "prediction_strength",
    "silhouette_error",
    "stability",
    "tree_fidelity",
    "trials_frame",
]
