"""Campaigns: planned with a holdout, handed over as lists, measured; nobody is written to from here."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, send_file, url_for

from coterie.errors import CoterieError, InputError, NotFoundError
from coterie.web.failures import status_of
from coterie.web.figures import PICTURES
from coterie.web.house import visitor, workspace
from coterie.web.rendering import done, render
from coterie.web.trials import (
    VERDICTS,
    Audience,
    audience_of,
    day_of,
    figure_of,
    first_values,
    plan_of,
    points,
    read_daily,
    told,
)

if TYPE_CHECKING:
    from coterie.workspace import CampaignRecord, SegmentationRecord

page = Blueprint("campaigns", __name__, url_prefix="/campaigns")

GROUPS = {"treated": True, "held-out": False}


@page.get("")
def list_all() -> Response:
    """List the campaigns, the newest first."""
    records = workspace().campaigns.list()
    return render("campaigns.html", campaigns=[(one, told(one)) for one in records], segments=_choices())


@page.get("/new")
def new() -> Response:
    """Plan one: the form, and whom it would reach once that is asked."""
    found = _asked_segment()
    if found is None:
        return render("campaign_new.html", record=None, segments=_choices())
    record, segment = found
    first = first_values(segment)
    values = {**first, **{name: request.args[name] for name in first if name in request.args}}
    audience = audience_of(record.id, segment["id"], values=values) if request.args.get("see") else None
    return _form(record, segment, values=values, audience=audience)


@page.post("/new")
def make() -> Response:
    """Freeze the audience."""
    from coterie.workspace import add_campaign

    found = _asked_segment()
    if found is None:
        raise NotFoundError("There is no such segment")
    record, segment = found
    values = {name: request.form.get(name, "") for name in first_values(segment)}
    try:
        writer = visitor()
        made = add_campaign(
            workspace(),
            record.id,
            segment_id=segment["id"],
            plan=plan_of(values),
            user_name=writer.name if writer else "",
        )
    except CoterieError as failure:
        return _form(record, segment, values=values, wrong=failure)
    return done(
        url_for("campaigns.show", campaign_id=made.id), "The audience is frozen; nobody was written to."
    )


@page.get("/<campaign_id>")
def show(campaign_id: str) -> Response:
    """Show a campaign: who is in it, and what it proved."""
    return _shown(workspace().campaigns.load(campaign_id))


@page.get("/<campaign_id>/people/<group>.csv")
def people(campaign_id: str, group: str) -> Response:
    """Hand over those to treat, or those to leave alone, as CSV."""
    import pandas as pd

    from coterie.store import csv_text

    record = workspace().campaigns.load(campaign_id)
    if group not in GROUPS:
        raise NotFoundError("A campaign has the groups treated and held-out")
    rows = [
        (one.customer_id, one.segment, one.reason, group)
        for one in record.campaign.members
        if one.treated is GROUPS[group]
    ]
    text = csv_text(pd.DataFrame(rows, columns=["customer_id", "segment", "reason", "group"]))
    response = Response(text, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{group}.csv")
    return response


@page.get("/<campaign_id>/picture/<file_name>")
def picture(campaign_id: str, file_name: str) -> Response:
    """Send the picture of the result, or its figures."""
    from coterie.workspace import campaign_folder

    stem, _, kind = file_name.partition(".")
    path = campaign_folder(workspace(), campaign_id) / file_name
    if stem != "lift" or kind not in PICTURES or not path.is_file():
        raise NotFoundError("This campaign has no such picture")
    return send_file(
        path, mimetype=PICTURES[kind], as_attachment="save" in request.args, download_name=file_name
    )


@page.post("/<campaign_id>/outcomes")
def take_outcomes(campaign_id: str) -> Response:
    """Measure it, by a file of outcomes or by the orders of a newer dataset."""
    from coterie.workspace import measure_from_dataset

    request.max_content_length = workspace().settings.max_upload_bytes
    record = workspace().campaigns.load(campaign_id)
    try:
        if "dataset" in request.form:
            measure_from_dataset(workspace(), record.id, dataset_id=request.form["dataset"])
        else:
            _measure_file(record)
    except CoterieError as failure:
        return _shown(record, wrong=failure)
    return done(url_for("campaigns.show", campaign_id=record.id), "The outcomes are read.")


def _measure_file(record: CampaignRecord) -> None:
    from coterie.workspace import measure_from_file

    given = request.files.get("file")
    if given is None or not given.filename:
        raise InputError("No file was chosen", where="file")
    until = request.form.get("as_of", "")
    with tempfile.TemporaryDirectory(dir=workspace().tmp) as folder:
        path = Path(folder) / "outcomes.csv"
        given.save(path)
        as_of = day_of(until, "as_of") if until else None
        measure_from_file(workspace(), record.id, path=path, name=given.filename, as_of=as_of)


def _shown(record: CampaignRecord, *, wrong: CoterieError | None = None) -> Response:
    lift = None if record.result is None else record.result["lift"]
    return render(
        "campaign.html",
        status=200 if wrong is None else status_of(wrong),
        record=record,
        facts=record.facts,
        last_day=(date.fromisoformat(record.facts["end"]) - timedelta(days=1)).isoformat(),
        lift=lift,
        verdict="" if lift is None else VERDICTS[lift["verdict"]],
        points=points,
        daily="" if lift is None else read_daily(lift["sequential"]),
        evidence=record.evidence,
        chart=figure_of(record),
        segment_url=_segment_url(record),
        datasets=[one for one in workspace().datasets.list() if one.state == "ready"],
        wrong="" if wrong is None else f"{wrong.what}{f' ({wrong.where})' if wrong.where else ''}.",
    )


def _segment_url(record: CampaignRecord) -> str:
    if record.segmentation_id is None:
        return ""
    return url_for("segment.show", segmentation_id=record.segmentation_id, segment_id=record.segment_id)


def _asked_segment() -> tuple[SegmentationRecord, dict[str, Any]] | None:
    """The segment that the address or the form names."""
    segmentation_id, segment_id = (request.values.get(name, "") for name in ("segmentation", "segment"))
    if not segmentation_id:
        return None
    record = workspace().segmentations.load(segmentation_id)
    segments = workspace().segmentations.page(record.id)["segments"]
    found = next((one for one in segments if str(one["id"]) == segment_id), None)
    return None if found is None else (record, found)


def _choices() -> list[tuple[str, str]]:
    """The segments in use, each with the address of a new campaign."""
    current = workspace().segmentations.load_current()
    if current is None:
        return []
    return [
        (one["name"], url_for("campaigns.new", segmentation=current.id, segment=one["id"]))
        for one in workspace().segmentations.page(current.id)["segments"]
    ]


def _form(
    record: SegmentationRecord,
    segment: dict[str, Any],
    *,
    values: dict[str, str],
    audience: Audience | None = None,
    wrong: CoterieError | None = None,
) -> Response:
    return render(
        "campaign_new.html",
        status=200 if wrong is None else status_of(wrong),
        record=record,
        segment=segment,
        values=values,
        audience=audience,
        wrong="" if wrong is None else f"{wrong.what}.",
        where="" if wrong is None else wrong.where,
    )
