"""Finished reports: to read here, to hand on, to take into other programs."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, send_file

from coterie.errors import NotFoundError
from coterie.web.house import workspace
from coterie.web.rendering import render

page = Blueprint("reports", __name__, url_prefix="/reports")

FILES: dict[str, tuple[str, str]] = {
    "report.html": ("text/html", "Report as a web page"),
    "report.pdf": ("application/pdf", "Report as PDF"),
    "customers.csv": ("text/csv", "Customers with their segments"),
    "rejected.csv": ("text/csv", "Rows that were not read, and why"),
    "segments.sql": ("text/plain", "Rules of the segments as SQL"),
    "scoring.sql": ("text/plain", "The model as SQL, for new customers"),
    "summary.json": ("application/json", "Figures for programs"),
    "model.zip": ("application/zip", "The model itself"),
}
"""What a result may hold: content type, and what it is."""
READ_HERE = "report.html"
MODEL = "model.zip"
REPORT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)
"""A report is a page of its own with its style inside; it may do nothing and ask for nothing."""


@dataclass(frozen=True)
class Delivery:
    """A file that can be had."""

    name: str
    words: str
    n_bytes: int


@page.get("")
def list_all() -> Response:
    """List what was finished, the newest first."""
    known = workspace().segmentations
    ready = [record for record in known.list() if record.state == "ready"]
    return render(
        "reports.html", reports=[(record, _deliveries(known.folder(record.id))) for record in ready]
    )


@page.get("/<segmentation_id>/<name>")
def send(segmentation_id: str, *, name: str) -> Response:
    """Send a file: the report to read, all else to save."""
    folder = workspace().segmentations.folder(segmentation_id) / "result"
    if name not in {one.name for one in _deliveries(folder.parent)}:
        raise NotFoundError("This result has no such file", to_do="Look at the list of reports")
    if name == MODEL:
        return send_file(
            _zipped(folder / "model"), mimetype=FILES[name][0], as_attachment=True, download_name=MODEL
        )
    response = send_file(
        folder / name, mimetype=FILES[name][0], as_attachment=name != READ_HERE, download_name=name
    )
    if name == READ_HERE:
        response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


def _deliveries(folder: Path) -> list[Delivery]:
    found = []
    for name, (_, words) in FILES.items():
        path = folder / "result" / (name if name != MODEL else "model")
        if path.exists():
            parts = path.iterdir() if name == MODEL else [path]
            found.append(Delivery(name, words, sum(part.stat().st_size for part in parts)))
    return found


def _zipped(folder: Path) -> io.BytesIO:
    """The few files of a model; the same bytes each time."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(f"model/{path.name}"), path.read_bytes(), zipfile.ZIP_DEFLATED)
    made.seek(0)
    return made
