"""One segment: who they are, why they are together, what they are worth, what to do, every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for

from coterie.errors import InputError, NotFoundError, ParameterError
from coterie.web.ahead import COLUMNS, find_outlook
from coterie.web.belonging import customer_url, margin_words
from coterie.web.contrasts import contrasts
from coterie.web.house import visitor, workspace
from coterie.web.rendering import done, render

if TYPE_CHECKING:
    from coterie.workspace import MemberPage, MemberRequest, SegmentationRecord

page = Blueprint("segment", __name__, url_prefix="/segmentations/<segmentation_id>/segments/<int:segment_id>")

RULES = {"words": "In words", "sql": "SQL", "python": "Python", "json": "JSON"}
ROWS = 25
MOST_COLUMNS = 4
"""Features in the list of members unless somebody chooses others."""
MOST_NOTE = 2_000


@dataclass(frozen=True)
class Month:
    """A month's revenue, and its bar in a drawing of 100 by 100."""

    name: str
    revenue: float
    n_orders: int
    n_buyers: int
    x: float
    width: float
    y: float
    height: float


@page.get("")
def show(segmentation_id: str, segment_id: int) -> Response:
    """Show the segment."""
    record = workspace().segmentations.load(segmentation_id)
    content, summary = workspace().segmentations.page(record.id), workspace().segmentations.summary(record.id)
    words = _of(content["segments"], segment_id)
    others = [other for other in content["segments"] if other["id"] != segment_id]
    against = next((one for one in others if str(one["id"]) == request.args.get("against")), None)
    current = workspace().segmentations.load_current()
    rule = request.args.get("rule", "words")
    return render(
        "segment.html",
        record=record,
        in_use=current is not None and current.id == record.id,
        segment=words,
        figures=_of(summary["segments"], segment_id),
        n_all=summary["data"]["n_customers"],
        others=others,
        against=against,
        contrasts=contrasts(words, against, features=content["features"]),
        method=content["method"],
        n_segments=len(content["segments"]),
        observation_end=summary["data"]["observation_end"],
        rules=RULES,
        rule=rule if rule in RULES else "words",
        tree_fidelity=summary["segmentation"]["tree_fidelity"],
        months=_months(words["history"]),
        ahead=find_outlook(record.id, segment_id),
        currency=_currency(record),
        evidence=_evidence(),
        playbook=_playbook(words["action"]),
        notes=workspace().notes.list(record.id, segment_id),
        here=_here,
        choices=_choices,
        customer_url=customer_url,
        **_advice(record, segment_id, segments=content["segments"]),
        **_members(record, segment_id, content=content, summary=summary),
    )


@page.get("/members.csv")
def export(segmentation_id: str, segment_id: int) -> Response:
    """Hand over the members, all or those the search finds, as CSV."""
    from coterie.workspace import MemberRequest, export_members

    words = _of(workspace().segmentations.page(segmentation_id)["segments"], segment_id)
    asked = MemberRequest(segment_id=segment_id, search=request.args.get("search", ""))
    pieces = export_members(workspace(), segmentation_id, request=asked)
    response = Response(pieces, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{_file_name(words['name'])}.csv")
    return response


@page.get("/edges.csv")
def edges(segmentation_id: str, segment_id: int) -> Response:
    """Hand over the members whom one order, or its absence, moves to another segment, as CSV."""
    from coterie.workspace import export_edge_customers

    words = _of(workspace().segmentations.page(segmentation_id)["segments"], segment_id)
    pieces = export_edge_customers(workspace(), segmentation_id, segment_id=segment_id)
    response = Response(pieces, mimetype="text/csv")
    name = f"{_file_name(words['name'])}-at-the-edge.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@page.post("/notes")
def add_note(segmentation_id: str, segment_id: int) -> Response:
    """Write a note beside the segment."""
    from coterie.workspace import NoteRecord, new_id

    text = request.form.get("text", "").strip()
    if not 0 < len(text) <= MOST_NOTE:
        raise InputError(f"A note has 1 to {MOST_NOTE:,} letters", where="text")
    _of(workspace().segmentations.page(segmentation_id)["segments"], segment_id)
    writer = visitor()
    workspace().notes.add(
        NoteRecord(
            id=new_id(),
            segmentation_id=segmentation_id,
            segment_id=segment_id,
            at=datetime.now(UTC),
            user_name=writer.name if writer else "",
            text=text,
        )
    )
    return done(_url(segmentation_id, segment_id) + "#notes", "Your note is kept.")


@page.post("/notes/<note_id>/remove")
def remove_note(segmentation_id: str, segment_id: int, *, note_id: str) -> Response:
    """Take a note away."""
    note = workspace().notes.load(note_id)
    if (note.segmentation_id, note.segment_id) != (segmentation_id, segment_id):
        raise NotFoundError("There is no such note")
    workspace().notes.remove(note_id)
    return done(_url(segmentation_id, segment_id) + "#notes", "The note is gone.")


def _of(segments: list[dict[str, Any]], segment_id: int) -> dict[str, Any]:
    found = next((segment for segment in segments if segment["id"] == segment_id), None)
    if found is None:
        raise NotFoundError("There is no such segment in this segmentation")
    return found


def _url(segmentation_id: str, segment_id: int) -> str:
    return url_for("segment.show", segmentation_id=segmentation_id, segment_id=segment_id)


def _here(**changed: Any) -> str:
    """The address of this page with something else chosen; None takes a choice back."""
    values: dict[str, Any] = {**request.args.to_dict(flat=False), **changed}
    kept = {name: value for name, value in values.items() if value not in (None, "", [""])}
    return url_for("segment.show", **{**(request.view_args or {}), **kept})


def _choices(*names: str) -> list[tuple[str, str]]:
    """What a form has to carry along of the address."""
    return [(name, value) for name in names for value in request.args.getlist(name) if value]


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name).strip("-") or "segment"


