"""The files of charts: pictures, figures and drawings, kept by browsers for as long as they like."""

from __future__ import annotations

from flask import Blueprint, Response, request

from coterie.web.figures import KINDS, find_file
from coterie.web.transfer import send_kept

page = Blueprint("charts", __name__)


@page.get("/segmentations/<segmentation_id>/charts/<name>")
def send(segmentation_id: str, *, name: str) -> Response:
    """Send one file; its address has a mark of its content, so that it never changes."""
    path = find_file(segmentation_id, name)
    return send_kept(path, KINDS[path.suffix[1:]], save="save" in request.args)
