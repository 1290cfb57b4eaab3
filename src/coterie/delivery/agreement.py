"""How far the methods agree, and on which customers all of them do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from coterie.features import percent
from coterie.segmentation import CLUSTERERS, Segmentation
from coterie.selection import agreement, core_members, core_sentence

if TYPE_CHECKING:
    import pandas as pd

AGREEMENTS: dict[Literal["ari", "nmi"], str] = {
    "ari": "Adjusted Rand index of every two methods: 1 = the same groups, 0 = no more alike than by chance.",
    "nmi": "Normalised mutual information of every two methods: 1 = the same groups, 0 = one says nothing"
    " about the other.",
}


def core_of(result: Segmentation) -> npt.NDArray[np.bool_]:
    """Find the customers who are in the same segment whatever the method.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    ndarray of shape (n_customers,), bool
        If nothing was compared, whoever is in a segment.
    """
    chosen = result.found.trial
    return result.labels >= 0 if chosen is None else core_members(result.trials, chosen)


def build_agreement(result: Segmentation) -> dict[str, Any]:
    """Lay out how far the methods agree.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    dict
        `sentence`, `segments` (name, customers, those of them in the core, their share) and `matrices`,
        all text; empty if fewer than two methods ran.
    """
    chosen = result.found.trial
    sentence = "" if chosen is None else core_sentence(result.trials, chosen)
    if not sentence:
        return {}
    counts = np.bincount(result.labels[core_of(result)], minlength=result.n_ids)
    rows = [
        [s.name, f"{s.n_customers:,}", f"{counts[s.id]:,}", percent(counts[s.id] / s.n_customers)]
        for s in result.segments
    ]
    among = ~result.table.no_net_spend
    matrices = [
        _matrix(agreement(result.trials, name, n_clusters=result.found.n_segments, among=among), caption)
        for name, caption in AGREEMENTS.items()
    ]
    return {"sentence": sentence, "segments": rows, "matrices": matrices}


def _matrix(values: pd.DataFrame, caption: str) -> dict[str, Any]:
    titles = [CLUSTERERS[str(name)].title for name in values.columns]
    cells = zip(titles, values.to_numpy(), strict=True)
    rows = [[title, *(f"{value:.2f}" for value in row)] for title, row in cells]
    return {"caption": caption, "columns": titles, "rows": rows}
