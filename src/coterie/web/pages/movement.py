"""Movement: who went where between two days or two segmentations, why, and whether the model still fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for

from coterie.errors import CoterieError, NotFoundError
from coterie.web.belonging import customer_url
from coterie.web.failures import status_of
from coterie.web.figures import DRAWING, KINDS, PICTURES, Figure, picture_size
from coterie.web.house import workspace
from coterie.web.movements import (
    CAUSES,
    KEPT,
    OF,
    asked_flow,
    asked_journey,
    balances,
    headline,
    linked_changes,
    why_not,
)
from coterie.web.rendering import render
from coterie.web.transfer import send_kept
from coterie.workspace.journeys import (
    draw_journey,
    export_events,
    export_moved,
    find_drift,
    list_moved,
    usual_period,
)

if TYPE_CHECKING:
    from coterie.workspace import SegmentationRecord
    from coterie.workspace.journeys import Journey, Period

page = Blueprint("movement", __name__, url_prefix="/segmentations/<segmentation_id>")

ROWS = 25
FIRST_SAID = 8
"""So many sentences stand open, the others behind a click."""


@page.get("/movement")
def show(segmentation_id: str) -> Response:
    """Show the movement that the address asks for, or the form with what is wrong about it."""
    record, journey, where, wrong = _ready(segmentation_id), None, {}, None
    try:
        usual = usual_period(workspace(), record.id)
    except CoterieError as failure:
        usual, wrong = None, failure
    try:
        journey, period = asked_journey(record.id)
        where = asked_flow(journey.told)
    except CoterieError as failure:
        period, wrong = None, failure
    said = "" if wrong is None else why_not(wrong)
    return render(
        "movement.html",
        status=200 if wrong is None or said else status_of(wrong),
        record=record,
        usual=usual,
        typed=_typed(period or usual),
        wrong="" if wrong is None or said else str(wrong),
        why_not="" if journey else said,
        **_parent(record),
        **_told(journey, record),
        **_listed(journey, record, where=where),
        **_drift(record),
    )


@page.get("/segments/<int:segment_id>/movement")
def of_segment(segmentation_id: str, segment_id: int) -> Response:
    """Show what came into one segment and what left it."""
    record, balance, period, wrong = _ready(segmentation_id), None, None, ""
    names = {one["id"]: one["name"] for one in workspace().segmentations.page(record.id)["segments"]}
    if segment_id not in names:
        raise NotFoundError("There is no such segment in this segmentation")
    try:
        journey, period = asked_journey(record.id)
        balance = next((one for one in balances(journey.told) if one.id == segment_id), None)
    except CoterieError as failure:
        wrong = why_not(failure) or str(failure)
    return render(
        "came_and_left.html",
        record=record,
        segment_id=segment_id,
        segment_name=names[segment_id],
        balance=balance,
        period=period,
        wrong=wrong,
    )


@page.get("/movement/<name>")
def picture(segmentation_id: str, *, name: str) -> Response:
    """Send a file of a picture of the movement; it is drawn when somebody asks for it first."""
    journey, _ = asked_journey(_ready(segmentation_id).id)
    stem, _, kind = name.partition(".")
    of = _of(journey)
    if kind not in KINDS or stem not in {words["name"] for words in journey.words[of]}:
        raise NotFoundError("This movement has no such picture")
    folder = draw_journey(workspace(), journey, of=of)
    return send_kept(folder / f"{stem}.{kind}", KINDS[kind], save="save" in request.args)


@page.get("/movement.csv")
def export(segmentation_id: str) -> Response:
    """Hand over the customers of a flow, or who entered and left a segment, as CSV."""
    journey, _ = asked_journey(_ready(segmentation_id).id)
    segment = request.args.get("segment", "")
    if segment:
        if segment not in journey.told["names"]:
            raise NotFoundError("There is no such segment in this movement")
        pieces = export_events(workspace(), journey, segment_id=int(segment))
        return _csv(pieces, f"{journey.told['names'][segment]}-entered-and-left")
    return _csv(export_moved(workspace(), journey, where=asked_flow(journey.told)), "moved")


def _csv(pieces: Iterator[str], name: str) -> Response:
    response = Response(pieces, mimetype="text/csv")
    safe = "".join(letter if letter.isalnum() else "-" for letter in name)
    response.headers.set("Content-Disposition", "attachment", filename=f"{safe}.csv")
    return response


def _ready(segmentation_id: str) -> SegmentationRecord:
    record = workspace().segmentations.load(segmentation_id)
    workspace().segmentations.page(record.id)
    return record


def _typed(period: Period | None) -> dict[str, str]:
    """What the form shows: what was typed, else the days that are shown."""
    shown = {"start": period and period.start, "end": period and period.end}
    return {name: request.args.get(name) or (day.isoformat() if day else "") for name, day in shown.items()}


def _of(journey: Journey) -> str:
    asked = request.args.get("of", "")
    return asked if asked in OF and asked in journey.words else OF[0]


def _parent(record: SegmentationRecord) -> dict[str, Any]:
    """The segmentation this one was made from, and the one it is compared with."""
    ready = {one.id: one for one in workspace().segmentations.list() if one.state == "ready"}
    return {
        "parent": ready.get(record.parent_id or ""),
        "against": ready.get(request.args.get("against", "")),
    }


def _told(journey: Journey | None, record: SegmentationRecord) -> dict[str, Any]:
    if journey is None:
        return {"told": None}
    told, of = journey.told, _of(journey)
    return {
        "told": told,
        "of": of,
        "has_money": OF[1] in journey.words,
        "headline": headline(told),
        "changes": linked_changes(told),
        "n_first": FIRST_SAID,
        "figures": _figures(journey, record, of=of),
        "balances": balances(told),
        "n_ruler": sum(flow["n_ruler_moved"] for flow in told["causes"]),
        "n_people": sum(flow["n_people_changed"] for flow in told["causes"]),
        "csv_url": _url("export", record),
    }


def _url(endpoint: str, record: SegmentationRecord, **more: Any) -> str:
    """An address about the same movement."""
    same = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return url_for(f"movement.{endpoint}", segmentation_id=record.id, **{**same, **more})


def _figures(journey: Journey, record: SegmentationRecord, *, of: str) -> list[Figure]:
    drawn, mark = journey.folder.with_name(f"{journey.folder.name}-{of}"), journey.folder.name[-8:]

    def url(name: str, kind: str) -> str:
        return _url("picture", record, name=f"{name}.{kind}", v=mark)

    return [
        Figure(
            **words,
            urls={kind: url(words["name"], kind) for kind in PICTURES},
            size=picture_size(drawn / f"{words['name']}.svg"),
            drawing=url(words["name"], DRAWING),
        )
        for words in journey.words[of]
    ]


def _listed(journey: Journey | None, record: SegmentationRecord, *, where: dict[str, Any]) -> dict[str, Any]:
    """The customers of the flow that the address names, a page at a time."""
    if journey is None or not where:
        return {"listed": None}
    asked = request.args.get("page", "")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 9 else 1
    found = list_moved(workspace(), journey, where=where, page=number, n_rows=ROWS)
    flow = {name: request.args[name] for name in ("from", "to", "cause") if name in request.args}
    return {
        "listed": found,
        "rows": [_row(record, dict(zip(found.columns, row, strict=True))) for row in found.rows],
        "page": number,
        "n_pages": max(1, -(-found.n_found // ROWS)),
        "currency": journey.words["currency"] or None,
        "listed_csv": _url("export", record, **flow),
    }


def _row(record: SegmentationRecord, row: dict[str, Any]) -> dict[str, Any]:
    """Who is no longer in the data has no page."""
    url = customer_url(record.id, row["customer_id"]) if row["segment_id"] >= -1 else ""
    money = row["money"]
    return {
        **row,
        "url": url,
        "why": CAUSES.get(row["cause"], ""),
        "money": None if money != money else money,
    }


def _drift(record: SegmentationRecord) -> dict[str, Any]:
    """Whether the model still fits, if the address asks for it."""
    datasets = [one for one in workspace().datasets.list() if one.state == "ready"]
    asked = request.args.get("data", "")
    chosen = next((one for one in datasets if one.id == asked), None)
    view: dict[str, Any] = {
        "datasets": datasets,
        "data": asked or record.dataset_id,
        "drift": None,
        "drift_wrong": "",
    }
    if not asked:
        return view
    try:
        other = None if chosen is None or chosen.id == record.dataset_id else chosen.id
        return {**view, "drift": find_drift(workspace(), record.id, dataset_id=other)}
    except CoterieError as failure:
        return {**view, "drift_wrong": str(failure)}
