"""Which playbook fits a segment: that of its members' most common cell of the R x F grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable
from coterie.knowledge.playbooks import PLAYBOOKS, Recommendation

GRID_FEATURES = ("recency_days", "n_orders", "monetary")


def recommend(table: FeatureTable, labels: npt.NDArray[np.int32]) -> dict[int, Recommendation]:
    """What to do about each segment.

    Parameters
    ----------
    table : FeatureTable of n customers
        Scored 1-5 among all customers with net spend; without dated orders there is nothing to propose.
    labels : ndarray of shape (n,), int32

    Returns
    -------
    dict of Recommendation by segment id
        A segment none of whose members has a score is missing.
    """
    from coterie.segmentation import RFMGrid

    if not set(GRID_FEATURES) <= set(table.X.columns):
        return {}
    scored = np.flatnonzero(~table.no_net_spend)
    if not len(scored):
        return {}
    scores = RFMGrid().fit(table.X.loc[scored, list(GRID_FEATURES)].to_numpy(dtype=np.float64)).scores_
    found = {}
    for segment_id in np.unique(labels[labels >= 0]).tolist():
        members = scores[labels[scored] == segment_id, :2]
        if len(members):
            found[segment_id] = _recommendation(segment_id, members)
    return found


def _recommendation(segment_id: int, scores: npt.NDArray[np.int32]) -> Recommendation:
    """The playbook of the most common (R, F) pair; of equally common ones that with the higher scores."""
    from coterie.segmentation import RFM_CELLS

    cells, counts = np.unique(scores, axis=0, return_counts=True)
    most = int(len(counts) - 1 - np.argmax(counts[::-1]))
    cell = (int(cells[most, 0]), int(cells[most, 1]))
    same = [RFM_CELLS[int(r), int(f)] == RFM_CELLS[cell] for r, f in cells]
    return Recommendation(
        segment_id,
        PLAYBOOKS[RFM_CELLS[cell]],
        cell=cell,
        cell_share=float(counts[most] / len(scores)),
        playbook_share=float(counts[same].sum() / len(scores)),
    )
