"""/api/segmentations/ID/movement and /drift: who moved and why, and whether the model still fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint

from coterie.web.api.schemas import DriftOut, DriftQuery, MovementOut, MovementQuery
from coterie.web.house import workspace
from coterie.workspace.journeys import find_drift, find_movement, usual_period

resource = APIBlueprint(
    "api_movement", __name__, url_prefix="/api/segmentations/<segmentation_id>", tag="Movement"
)


@resource.get("/movement")
@resource.input(MovementQuery, location="query")
@resource.output(MovementOut)
@resource.doc(
    security="token",
    responses={400: "No such period", 409: "It takes too long", 422: "There are no dated orders"},
)
def show(segmentation_id: str, query_data: MovementQuery) -> Mapping[str, Any]:
    """Who went from which segment to which between two days, and why."""
    period = usual_period(workspace(), segmentation_id).between(query_data.start, query_data.end)
    return find_movement(workspace(), segmentation_id, period=period).told


@resource.get("/drift")
@resource.input(DriftQuery, location="query")
@resource.output(DriftOut)
@resource.doc(security="token", responses={409: "It takes too long", 422: "The customers do not fit"})
def drift(segmentation_id: str, query_data: DriftQuery) -> dict[str, Any]:
    """Whether the model still fits the customers of its dataset, or of another one."""
    return find_drift(workspace(), segmentation_id, dataset_id=query_data.dataset_id)
