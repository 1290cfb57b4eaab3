"""/api/segmentations: what was made of the data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint

from coterie.errors import NotFoundError
from coterie.web.api.ahead import OutlookOut
from coterie.web.api.schemas import (
    AssignedOut,
    AssignIn,
    ComparedOut,
    CurrentIn,
    SegmentationIn,
    SegmentationOut,
    SegmentOut,
    StartedOut,
    listed,
)
from coterie.web.house import pipeline, workspace
from coterie.workspace import SegmentationRecord, assign_customers, new_id

resource = APIBlueprint("api_segmentations", __name__, url_prefix="/api/segmentations", tag="Segmentations")


@resource.get("")
@resource.output(listed(SegmentationOut))
@resource.doc(security="token")
def list_all() -> list[SegmentationRecord]:
    """All segmentations, the newest first."""
    return workspace().segmentations.list()


@resource.post("")
@resource.input(SegmentationIn)
@resource.output(StartedOut, status_code=202)
@resource.doc(
    security="token", responses={400: "Not JSON", 404: "No such dataset", 409: "Nothing computes here"}
)
def segment(json_data: SegmentationIn) -> StartedOut:
    """Begin a segmentation; the dataset is imported first if need be."""
    running = pipeline()
    dataset = workspace().datasets.load(json_data.dataset_id)
    asked = json_data.model_dump(mode="json", exclude={"dataset_id", "name"}, exclude_none=True)
    record = SegmentationRecord(
        id=new_id(),
        name=json_data.name or dataset.name,
        dataset_id=dataset.id,
        created_at=datetime.now(UTC),
        request=asked,
    )
    workspace().segmentations.add(record)
    return StartedOut.of(record, running.submit_segmentation(record.id))


@resource.get("/current")
@resource.output(SegmentationOut)
@resource.doc(security="token", responses={404: "None is in use yet"})
def current() -> SegmentationRecord:
    """The segmentation in use."""
    found = workspace().segmentations.load_current()
    if found is None:
        raise NotFoundError("No segmentation is in use yet", to_do="Make one")
    return found


@resource.put("/current")
@resource.input(CurrentIn)
@resource.output(SegmentationOut)
@resource.doc(
    security="token",
    responses={400: "Not JSON", 404: "No such segmentation", 409: "Somebody was faster"},
)
def use(json_data: CurrentIn) -> SegmentationRecord:
    """Put another segmentation into use."""
    known = workspace().segmentations
    known.summary(json_data.segmentation_id)
    known.save_current(json_data.segmentation_id, instead_of=json_data.instead_of)
    return known.load(json_data.segmentation_id)


@resource.get("/<segmentation_id>")
@resource.output(SegmentationOut)
@resource.doc(security="token")
def show(segmentation_id: str) -> SegmentationRecord:
    """One segmentation."""
    return workspace().segmentations.load(segmentation_id)


@resource.get("/<segmentation_id>/segments")
@resource.output(listed(SegmentOut))
@resource.doc(security="token")
def segments(segmentation_id: str) -> list[dict[str, Any]]:
    """Its segments: size, share of revenue, rule and action."""
    found: list[dict[str, Any]] = workspace().segmentations.summary(segmentation_id)["segments"]
    return found


@resource.get("/<segmentation_id>/comparison")
@resource.output(listed(ComparedOut))
@resource.doc(security="token")
def compare(segmentation_id: str) -> list[dict[str, Any]]:
    """Every method at every number of segments that was tried, with its scores."""
    found: list[dict[str, Any]] = workspace().segmentations.summary(segmentation_id)["comparison"]
    return found


@resource.get("/<segmentation_id>/outlook")
@resource.output(OutlookOut)
@resource.doc(security="token")
def outlook(segmentation_id: str) -> dict[str, Any]:
    """What its customers will likely order and spend: all together, and each segment."""
    return workspace().segmentations.outlook(segmentation_id)


@resource.post("/<segmentation_id>/assign")
@resource.input(AssignIn)
@resource.output(listed(AssignedOut))
@resource.doc(
    security="token",
    responses={400: "Not JSON", 404: "No such dataset", 409: "It takes too long", 422: "It does not fit"},
)
def assign(segmentation_id: str, json_data: AssignIn) -> list[dict[str, Any]]:
    """Put the customers of an uploaded dataset into the segments of this one."""
    known = workspace()
    return assign_customers(
        known,
        known.segmentations.load(segmentation_id).id,
        dataset_id=json_data.dataset_id,
        observation_end=json_data.observation_end,
    )


@resource.delete("/<segmentation_id>")
@resource.output({}, status_code=204)
@resource.doc(security="token", responses={409: "It is in use"})
def remove(segmentation_id: str) -> str:
    """Remove a segmentation with its results."""
    workspace().segmentations.remove(workspace().segmentations.load(segmentation_id).id)
    return ""
