"""Finished reports: to read here, to hand on, to take into other programs."""

from __future__ import annotations

from flask import Blueprint, Response

from coterie.web.deliveries import deliveries, send_delivery
from coterie.web.house import workspace
from coterie.web.rendering import render

page = Blueprint("reports", __name__, url_prefix="/reports")

READ_HERE = "report.html"
REPORT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)
"""A report is a page of its own with its style inside; it may do nothing and ask for nothing."""


@page.get("")
def list_all() -> Response:
    """List what was finished, the newest first."""
    known = workspace().segmentations
    ready = [record for record in known.list() if record.state == "ready"]
    return render("reports.html", reports=[(record, deliveries(known.folder(record.id))) for record in ready])


@page.get("/<segmentation_id>/<name>")
def send(segmentation_id: str, *, name: str) -> Response:
    """Send a file: the report to read, all else to save."""
    response = send_delivery(workspace().segmentations.folder(segmentation_id), name, save=name != READ_HERE)
    if name == READ_HERE:
        response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response
