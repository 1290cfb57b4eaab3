"""Who would change the segment if attributes counted more or less: told while a weight is turned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.workspace.editing import archived

if TYPE_CHECKING:
    from coterie.segmentation import Segmentation
    from coterie.workspace.segmentations import SegmentationRecord
    from coterie.workspace.workspace import Workspace

WITHIN_S = 60.0
MOST_SHOWN = 50
"""So many customers are named one by one."""


def find_base(ws: Workspace, dataset_id: str) -> SegmentationRecord | None:
    """The segmentation of a dataset that a new one is compared with.

    Parameters
    ----------
    ws : Workspace
    dataset_id : str

    Returns
    -------
    SegmentationRecord or None
        The one in use if it is of this dataset, else the newest that is ready.
    """
    ready = [one for one in ws.segmentations.list() if one.dataset_id == dataset_id and one.state == "ready"]
    current = ws.segmentations.load_current()
    return next((one for one in ready if current and one.id == current.id), next(iter(ready), None))


def preview_moves(ws: Workspace, segmentation_id: str, *, weights: Mapping[str, float]) -> dict[str, Any]:
    """Who would be in another segment if the attributes had these weights.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    weights : mapping of str to float
        Of its own attributes.

    Returns
    -------
    dict
        sentence, n_movers, flows (from, to, customers; the largest first) and movers (customer_id, from,
        to; the first `MOST_SHOWN`), segments by name.

    Raises
    ------
    CoterieError
        If the method knows no weights, or it takes too long to say.
    """
    asked = {"folder": archived(ws, segmentation_id)["segmentation"], "weights": dict(weights)}
    told: dict[str, Any] = ws.warm.ask(tell_moves, asked, within_s=WITHIN_S)
    return told


def tell_moves(folder: str, weights: Mapping[str, float]) -> dict[str, Any]:
    """Do in the child what `preview_moves` asks for.

    Parameters
    ----------
    folder : str
        Of the archived segmentation.
    weights : mapping

    Returns
    -------
    dict
    """
    from coterie.segmentation import who_moves

    moved = who_moves(_loaded(folder), weights)
    flows = [
        (moved.names[i], moved.names[j], int(n))
        for i, row in enumerate(moved.matrix)
        for j, n in enumerate(row)
        if i != j and n
    ]
    shown = zip(
        *(part[:MOST_SHOWN] for part in (moved.customer_ids, moved.from_ids, moved.to_ids)), strict=True
    )
    return {
        "sentence": moved.sentence,
        "n_movers": len(moved.customer_ids),
        "flows": sorted(flows, key=lambda flow: -flow[2]),
        "movers": [(str(who), _name(moved.names, old), _name(moved.names, new)) for who, old, new in shown],
    }


def _name(names: Mapping[int, str], segment_id: int) -> str:
    return names.get(int(segment_id), "in no segment")


@lru_cache(maxsize=1)
def _loaded(folder: str) -> Segmentation:
    from coterie.segmentation import load_segmentation

    return load_segmentation(Path(folder))
