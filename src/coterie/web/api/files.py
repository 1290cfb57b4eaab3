"""/api/segmentations/ID/files: the report, the tables and the model of a result."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from coterie.web.api.schemas import FileOfResultOut, listed
from coterie.web.deliveries import Delivery, deliveries, send_delivery
from coterie.web.house import workspace

resource = APIBlueprint(
    "api_files", __name__, url_prefix="/api/segmentations/<segmentation_id>/files", tag="Files"
)


@resource.get("")
@resource.output(listed(FileOfResultOut))
@resource.doc(security="token")
def list_all(segmentation_id: str) -> list[Delivery]:
    """What can be had: report.html, report.pdf, customers.csv, model.zip and others."""
    known = workspace().segmentations
    return deliveries(known.folder(known.load(segmentation_id).id))


@resource.get("/<name>")
@resource.doc(security="token", responses={200: "The file as it is"})
def send(segmentation_id: str, name: str) -> Response:
    """One of them."""
    known = workspace().segmentations
    return send_delivery(known.folder(known.load(segmentation_id).id), name, save=True)
