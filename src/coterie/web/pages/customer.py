"""One customer: everything known, and why this customer is in this segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from coterie.web.ahead import COLUMNS, find_outlook
from coterie.web.belonging import customer_url, margin_words
from coterie.web.house import workspace
from coterie.web.movements import moved_customer
from coterie.web.rendering import render

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.workspace import SegmentationRecord


class AnyText(BaseConverter):
    """The rest of an address, whatever it is: ids hold slashes and more."""

    part_isolating = False
    regex = ".+"


page = Blueprint("customer", __name__, url_prefix="/segmentations/<segmentation_id>/customers")


@page.record
def _know_any_text(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["anything"] = AnyText


ROWS = 20
MOST_TRAITS = 8
TABLES = {"transactions": "Orders", "events": "Visits and events", "feedback": "Reviews"}
INNER = frozenset({"line", "customer_id", "is_purchase", "is_return", "net_quantity", "net_amount"})
"""Columns that say nothing new on the page of a customer."""
UNITS = {"amount": "money", "unit_price": "money", "value": "money"}
HEAD = frozenset({"customer_id", "segment_id", "segment_name", "margin", "core_member"})
AHEAD = frozenset(column["name"] for column in COLUMNS)
"""Told in a block of their own, unless they are features of these customers."""
PLACES = frozenset({"map_x", "map_y", "map_z"})


@dataclass(frozen=True)
class Listing:
    """Rows of one kind, the newest first.

    Attributes
    ----------
    role, title : str
    columns : list of (name, unit)
    rows : list of tuple
    n_found, page, n_pages : int
    """

    role: str
    title: str
    columns: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]
    n_found: int
    page: int
    n_pages: int


@page.get("/<anything:customer_id>", merge_slashes=False)
def show(segmentation_id: str, customer_id: str) -> Response:
    """Show the customer."""
    return _show(segmentation_id, customer_id)


@page.get("")
def find(segmentation_id: str) -> Response:
    """Show the customer whose id stands in the form, or behind the question mark."""
    return _show(segmentation_id, request.args.get("id", ""))


def _show(segmentation_id: str, customer_id: str) -> Response:
    from coterie.workspace import load_member

    record = workspace().segmentations.load(segmentation_id)
    content = workspace().segmentations.page(segmentation_id)
    member = load_member(workspace(), segmentation_id, customer_id=customer_id)
    folder = workspace().segmentations.folder(segmentation_id) / "archive" / "features" / "dataset"
    segment = next((one for one in content["segments"] if one["id"] == member["segment_id"]), None)
    formed_by = workspace().segmentations.summary(segmentation_id)["segmentation"]["attributes"]
    report = workspace().datasets.load(record.dataset_id).report or {}
    return render(
        "customer.html",
        record=record,
        customer_id=customer_id,
        member=member,
        moved=moved_customer(segmentation_id, customer_id),
        segment=segment,
        why=margin_words(member["margin"]),
        traits=[] if segment is None else _traits(member, segment, content=content, first=formed_by),
        **_ahead(record.id, customer_id),
        facts=_facts(member, features=content["features"]),
        details=_details(folder, customer_id, known=member),
        listings=_listings(folder, customer_id),
        currency=report.get("currency"),
        here=lambda **changed: _here(record, customer_id, **changed),
    )


def _ahead(segmentation_id: str, customer_id: str) -> dict[str, Any]:
    """What this customer will likely do, or why nothing can be said."""
    from coterie.workspace import load_member_forecast

    told = find_outlook(segmentation_id)
    own = load_member_forecast(workspace(), segmentation_id, customer_id=customer_id)
    reason = told.get("reason") or ("This customer has not bought anything yet" if own is None else "")
    return {"ahead": own, "ahead_of_all": told, "no_forecast": reason}


def _here(record: SegmentationRecord, customer_id: str, **changed: Any) -> str:
    from urllib.parse import urlencode

    values = {name: value for name, value in request.args.items() if name != "id"} | changed
    address = customer_url(record.id, customer_id)
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"


def _traits(
    member: Mapping[str, Any], segment: Mapping[str, Any], *, content: Mapping[str, Any], first: list[str]
) -> list[dict[str, Any]]:
    """What the segments were formed by, then what this one is known for: beside everyone's."""
    apart = segment["differences"]
    told = [feature for feature in content["features"] if apart.get(feature["name"]) is not None]
    ranked = sorted(told, key=lambda one: (one["name"] not in first, -abs(apart[one["name"]])))
    return [
        {**feature, "own": member.get(feature["name"]), "typical": segment["typical"][feature["name"]]}
        for feature in ranked[:MOST_TRAITS]
    ]


def _facts(member: Mapping[str, Any], *, features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every feature with its value, in the words of the report where it has any."""
    known = {feature["name"]: feature for feature in features}
    plain = {"unit": "", "kind": "number"}
    return [
        {**known.get(name, {"label": name.replace("_", " "), **plain}), "value": value}
        for name, value in member.items()
        if name not in HEAD | PLACES and (name in known or name not in AHEAD)
    ]


def _details(folder: Path, customer_id: str, *, known: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What the list of customers says beyond the features."""
    from coterie.store.paging import PageRequest

    path = folder / "customers.parquet"
    if not path.is_file():
        return []
    found = workspace().pager.page(path, PageRequest(equal={"customer_id": customer_id}, n_rows=1))
    pairs = zip(found.columns, found.rows[0] if found.rows else (), strict=False)
    return [
        (name.replace("_", " "), value)
        for name, value in pairs
        if name not in known and name not in INNER and value is not None
    ]


def _listings(folder: Path, customer_id: str) -> list[Listing]:
    found = [_listing(folder, role, customer_id=customer_id) for role in TABLES]
    return [listing for listing in found if listing is not None]


def _listing(folder: Path, role: str, *, customer_id: str) -> Listing | None:
    """A page of one table; None if the data have no such table."""
    from coterie.store.paging import PageRequest

    path = folder / f"{role}.parquet"
    if not path.is_file():
        return None
    pager = workspace().pager
    names = [name for name in pager.columns(path) if name not in INNER]
    number = request.args.get(role, "")
    wanted = max(1, int(number)) if number.isdecimal() and len(number) < 9 else 1
    asked = PageRequest(
        equal={"customer_id": customer_id},
        sort="at" if "at" in names else "",
        descending=True,
        columns=names,
        first=(wanted - 1) * ROWS,
        n_rows=ROWS,
    )
    found = pager.page(path, asked)
    n_pages = max(1, -(-found.n_found // ROWS))
    columns = [(name, UNITS.get(name, "")) for name in found.columns]
    return Listing(role, TABLES[role], columns, found.rows, found.n_found, wanted, n_pages)
