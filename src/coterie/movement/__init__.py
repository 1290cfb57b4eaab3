"""Segmentations over time: which segment is which, who moved and why, and whether the model still fits.

`snapshots` says who is where on a day, `comparing` holds two of them against each other, `migration` is
what comes out, `changes` tells it in sentences and lists, `identity` finds segments again, `drift` says
whether a refit is due, and `refitting` makes it.
"""

from coterie.movement.changes import Change, changes, enter_leave
from coterie.movement.comparing import between_snapshots, movement, movement_between, track
from coterie.movement.drift import Drift, FeatureDrift, find_drift, psi, psi_threshold
from coterie.movement.identity import Identity, identify, same_segments
from coterie.movement.migration import APPEARED, CAUSES, LOST, NEW, Movement
from coterie.movement.refitting import Refit, refit
from coterie.movement.snapshots import Snapshot, snapshot_of, snapshot_on, take_snapshot

__all__ = [
    "APPEARED",
    "CAUSES",
    "LOST",
    "NEW",
    "Change",
    "Drift",
    "FeatureDrift",
    "Identity",
    "Movement",
    "Refit",
    "Snapshot",
    "between_snapshots",
    "changes",
    "enter_leave",
    "find_drift",
    "identify",
    "movement",
    "movement_between",
    "psi",
    "psi_threshold",
    "refit",
    "same_segments",
    "snapshot_of",
    "snapshot_on",
    "take_snapshot",
    "track",
]
