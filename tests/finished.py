"""A finished segmentation of the sample store, made as a job makes it, once for all tests of a run."""

from __future__ import annotations

import fcntl
import json
import shutil
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from coterie.experiments import Campaign, CampaignPlan, Member
from coterie.jobs import ignore_progress
from coterie.selection import comparing, judging
from coterie.settings import Settings
from coterie.sources import write_sample_store
from coterie.workspace import CampaignRecord, DatasetRecord, SegmentationRecord, Workspace, steps
from coterie.workspace.campaigns import facts_of

N_CUSTOMERS = 300
TREE, QUICK = "tree", "quick"
"""By Ward's method with any number of segments and all charts; by k-means with three and none."""
ROLES = {"orders": "transactions", "customers": "customers", "events": "events", "feedback": "feedback"}
N_REFITS = 3
REQUESTS: dict[str, dict[str, Any]] = {
    TREE: {"method": "hierarchical"},
    QUICK: {"method": "kmeans", "n_segments": 3},
}


def finished_folders(shared: Path) -> dict[str, Path]:
    """The folders of both, made by the first worker that asks."""
    folders = {name: shared / "finished" / name for name in REQUESTS}
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "finished").is_dir():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(judging, "N_SUBSAMPLES_CHOOSING", N_REFITS)
                patch.setattr(comparing, "N_SUBSAMPLES_CHOSEN", N_REFITS)
                _make(shared / "making")
            (shared / "making").rename(shared / "finished")
    return folders


def add_finished(ws: Workspace, folders: dict[str, Path]) -> None:
    """Put both into a workspace; the one with all charts is in use."""
    now = datetime.now(UTC)
    ws.datasets.add(
        DatasetRecord("store", "Sample store", now, (("orders.csv", "f" * 64, 1),), state="ready")
    )
    for name, folder in folders.items():
        words, summary = (
            json.loads((folder / file).read_text()) for file in ("page.json", "result/summary.json")
        )
        ws.segmentations.add(
            SegmentationRecord(
                name,
                f"The {name} one",
                "store",
                now,
                request=REQUESTS[name],
                state="ready",
                headline=words["headline"],
                n_customers=summary["data"]["n_customers"],
                n_segments=len(words["segments"]),
                method=words["method"],
            )
        )
        shutil.copytree(folder, ws.segmentations.folder(name), copy_function=_linked)
    ws.segmentations.save_current(TREE, instead_of=None)


def a_campaign(campaign_id: str, segmentation_id: str) -> CampaignRecord:
    """A campaign of forty people, ten of them held out."""
    plan = CampaignPlan("Spring", "Champions", date(2025, 3, 1), holdout=0.25)
    members = tuple(Member(f"{n:05d}", "in the segment Champions", "Champions", n % 4 > 0) for n in range(40))
    drawn = Campaign(plan, 42, {"said no": 2}, members, 0.3)
    return CampaignRecord(
        campaign_id,
        segmentation_id,
        0,
        plan.name,
        datetime.now(UTC),
        "ann",
        facts=facts_of(drawn, segment="Champions", consent="recorded"),
        audience=drawn.to_json(),
    )


def _linked(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def _make(folder: Path) -> None:
    told: dict[str, Any] = {"settings": asdict(Settings()), "progress": ignore_progress}
    stores = write_sample_store(folder / "files", n_customers=N_CUSTOMERS)
    files = [
        {"path": str(stores[name]), "name": stores[name].name, "role": role, "mapping": {}}
        for name, role in ROLES.items()
    ]
    steps.import_files(files, {}, describe=False, target=str(folder / "dataset"), **told)
    steps.build_table(str(folder / "dataset"), None, target=str(folder / "features"), **told)
    steps.foretell(str(folder / "features"), target=str(folder / "forecast"), **told)
    for name, request in REQUESTS.items():
        made = {"features": str(folder / "features"), "segmentation": str(folder / f"{name}-found")}
        steps.segment(
            made["features"], {**request, "truth": "true_segment"}, target=made["segmentation"], **told
        )
        made["charts"] = str(folder / f"{name}-charts")
        if name == TREE:
            steps.draw(made["features"], made["segmentation"], target=made["charts"], **told)
        else:
            _draw_nothing(Path(made["charts"]))
        made["forecast"] = str(folder / "forecast")
        steps.write(made, target=str(folder / name), **told)


def _draw_nothing(folder: Path) -> None:
    for name in ("pictures", "drawings"):
        (folder / name).mkdir(parents=True)
    (folder / "charts.json").write_text("[]")
