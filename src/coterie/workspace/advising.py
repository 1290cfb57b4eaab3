"""What can be done about each segment, and who is one order away from another one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import InputError, NotFoundError
from coterie.store import csv_text, read_json, replacing
from coterie.store.paging import PageRequest

if TYPE_CHECKING:
    import pandas as pd

    from coterie.knowledge import Advice, Edges, Knowledge
    from coterie.prediction import Forecast
    from coterie.segmentation import Segmentation
    from coterie.workspace.workspace import Workspace

ADVICE_FILE, EDGES_FILE = "advice.json", "edges.parquet"
RISING, SLIPPING = "rising", "slipping"
MOST_SHOWN = 10
_COLUMNS = ("customer_id", "margin", "to_id")


def write_advice(
    result: Segmentation, knowledge: Knowledge, *, folder: Path, forecast: Forecast | None = None
) -> None:
    """Write what the pages of segments tell of actions and of customers at the edge.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge
        Of `result`.
    folder : Path
        Of the segmentation: advice.json, and edges.parquet if orders have days and amounts.
    forecast : Forecast, optional
        Says what comes if nothing is done.
    """
    from coterie.knowledge import advise, find_edges

    advice = {
        str(segment_id): [_told(one) for one in found]
        for segment_id, found in advise(result, knowledge, forecast=forecast).items()
    }
    content: dict[str, Any] = {"advice": advice, "by": None, "edges": {}}
    try:
        edges = find_edges(result)
    except InputError:
        edges = None
    if edges is not None:
        content["by"] = edges.by.isoformat()
        both = _both(edges)
        content["edges"] = _counts(both)
        with replacing(folder / EDGES_FILE) as draft:
            both.to_parquet(draft, index=False)
    with replacing(folder / ADVICE_FILE) as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def find_advice(ws: Workspace, segmentation_id: str, *, segment_id: int) -> list[dict[str, Any]]:
    """What can be done about a segment, with what campaigns of the same action have measured.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    segment_id : int

    Returns
    -------
    list of dict
        action, what, channel, offer, products, risks, grade and told (evidence as a sentence); the best
        first. Empty for a segmentation made before there was advice.
    """
    path = ws.segmentations.folder(segmentation_id) / ADVICE_FILE
    if not path.is_file():
        return []
    found: list[dict[str, Any]] = read_json(path)["advice"].get(str(segment_id), [])
    known = [
        one.evidence for one in ws.campaigns.list() if one.state == "measured" and one.evidence is not None
    ]
    names = {one["id"]: one["name"] for one in ws.segmentations.page(segmentation_id)["segments"]}
    return [_measured(one, known, segment=names.get(segment_id, "")) for one in found]


def find_edge_customers(ws: Workspace, segmentation_id: str, *, segment_id: int) -> dict[str, Any] | None:
    """The customers of a segment whom one order, or its absence, moves to another one.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    segment_id : int

    Returns
    -------
    dict or None
        by (ISO date), and under "rising" and "slipping" the number `n`, how many of them `to` which segment
        (id, n; the most first), and the first ten `rows` of (customer_id, margin, to_id), those closest to
        the border first. None if nobody can tell.
    """
    folder = ws.segmentations.folder(segmentation_id)
    if not (folder / EDGES_FILE).is_file():
        return None
    content = read_json(folder / ADVICE_FILE)
    told: dict[str, Any] = {"by": content["by"]}
    for way in (RISING, SLIPPING):
        asked = PageRequest(equal={"segment_id": segment_id, "way": way}, columns=_COLUMNS, n_rows=MOST_SHOWN)
        found = ws.pager.page(folder / EDGES_FILE, asked)
        to = content["edges"].get(f"{segment_id} {way}", [])
        told[way] = {"n": found.n_found, "to": to, "rows": found.rows}
    return told


def export_edge_customers(ws: Workspace, segmentation_id: str, *, segment_id: int) -> Iterator[str]:
    """Print them all as CSV, piece by piece.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    segment_id : int

    Returns
    -------
    iterator of str
        Text cells are made harmless.

    Raises
    ------
    NotFoundError
        If nobody can tell, before the first piece.
    """
    path = ws.segmentations.folder(segmentation_id) / EDGES_FILE
    if not path.is_file():
        raise NotFoundError("Nobody is known to be near another segment")
    batches = ws.pager.batches(path, PageRequest(equal={"segment_id": segment_id}))
    return (csv_text(batch, header=number == 0) for number, batch in enumerate(batches))


def _told(one: Advice) -> dict[str, Any]:
    from coterie.experiments import power_sentence
    from coterie.knowledge.advice import NOTHING

    kept = ("action", "what", "channel", "offer", "products", "risks", "n_customers", "base_rate")
    told, trial = asdict(one), ""
    if one.base_rate is not None and one.action != NOTHING:
        held_out = round(one.holdout_share * one.n_customers)
        trial = power_sentence(one.n_customers - held_out, held_out, base_rate=one.base_rate)
    return {name: told[name] for name in kept} | {
        "grade": one.evidence.grade,
        "told": one.evidence.sentence,
        "trial": trial,
    }


def _measured(one: dict[str, Any], known: list[Any], *, segment: str) -> dict[str, Any]:
    """The advice with what was measured in the place of what is said of the action."""
    from coterie.experiments import evidence_for

    found = evidence_for(known, action=one["action"], segment=segment)
    return one if found is None else {**one, "grade": found.grade, "told": found.sentence}


def _both(edges: Edges) -> pd.DataFrame:
    """Those who rise before those who slip, in one table."""
    import pandas as pd

    parts = [edges.customers.assign(way=RISING), edges.slipping.assign(way=SLIPPING)]
    both = pd.concat(parts, ignore_index=True)
    return both.astype({"customer_id": str, "segment_id": "int32", "to_id": "int32", "margin": float})


def _counts(both: pd.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """How many would go to which segment, the most first, by where they are and which way they go."""
    found: dict[str, list[tuple[int, int]]] = {}
    named = zip(both["segment_id"], both["way"], both["to_id"], strict=True)
    for (segment_id, way, to_id), n in Counter(named).most_common():
        found.setdefault(f"{segment_id} {way}", []).append((int(to_id), n))
    return found
