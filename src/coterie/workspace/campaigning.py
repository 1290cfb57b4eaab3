"""Campaigns planned and measured, while somebody waits; nobody is written to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import ConflictError, NotFoundError
from coterie.store import read_json
from coterie.workspace.campaign_steps import draw_audience, measure_outcomes
from coterie.workspace.campaigns import CampaignRecord
from coterie.workspace.repository import new_id
from coterie.workspace.waiting import run_awaited

if TYPE_CHECKING:
    from coterie.experiments import CampaignPlan
    from coterie.workspace.workspace import Workspace

MOST_SECONDS = 120.0


@dataclass(frozen=True)
class Drawn:
    """An audience before it is kept: `facts` as in `CampaignRecord`."""

    audience: str
    facts: dict[str, Any]


def preview_campaign(ws: Workspace, segmentation_id: str, *, segment_id: int, plan: CampaignPlan) -> Drawn:
    """Whom a campaign would treat and hold out; asked again for the same, it is told at once.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    segment_id : int
    plan : CampaignPlan

    Returns
    -------
    Drawn

    Raises
    ------
    CoterieError
        If nobody is left to treat, or it takes too long.
    """
    record = ws.segmentations.load(segmentation_id)
    folder = ws.segmentations.folder(record.id)
    if not (folder / "members.parquet").is_file():
        raise NotFoundError("This segmentation is not ready yet")
    asked = {
        "plan": {**asdict(plan), "start": plan.start.isoformat()},
        "folders": {"segmentation": str(folder), "dataset": str(ws.datasets.folder(record.dataset_id))},
        "segment_id": segment_id,
        "earlier": _audiences_near(ws, plan.start, days=plan.cooldown_days),
    }
    made = (folder / "members.parquet").stat().st_mtime_ns
    path = ws.tmp / f"campaign-{_key([asked, made])}.json"
    if not path.is_file():
        run_awaited(
            ws,
            draw_audience,
            arguments={**asked, "settings": asdict(ws.settings), "target": str(path)},
            within_s=MOST_SECONDS,
            too_long=_too_long(),
        )
    return Drawn(**read_json(path))


def add_campaign(
    ws: Workspace, segmentation_id: str, *, segment_id: int, plan: CampaignPlan, user_name: str = ""
) -> CampaignRecord:
    """Freeze an audience and keep it.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    segment_id : int
    plan : CampaignPlan
    user_name : str

    Returns
    -------
    CampaignRecord

    Raises
    ------
    CoterieError
        As `preview_campaign`.
    """
    drawn = preview_campaign(ws, segmentation_id, segment_id=segment_id, plan=plan)
    return ws.campaigns.add(
        CampaignRecord(
            id=new_id(),
            segmentation_id=segmentation_id,
            segment_id=segment_id,
            name=plan.name,
            created_at=datetime.now(UTC),
            user_name=user_name,
            facts=drawn.facts,
            audience=drawn.audience,
        )
    )


def measure_from_dataset(ws: Workspace, campaign_id: str, *, dataset_id: str) -> CampaignRecord:
    """Measure a campaign by the orders of a dataset that goes on after its start.

    Parameters
    ----------
    ws : Workspace
    campaign_id, dataset_id : str

    Returns
    -------
    CampaignRecord
        State "measured" if the orders reach the end of the window.

    Raises
    ------
    CoterieError
        If the dataset is not read yet, has no orders in the window, or it takes too long.
    """
    dataset = ws.datasets.load(dataset_id)
    folder = ws.datasets.folder(dataset.id)
    if dataset.state != "ready" or not folder.is_dir():
        raise ConflictError("This dataset is not read yet", to_do="Read it first, on its page")
    return _measured(ws, campaign_id, source={"name": dataset.name, "dataset": str(folder)})


def measure_from_file(
    ws: Workspace, campaign_id: str, *, path: Path, name: str, as_of: date | None = None
) -> CampaignRecord:
    """Measure a campaign by a CSV of outcomes.

    Parameters
    ----------
    ws : Workspace
    campaign_id : str
    path : Path
        customer_id, converted (0 / 1) or value; optional n_orders, at, contacted.
    name : str
        What its owner calls it.
    as_of : date, optional
        The outcomes are complete up to the end of the day before. Default: the window is over.

    Returns
    -------
    CampaignRecord

    Raises
    ------
    CoterieError
        If the file cannot be read, or it takes too long.
    """
    until = "" if as_of is None else as_of.isoformat()
    return _measured(ws, campaign_id, source={"name": name, "file": str(path), "as_of": until})


def campaign_folder(ws: Workspace, campaign_id: str) -> Path:
    """Where the picture of a measured campaign lies.

    Parameters
    ----------
    ws : Workspace
    campaign_id : str

    Returns
    -------
    Path
    """
    return ws.folder / "campaigns" / ws.campaigns.load(campaign_id).id


def _measured(ws: Workspace, campaign_id: str, *, source: Mapping[str, str]) -> CampaignRecord:
    record = ws.campaigns.load(campaign_id)
    folder = campaign_folder(ws, record.id)
    folder.parent.mkdir(exist_ok=True)
    others = [one for one in ws.campaigns.list() if one.id != record.id and _overlaps(one, record)]
    run_awaited(
        ws,
        measure_outcomes,
        arguments={
            "audience": record.audience,
            "source": dict(source),
            "others": [ws.campaigns.load(one.id).audience for one in others],
            "settings": asdict(ws.settings),
            "target": str(folder),
        },
        within_s=MOST_SECONDS,
        too_long=_too_long(),
    )
    result = read_json(folder / "result.json")
    told = replace(record, state="measured" if result["lift"]["is_final"] else "planned", result=result)
    return ws.campaigns.save(told)


def _audiences_near(ws: Workspace, start: date, *, days: int) -> list[str]:
    """The campaigns whose treated customers have a cooldown on that day."""
    near = (
        one.id
        for one in ws.campaigns.list()
        if abs((start - date.fromisoformat(one.facts["start"])).days) < days
    )
    return [ws.campaigns.load(campaign_id).audience for campaign_id in near]


def _overlaps(other: CampaignRecord, own: CampaignRecord) -> bool:
    started: str = other.facts["start"]
    return bool(own.facts["start"] <= started < own.facts["end"])


def _key(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _too_long() -> ConflictError:
    return ConflictError(
        f"It takes longer than {MOST_SECONDS:g} seconds", to_do="Try again when less is running"
    )
