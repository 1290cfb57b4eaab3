"""Trials of actions: who was treated and who was left alone, what that proved, what to do next.

Map of the folder: `power` says what a trial can show.
"""

from coterie.experiments.power import (
    detectable_difference,
    detectable_effect,
    needed_sample,
    needed_sample_for_means,
    power_sentence,
)

__all__ = [
    "detectable_difference",
    "detectable_effect",
    "needed_sample",
    "needed_sample_for_means",
    "power_sentence",
]
