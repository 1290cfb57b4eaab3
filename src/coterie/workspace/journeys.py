"""Who moved between two days or two segmentations: asked for by pages, worked out once, and kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import InputError, ParameterError
from coterie.store import csv_text, read_json
from coterie.store.paging import PageRequest
from coterie.workspace import movement_steps
from coterie.workspace.editing import archived, write_edits

if TYPE_CHECKING:
    from coterie.store.paging import Page
    from coterie.workspace.workspace import Workspace

WITHIN_S = 60.0
USUAL_DAYS = 30


@dataclass(frozen=True)
class Period:
    """Two days, and the first and last there can be."""

    start: date
    end: date
    first: date
    last: date

    def between(self, start: date | None, end: date | None) -> Period:
        """The same data between other days.

        Parameters
        ----------
        start, end : date or None
            None: as it is, or, if the end is given, as many days before it.

        Returns
        -------
        Period

        Raises
        ------
        ParameterError
            If the days are none of the data, or the end is not after the start.
        """
        to = end or self.end
        from_ = start or max(self.first, to - (self.end - self.start))
        if not self.first <= from_ < to <= self.last:
            raise ParameterError(
                f"{from_} to {to} is no period of these data",
                to_do=f"Choose two days from {self.first} to {self.last}, the later one second",
            )
        return Period(from_, to, self.first, self.last)


@dataclass(frozen=True)
class Journey:
    """A movement that was worked out.

    Attributes
    ----------
    folder : Path
    told : mapping
        See `coterie.delivery.summarise_movement`.
    words : mapping
        currency; people and, if there are amounts, money: name, title, alt and table of each chart.
    """

    folder: Path
    told: Mapping[str, Any]
    words: Mapping[str, Any]


def usual_period(ws: Workspace, segmentation_id: str) -> Period:
    """The last thirty days of a segmentation's data, or as many as there are.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str

    Returns
    -------
    Period

    Raises
    ------
    InputError
        If there are no dated orders, or all are of one day.
    """
    end = ws.segmentations.summary(segmentation_id)["data"]["observation_end"]
    orders = Path(archived(ws, segmentation_id)["features"]) / "dataset" / "transactions.parquet"
    if end is None or not orders.is_file():
        raise InputError("Without dated orders nobody can be followed over time")
    [(first,)] = ws.pager.ask("SELECT min(t.at)::DATE FROM read_parquet($path) t", {"path": str(orders)})
    last = date.fromisoformat(end)
    if first is None or first >= last:
        raise InputError("All orders are of one day, so that nobody can be followed over time")
    return Period(max(first, last - timedelta(days=USUAL_DAYS)), last, first, last)


def find_movement(ws: Workspace, segmentation_id: str, *, period: Period) -> Journey:
    """Who moved between two days, by the segmentation as it is.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    period : Period

    Returns
    -------
    Journey

    Raises
    ------
    CoterieError
        If nobody had bought anything by the start, or it takes too long to say.
    """
    asked = _asked(ws, segmentation_id, period=period)
    target = _target(ws, "movement", asked=asked)
    if not target.is_dir():
        own = {**asked, "settings": asdict(ws.settings), "target": str(target)}
        ws.warm.ask(movement_steps.move, own, within_s=WITHIN_S)
    return _journey(target)


def known_movement(ws: Workspace, segmentation_id: str, *, period: Period) -> Journey | None:
    """The same, if somebody has asked for it before.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    period : Period

    Returns
    -------
    Journey or None
    """
    target = _target(ws, "movement", asked=_asked(ws, segmentation_id, period=period))
    return _journey(target) if target.is_dir() else None


def compare_runs(ws: Workspace, segmentation_id: str, *, earlier_id: str) -> Journey:
    """Who moved from an earlier segmentation to this one, parted into people and the model.

    Parameters
    ----------
    ws : Workspace
    segmentation_id, earlier_id : str

    Returns
    -------
    Journey

    Raises
    ------
    CoterieError
        If the later customers cannot be placed by the earlier model, or it takes too long to say.
    """
    ids = (earlier_id, segmentation_id)
    made = [[one.id for one in ws.edits.list(each)] for each in ids]
    pages = [ws.segmentations.page(each).get("edit_ids") for each in ids]
    target = _target(ws, "movement", asked={"ids": ids, "edits": made, "made": pages})
    currency = _currency(ws, segmentation_id)
    if not target.is_dir():
        with contextlib.ExitStack() as ending:
            folders = []
            for each, name in zip(ids, ("old", "new"), strict=True):
                edits = target.with_suffix(f".{name}.json")
                ending.callback(edits.unlink, missing_ok=True)
                write_edits(ws, each, path=edits)
                folders.append({**archived(ws, each), "edits": str(edits)})
            own = {"old": folders[0], "new": folders[1], "currency": currency, "target": str(target)}
            ws.warm.ask(movement_steps.compare, {**own, "settings": asdict(ws.settings)}, within_s=WITHIN_S)
    return _journey(target)


def draw_journey(ws: Workspace, journey: Journey, *, of: str) -> Path:
    """Draw a movement, once.

    Parameters
    ----------
    ws : Workspace
    journey : Journey
    of : str
        "people" or "money".

    Returns
    -------
    Path
        See `movement_steps.draw`.
    """
    target = journey.folder.with_name(f"{journey.folder.name}-{of}")
    if not target.is_dir():
        asked = {"folder": str(journey.folder), "of": of, "target": str(target)}
        ws.warm.ask(movement_steps.draw, asked, within_s=WITHIN_S)
    return target


def find_drift(ws: Workspace, segmentation_id: str, *, dataset_id: str | None = None) -> dict[str, Any]:
    """Whether the model still fits the customers of a dataset on its last day.

    Parameters
    ----------
    ws : Workspace
    segmentation_id : str
    dataset_id : str, optional
        Default: the segmentation's own, which may have gone on since the day it was looked at from.

    Returns
    -------
    dict
        As `coterie.delivery.summarise_drift`, and observation_end.

    Raises
    ------
    CoterieError
        If the customers cannot be described like those of the fit, or it takes too long to say.
    """
    of = dataset_id or ws.segmentations.load(segmentation_id).dataset_id
    against = ws.datasets.folder(of)
    folders = {"model": str(_model(ws, segmentation_id))}
    if (against / "quality.json").is_file():
        folders |= {"dataset": str(against)}
    elif dataset_id is None:
        folders |= {"features": archived(ws, segmentation_id)["features"]}
    else:
        raise InputError("This dataset is not imported yet", to_do="Make a segmentation of it first")
    asked: dict[str, Any] = {"folders": folders, "names": _names(ws, segmentation_id)}
    made = ws.segmentations.page(segmentation_id).get("edit_ids")
    written = [Path(path).stat().st_mtime_ns for path in folders.values()]
    target = _target(ws, "drift", asked={**asked, "made": [made, written]})
    if not target.is_dir():
        own = {**asked, "settings": asdict(ws.settings), "target": str(target)}
        ws.warm.ask(movement_steps.drift, own, within_s=WITHIN_S)
    told: dict[str, Any] = read_json(target / "drift.json")
    return told


def list_moved(ws: Workspace, journey: Journey, *, where: Mapping[str, Any], page: int, n_rows: int) -> Page:
    """A page of the customers of a flow.

    Parameters
    ----------
    ws : Workspace
    journey : Journey
    where : mapping
        Values by column of its customers.parquet.
    page : int
        From 1 on.
    n_rows : int

    Returns
    -------
    Page
        customer_id, previous_segment_id, previous_segment, segment_id, segment, cause, ruler_moved, money.
    """
    asked = PageRequest(equal=where, columns=SHOWN, first=(max(page, 1) - 1) * n_rows, n_rows=n_rows)
    return ws.pager.page(journey.folder / movement_steps.CUSTOMERS, asked)


SHOWN = (
    "customer_id", "previous_segment_id", "previous_segment", "segment_id", "segment", "cause",
    "ruler_moved", "money",
)  # fmt: skip


def export_moved(ws: Workspace, journey: Journey, *, where: Mapping[str, Any]) -> Iterator[str]:
    """Print the customers of a flow as CSV, piece by piece.

    Parameters
    ----------
    ws : Workspace
    journey : Journey
    where : mapping
        As of `list_moved`.

    Returns
    -------
    iterator of str
        Text cells are made harmless.
    """
    columns = ("customer_id", "previous_segment", "segment", "changed_on", "cause", "ruler_moved", "money")
    return _printed(
        ws, journey.folder / movement_steps.CUSTOMERS, asked=PageRequest(equal=where, columns=columns)
    )


def export_events(ws: Workspace, journey: Journey, *, segment_id: int) -> Iterator[str]:
    """Print who entered and left a segment as CSV, piece by piece.

    Parameters
    ----------
    ws : Workspace
    journey : Journey
    segment_id : int

    Returns
    -------
    iterator of str
        Text cells are made harmless.
    """
    asked = PageRequest(equal={"segment_id": segment_id})
    return _printed(ws, journey.folder / movement_steps.EVENTS, asked=asked)


def _printed(ws: Workspace, path: Path, *, asked: PageRequest) -> Iterator[str]:
    batches = ws.pager.batches(path, asked)
    return (csv_text(batch, header=number == 0) for number, batch in enumerate(batches))


def _asked(ws: Workspace, segmentation_id: str, *, period: Period) -> dict[str, Any]:
    return {
        "folders": {
            "features": archived(ws, segmentation_id)["features"],
            "model": str(_model(ws, segmentation_id)),
        },
        "names": _names(ws, segmentation_id),
        "days": [period.start.isoformat(), period.end.isoformat()],
        "currency": _currency(ws, segmentation_id),
    }


def _currency(ws: Workspace, segmentation_id: str) -> str:
    report = ws.datasets.load(ws.segmentations.load(segmentation_id).dataset_id).report or {}
    return report.get("currency") or ""


def _model(ws: Workspace, segmentation_id: str) -> Path:
    """Of the result: what was changed by hand is in it."""
    return ws.segmentations.folder(segmentation_id) / "result" / "model"


def _names(ws: Workspace, segmentation_id: str) -> dict[str, str]:
    page = ws.segmentations.page(segmentation_id)
    return {str(segment["id"]): segment["name"] for segment in page["segments"]}


def _target(ws: Workspace, kind: str, *, asked: Mapping[str, Any]) -> Path:
    """Where an answer is kept; a folder made anew, by edits, has a model of another day."""
    model = asked.get("folders", {}).get("model")
    written = (Path(model) / "model.json").stat().st_mtime_ns if model else None
    told = json.dumps([asked, written], sort_keys=True)
    return ws.tmp / f"{kind}-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def _journey(folder: Path) -> Journey:
    return Journey(
        folder, *(read_json(folder / name) for name in (movement_steps.TOLD, movement_steps.WORDS))
    )
