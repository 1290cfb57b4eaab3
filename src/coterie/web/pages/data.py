"""What was uploaded: a list, a look into each file, and the account of what became of every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import quote

from flask import Blueprint, Response, request, send_file, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from coterie.errors import ConflictError, CoterieError, InputError, NotFoundError, TooLargeError
from coterie.web import corrections
from coterie.web.failures import status_of
from coterie.web.house import pipeline, workspace
from coterie.web.quality import quality_view
from coterie.web.rendering import done, render
from coterie.web.wishes import free_name
from coterie.workspace import (
    SegmentationRecord,
    add_table,
    add_upload,
    allowed_hosts,
    load_preview,
    new_id,
)

if TYPE_CHECKING:
    from coterie.workspace import DatasetRecord, Job

page = Blueprint("data", __name__, url_prefix="/data")

MOST_FILES = 20
STATES = {"uploaded": "Not read yet", "importing": "Being read", "ready": "Ready", "failed": "Not usable yet"}
BADGES = {"uploaded": "", "importing": "running", "ready": "done", "failed": "failed"}
ADDRESS = ("host", "base", "user", "table")
"""Fields of the form for a database that are shown again; the password is not."""


@page.get("")
def list_all() -> Response:
    """List the datasets, and take new ones."""
    return _list()


@page.post("")
def upload() -> Response:
    """Take files in, look into them, and go to their page."""
    request.max_content_length = workspace().settings.max_upload_bytes
    before = {one.id for one in workspace().datasets.list()}
    try:
        record = add_upload(workspace(), _sent_files())
        if record.id not in before:
            _look_into(record)
    except CoterieError as failure:
        return _list(wrong=str(failure), status=status_of(failure))
    return _to(record, "These very files are here already." if record.id in before else "")


@page.post("/connect")
def connect() -> Response:
    """Take in a table of a database."""
    asked = {name: request.form.get(name, "").strip() for name in ADDRESS}
    try:
        record = add_table(
            workspace(), _address(asked, request.form.get("password", "")), name=asked["table"]
        )
    except CoterieError as failure:
        return _list(asked, wrong=str(failure), status=status_of(failure))
    return _to(record)


@page.get("/<dataset_id>")
def show(dataset_id: str) -> Response:
    """Show what is in a dataset: before it is read a preview, then the account of it."""
    record = workspace().datasets.load(dataset_id)
    if record.report is None or record.quality is None or "correct" in request.args:
        return _files(record)
    made = [one for one in workspace().segmentations.list() if one.dataset_id == record.id]
    quality = quality_view(record.report, record.quality)
    return render("dataset.html", dataset=record, made=made, quality=quality)


@page.post("/<dataset_id>")
def correct(dataset_id: str) -> Response:
    """Take the corrections, and do what the button says."""
    record = workspace().datasets.load(dataset_id)
    action = request.form.get("action", "look")
    try:
        if "correcting" in request.form:
            record = _corrected(record)
        if record.state != "ready" and action != "look":
            _refuse_unclear(record)
    except CoterieError as failure:
        return _files(record, wrong=str(failure), status=status_of(failure))
    if action == "segment":
        return _segmented(record)
    if action == "choose":
        return done(_new_segmentation(record))
    return done(url_for("data.show", dataset_id=record.id, correct=1))


@page.get("/<dataset_id>/rejected.csv")
def rejected(dataset_id: str) -> Response:
    """Send the rows that were not accepted, each with its reason."""
    path = workspace().datasets.folder(dataset_id) / "rejected.csv"
    if not path.is_file():
        raise NotFoundError("This dataset has not been read yet")
    return send_file(path, mimetype="text/csv", as_attachment=True, download_name="rejected-rows.csv")


@page.get("/<dataset_id>/remove")
def ask(dataset_id: str) -> Response:
    """Ask before a dataset is removed."""
    return _question(workspace().datasets.load(dataset_id))


@page.post("/<dataset_id>/remove")
def remove(dataset_id: str) -> Response:
    """Remove a dataset with its files."""
    record = workspace().datasets.load(dataset_id)
    if record.state == "importing":
        raise ConflictError(
            "This dataset is being read right now", to_do="Cancel the job first, then remove it"
        )
    try:
        workspace().datasets.remove(dataset_id)
    except ConflictError as failure:
        return _question(record, wrong=str(failure), status=status_of(failure))
    return done(url_for("data.list_all"), f"{record.name} is removed.")


def _sent_files() -> list[tuple[str, BinaryIO]]:
    """The files of the form, under names that differ."""
    try:
        files = [file for file in request.files.getlist("files") if file.filename]
    except RequestEntityTooLarge as cause:
        raise TooLargeError(
            "The files are larger than this server takes",
            to_do="Send fewer or smaller ones, or allow more by COTERIE_MAX_UPLOAD_BYTES",
        ) from cause
    if not files:
        raise InputError("No file is chosen", to_do="Choose one or more files first")
    if len(files) > MOST_FILES:
        raise InputError(f"These are {len(files)} files", to_do=f"Send at most {MOST_FILES} at once")
    named: dict[str, BinaryIO] = {}
    for file in files:
        name, n = str(file.filename), 1
        while name in named:
            n += 1
            name = f"{n}-{file.filename}"
        named[name] = cast(BinaryIO, file.stream)
    return list(named.items())


def _look_into(record: DatasetRecord) -> None:
    """Keep what can be read at all, with what was corrected in such files before."""
    known = workspace()
    try:
        previews = load_preview(known, record)
        if all("failure" in seen for seen in previews):
            raise InputError(previews[0]["failure"], where=record.files[0][0])
    except CoterieError:
        known.datasets.remove(record.id)
        raise
    options = corrections.remembered(known, record, previews=previews)
    if options:
        known.datasets.save(replace(record, options=options))


def _address(asked: Mapping[str, str], password: str) -> str:
    for name, words in (("base", "the database"), ("user", "the user"), ("table", "the table")):
        if not asked[name]:
            raise InputError(f"The name of {words} is missing")
    user, base, table = (quote(asked[name], safe="") for name in ("user", "base", "table"))
    return f"postgresql://{user}:{quote(password, safe='')}@{asked['host']}/{base}?table={table}"


def _corrected(record: DatasetRecord) -> DatasetRecord:
    """The dataset with the corrections of the form; one that was read is read anew if they change it."""
    if record.state == "importing":
        raise ConflictError("These files are being read right now", to_do="Wait for the job, or cancel it")
    previews = load_preview(workspace(), record)
    options = corrections.corrected(record, request.form, previews=previews)
    if options == record.options:
        return record
    changed = replace(record, options=options, state="uploaded", report=None, quality=None)
    return workspace().datasets.save(changed)


def _refuse_unclear(record: DatasetRecord) -> None:
    hindrance = corrections.obstacle(corrections.file_forms(record, load_preview(workspace(), record)))
    if hindrance:
        raise InputError(hindrance.removesuffix("."))


def _segmented(record: DatasetRecord) -> Response:
    """Begin a segmentation with defaults."""
    name = free_name(record.name, (one.name for one in workspace().segmentations.list()))
    made = SegmentationRecord(id=new_id(), name=name, dataset_id=record.id, created_at=datetime.now(UTC))
    runner = pipeline()
    workspace().segmentations.save(made)
    job = runner.submit_segmentation(made.id)
    return done(url_for("jobs.show", job_id=job.id))


def _new_segmentation(record: DatasetRecord) -> str:
    """Where the details are chosen; what there is to choose is known once the files are read."""
    if record.state == "ready":
        return url_for("fits.show", dataset=record.id)
    return url_for("jobs.show", job_id=pipeline().submit_import(record.id).id)


def _to(record: DatasetRecord, notice: str = "") -> Response:
    return done(url_for("data.show", dataset_id=record.id), notice)


def _list(asked: Mapping[str, str] | None = None, *, wrong: str = "", status: int = 200) -> Response:
    known = workspace()
    return render(
        "data.html",
        status=status,
        datasets=known.datasets.list(),
        states=STATES,
        badges=BADGES,
        most_bytes=known.settings.max_upload_bytes,
        hosts=allowed_hosts(known.settings),
        asked=asked or dict.fromkeys(ADDRESS, ""),
        is_connecting=asked is not None,
        wrong=wrong,
    )


def _files(record: DatasetRecord, *, wrong: str = "", status: int = 200) -> Response:
    forms, hindrance, job = [], "", _last_job(record)
    is_busy = job is not None and job.state in ("queued", "running")
    if not is_busy:
        try:
            forms = corrections.file_forms(record, load_preview(workspace(), record))
            hindrance = corrections.obstacle(forms)
        except CoterieError as failure:
            wrong = wrong or str(failure)
    return render(
        "dataset_files.html",
        status=status,
        dataset=record,
        forms=forms,
        job=job if is_busy else None,
        wrong=wrong or _failed_import(job) or hindrance,
        is_whole=not hindrance,
        roles=corrections.ROLE_WORDS,
        date_orders=corrections.DATE_ORDERS,
        decimals=corrections.DECIMALS,
    )


def _last_job(record: DatasetRecord) -> Job | None:
    """The newest job that reads the files: an import, or the first step of a segmentation."""
    known = workspace()
    made = [one.id for one in known.segmentations.list() if one.dataset_id == record.id]
    jobs = [job for target in (record.id, *made) for job in known.jobs.list_of(target)]
    reading = [job for job in jobs if job.step in ("", "import")]
    return max(reading, key=lambda job: job.submitted_at, default=None)


def _failed_import(job: Job | None) -> str:
    if job is None or job.state != "failed" or not job.failure:
        return ""
    return f"{job.failure['what']}. Correct below how the files are read, or leave one out."


def _question(record: DatasetRecord, *, wrong: str = "", status: int = 200) -> Response:
    made = [one for one in workspace().segmentations.list() if one.dataset_id == record.id]
    return render("dataset_remove.html", status=status, dataset=record, made=made, wrong=wrong)
