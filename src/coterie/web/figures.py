"""Charts as pages show them: first a picture with its sentence and figures, when touched a drawing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import url_for

from coterie.errors import NotFoundError
from coterie.web.house import workspace

PICTURES = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv"}
DRAWING = "json"
KINDS = {**PICTURES, DRAWING: "application/json"}
IN_SPACE = "cluster_map_3d"
"""The one chart that needs the other bundle, so it has a page of its own."""

USUAL_SIZE = (648, 403)
"""Points."""
HEAD_LETTERS = 600
"""An SVG says its size within so many."""


@dataclass(frozen=True)
class Figure:
    """One chart on a page.

    Attributes
    ----------
    name, title : str
    alt : str
        The main message with its numbers: what the picture says in words.
    table : dict
        The figures drawn, as `printed_table` lays them out.
    urls : dict of str to str
        Where to fetch it as png, svg and csv.
    size : tuple of (int, int)
        Width and height of the picture: its place is kept while it loads.
    drawing : str
        Where to fetch what is drawn when it is touched; empty if there is nothing to touch.
    """

    name: str
    title: str
    alt: str
    table: dict[str, Any]
    urls: dict[str, str]
    size: tuple[int, int]
    drawing: str


def find_figures(segmentation_id: str) -> dict[str, Figure]:
    """Give every chart of a finished segmentation.

    Parameters
    ----------
    segmentation_id : str

    Returns
    -------
    dict of str to Figure
        By the chart's name, in reading order.

    Raises
    ------
    NotFoundError
        If there is no such segmentation, or it is not finished.
    """
    known = workspace().segmentations
    folder, told = known.folder(segmentation_id), list(known.page(segmentation_id)["charts"])
    told += _said_of_drawings(folder)
    mark = f"{(folder / 'page.json').stat().st_mtime_ns:x}"
    return {
        chart["name"]: Figure(
            **{key: chart[key] for key in ("name", "title", "alt", "table")},
            urls={kind: _url(segmentation_id, chart["name"], kind=kind, mark=mark) for kind in PICTURES},
            size=picture_size(_folder_of(folder, chart["name"], kind="svg") / f"{chart['name']}.svg"),
            drawing=_drawing_url(folder, segmentation_id, name=chart["name"], mark=mark),
        )
        for chart in told
    }


def find_file(segmentation_id: str, file_name: str) -> Path:
    """Find a file of a chart; only what the segmentation lists has a path.

    Parameters
    ----------
    segmentation_id, file_name : str

    Returns
    -------
    Path

    Raises
    ------
    NotFoundError
        If the segmentation has no such chart, or none of this kind.
    """
    name, _, kind = file_name.partition(".")
    folder = workspace().segmentations.folder(segmentation_id)
    listed = [*workspace().segmentations.page(segmentation_id)["charts"], *_said_of_drawings(folder)]
    path = _folder_of(folder, name, kind=kind) / f"{name}.{kind}"
    if kind not in KINDS or name not in {chart["name"] for chart in listed} or not path.is_file():
        raise NotFoundError("This segmentation has no such chart")
    return path


def read_drawing(segmentation_id: str, name: str) -> dict[str, Any]:
    """Read what is drawn when a chart is touched: its places and figures.

    Parameters
    ----------
    segmentation_id, name : str

    Returns
    -------
    dict
        "data" and "layout".
    """
    path = find_file(segmentation_id, f"{name}.{DRAWING}")
    content: dict[str, Any] = _read(path, path.stat().st_mtime_ns)
    return content


def picture_size(path: Path) -> tuple[int, int]:
    """Read width and height of an SVG picture, in points.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of (int, int)
        The usual size of a chart, if there is no such file.
    """
    return _size(path, path.stat().st_mtime_ns) if path.is_file() else USUAL_SIZE


@lru_cache(maxsize=512)
def _size(path: Path, written_ns: int) -> tuple[int, int]:
    with path.open(encoding="utf-8") as file:
        found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', file.read(HEAD_LETTERS))
    return (round(float(found[1])), round(float(found[2]))) if found else USUAL_SIZE


@lru_cache(maxsize=32)
def _read(path: Path, written_ns: int) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _said_of_drawings(folder: Path) -> list[dict[str, Any]]:
    """The words beside charts that are for screens alone, so that no report prints them."""
    path = folder / "charts" / "words.json"
    if not path.is_file():
        return []
    words: list[dict[str, Any]] = _read(path, path.stat().st_mtime_ns)
    return words


def _folder_of(folder: Path, name: str, *, kind: str) -> Path:
    return folder / "charts" if kind == DRAWING or name == IN_SPACE else folder / "result" / "charts"


def _url(segmentation_id: str, name: str, *, kind: str, mark: str) -> str:
    return url_for("charts.send", segmentation_id=segmentation_id, name=f"{name}.{kind}", v=mark)


def _drawing_url(folder: Path, segmentation_id: str, *, name: str, mark: str) -> str:
    if not (_folder_of(folder, name, kind=DRAWING) / f"{name}.{DRAWING}").is_file():
        return ""
    return _url(segmentation_id, name, kind=DRAWING, mark=mark)