def _currency(record: SegmentationRecord) -> str | None:
    report = workspace().datasets.load(record.dataset_id).report
    return None if report is None else report.get("currency")


def _evidence() -> str:
    from coterie.knowledge import EVIDENCE_MEANS

    return EVIDENCE_MEANS


def _playbook(action: Mapping[str, str] | None) -> Any:
    """When to start and how often; what the report leaves out."""
    from coterie.knowledge import PLAYBOOKS

    return None if action is None else PLAYBOOKS.get(action["playbook"])


def _advice(record: SegmentationRecord, segment_id: int, *, segments: list[dict[str, Any]]) -> dict[str, Any]:
    """What could be done, and who is at the edge."""
    from coterie.workspace import find_advice, find_edge_customers

    return {
        "advice": find_advice(workspace(), record.id, segment_id=segment_id),
        "edges": find_edge_customers(workspace(), record.id, segment_id=segment_id),
        "segment_names": {one["id"]: one["name"] for one in segments},
    }


def _months(history: list[list[Any]]) -> list[Month]:
    """Bars from zero; what was taken back weighs downward."""
    if not history:
        return []
    highest = max(0.0, *(revenue for _, revenue, *_ in history))
    lowest = min(0.0, *(revenue for _, revenue, *_ in history))
    scale, step = 100 / ((highest - lowest) or 1.0), 100 / len(history)
    return [
        Month(
            name,
            revenue,
            n_orders,
            n_buyers,
            x=place * step + step * 0.12,
            width=step * 0.76,
            y=(highest - max(revenue, 0.0)) * scale,
            height=abs(revenue) * scale,
        )
        for place, (name, revenue, n_orders, n_buyers) in enumerate(history)
    ]


def _members(
    record: SegmentationRecord, segment_id: int, *, content: Mapping[str, Any], summary: Mapping[str, Any]
) -> dict[str, Any]:
    """The page of the list that the address asks for."""
    from coterie.workspace import list_members

    features = {feature["name"]: feature for feature in content["features"]}
    if not find_outlook(record.id)["reason"]:
        features = {feature["name"]: feature for feature in COLUMNS} | features
    usual = [name for name in summary["segmentation"]["attributes"] if name in features]
    chosen = [name for name in request.args.getlist("column") if name in features] or usual[:MOST_COLUMNS]
    asked = _asked(segment_id, columns=chosen)
    try:
        members = list_members(workspace(), record.id, request=asked)
    except ParameterError:
        # An old link may sort by what is no longer there: the list is then in its own order.
        members = list_members(workspace(), record.id, request=_asked(segment_id, columns=chosen, sort=""))
    return {
        "members": members,
        "rows": _rows(record.id, members),
        "columns": [features[name] for name in chosen],
        "features": list(features.values()),
        "chosen": chosen,
        "asked": asked,
    }


def _asked(segment_id: int, *, columns: list[str], sort: str | None = None) -> MemberRequest:
    from coterie.workspace import MemberRequest

    order = request.args.get("sort", "") if sort is None else sort
    page_number = request.args.get("page", "")
    return MemberRequest(
        segment_id=segment_id,
        search=request.args.get("search", "").strip(),
        sort=order.removeprefix("-") or "customer_id",
        descending=order.startswith("-"),
        columns=("customer_id", "margin", *columns),
        page=int(page_number) if page_number.isdecimal() and len(page_number) < 9 else 1,
        n_rows=ROWS,
    )


def _rows(segmentation_id: str, members: MemberPage) -> list[dict[str, Any]]:
    return [
        {
            "id": customer_id,
            "url": customer_url(segmentation_id, customer_id),
            "margin": margin,
            "why": margin_words(margin),
            "values": values,
        }
        for customer_id, margin, *values in members.rows
    ]
