"""The quick look: choose a file, type a number of clusters, see and save two pictures."""

from __future__ import annotations

import json
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, request, send_file, url_for

from coterie.errors import ConflictError, CoterieError, InputError, NotFoundError, ParameterError
from coterie.jobs.child import CancelledError, run_in_child
from coterie.web.failures import status_of
from coterie.web.figures import picture_size
from coterie.web.house import workspace
from coterie.web.rendering import done, render
from coterie.workspace import DatasetRecord, add_upload
from coterie.workspace.uploads import stored_files

page = Blueprint("quick", __name__, url_prefix="/quick")

KINDS = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv"}
TYPICAL = "4"
MOST_CLUSTERS = 50
MOST_SECONDS = 120
_ROOM = BoundedSemaphore(2)
"""So many looks are taken at once; the others are told to wait rather than slow everything down."""


@page.get("")
def show() -> Response:
    """Show the form, and the pictures its address names if they are drawn."""
    dataset_id, typed = request.args.get("dataset", ""), request.args.get("n_clusters", TYPICAL)
    dataset = _kept(dataset_id)
    look = _look(dataset, typed) if dataset is not None else None
    return _form(dataset, typed=typed, look=look)


@page.post("")
def draw() -> Response:
    """Take the file in, draw its clusters, and go to where they are shown."""
    request.max_content_length = workspace().settings.max_upload_bytes
    dataset, typed = _kept(request.form.get("dataset", "")), request.form.get("n_clusters", "").strip()
    try:
        dataset = _uploaded() or dataset
        if dataset is None:
            raise InputError("No file is chosen", to_do="Choose a CSV file first")
        _draw(dataset, _number(typed))
    except CoterieError as failure:
        return _form(dataset, typed=typed, wrong=str(failure), status=status_of(failure))
    return done(url_for("quick.show", dataset=dataset.id, n_clusters=typed))


@page.get("/<dataset_id>/<int:n_clusters>/<name>")
def download(dataset_id: str, *, n_clusters: int, name: str) -> Response:
    """Send a picture, or the figures it shows."""
    stem, _, suffix = name.partition(".")
    path = _folder(workspace().datasets.load(dataset_id), n_clusters) / f"{stem}.{suffix}"
    if suffix not in KINDS or not stem.replace("_", "").isalpha() or not path.is_file():
        raise NotFoundError("This picture is not drawn yet", to_do="Draw it again")
    return send_file(path, mimetype=KINDS[suffix], as_attachment="save" in request.args)


def _kept(dataset_id: str) -> DatasetRecord | None:
    try:
        return workspace().datasets.load(dataset_id)
    except NotFoundError:
        return None


def _uploaded() -> DatasetRecord | None:
    file = request.files.get("file")
    if file is None or not file.filename:
        return None
    return add_upload(workspace(), [(file.filename, cast(BinaryIO, file.stream))])


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and 2 <= int(typed[:4]) <= MOST_CLUSTERS):
        raise ParameterError(
            f"The number of clusters has to be a whole number from 2 to {MOST_CLUSTERS}"
            + (f", not {typed[:20]!r}" if typed else "")
        )
    return int(typed)


def _draw(dataset: DatasetRecord, n_clusters: int) -> None:
    folder, ends_at = _folder(dataset, n_clusters), monotonic() + MOST_SECONDS
    if folder.is_dir():
        return
    if not _ROOM.acquire(blocking=False):
        raise ConflictError("Others are being drawn right now", to_do="Try again in a few seconds")
    try:
        run_in_child(
            _quick_look(),
            {
                "source": str(stored_files(workspace(), dataset.id)[0]),
                "n_clusters": n_clusters,
                "out": str(folder),
            },
            memory_mb=workspace().settings.job_memory_mb,
            watch=lambda _sentence, _share: monotonic() < ends_at,
        )
    except CancelledError:
        raise InputError(
            f"Drawing took longer than {MOST_SECONDS} seconds",
            to_do="Make a segmentation, which may take its time",
        ) from None
    finally:
        _ROOM.release()


def _quick_look() -> Any:
    from coterie.river import quick_look

    return quick_look


def _folder(dataset: DatasetRecord, n_clusters: int) -> Path:
    return workspace().tmp / f"quick-{dataset.id}-{n_clusters}"


def _look(dataset: DatasetRecord, typed: str) -> dict[str, Any] | None:
    """What was drawn, with the addresses of its pictures; None if it has to be drawn first."""
    if not (typed.isascii() and typed.isdigit()):
        return None
    path = _folder(dataset, int(typed[:4])) / "look.json"
    if not path.is_file():
        return None
    look: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for picture in look["pictures"]:
        picture |= {"drawing": "", "size": picture_size(path.with_name(f"{picture['name']}.svg"))}
        picture["urls"] = {
            kind: url_for(
                "quick.download",
                dataset_id=dataset.id,
                n_clusters=int(typed),
                name=f"{picture['name']}.{kind}",
            )
            for kind in KINDS
        }
    return look


def _form(
    dataset: DatasetRecord | None, *, typed: str, look: Any = None, wrong: str = "", status: int = 200
) -> Response:
    return render(
        "quick.html",
        status=status,
        datasets=workspace().datasets.list(),
        dataset=dataset,
        typed=typed,
        most=MOST_CLUSTERS,
        look=look,
        wrong=wrong,
    )
