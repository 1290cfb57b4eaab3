"""The files of a result that can be had, from the page and from the API."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from flask import Response, send_file

from coterie.errors import NotFoundError

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
MODEL = "model.zip"


@dataclass(frozen=True)
class Delivery:
    """A file that can be had."""

    name: str
    words: str
    n_bytes: int


def deliveries(folder: Path) -> list[Delivery]:
    """List what there is.

    Parameters
    ----------
    folder : Path
        Of a finished segmentation.

    Returns
    -------
    list of Delivery
    """
    found = []
    for name, (_, words) in FILES.items():
        path = folder / "result" / (name if name != MODEL else "model")
        if path.exists():
            parts = path.iterdir() if name == MODEL else [path]
            found.append(Delivery(name, words, sum(part.stat().st_size for part in parts)))
    return found


def send_delivery(folder: Path, name: str, *, save: bool) -> Response:
    """Send one of them.

    Parameters
    ----------
    folder : Path
        Of a finished segmentation.
    name : str
    save : bool
        To be saved rather than shown.

    Returns
    -------
    Response

    Raises
    ------
    NotFoundError
        If there is no such file.
    """
    if name not in {one.name for one in deliveries(folder)}:
        raise NotFoundError("This result has no such file", to_do="Look at the list of reports")
    content = _zipped(folder / "result" / "model") if name == MODEL else folder / "result" / name
    return send_file(content, mimetype=FILES[name][0], as_attachment=save, download_name=name)


def _zipped(folder: Path) -> io.BytesIO:
    """The few files of a model; the same bytes each time."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(f"model/{path.name}"), path.read_bytes(), zipfile.ZIP_DEFLATED)
    made.seek(0)
    return made
