"""/api/datasets: what was uploaded."""

from __future__ import annotations

from typing import BinaryIO, cast

from apiflask import APIBlueprint
from flask import request

from coterie.web.api.schemas import DatasetIn, DatasetOut, JobOut, listed
from coterie.web.house import pipeline, workspace
from coterie.workspace import DatasetRecord, Job, add_sample, add_upload

resource = APIBlueprint("api_datasets", __name__, url_prefix="/api/datasets", tag="Datasets")


@resource.before_request
def allow_files() -> None:
    """An upload may be larger than a form."""
    if request.method == "POST":
        request.max_content_length = workspace().settings.max_upload_bytes


@resource.get("")
@resource.output(listed(DatasetOut))
@resource.doc(security="token")
def list_all() -> list[DatasetRecord]:
    """All datasets, the newest first."""
    return workspace().datasets.list()


@resource.post("")
@resource.input(DatasetIn, location="files")
@resource.output(DatasetOut, status_code=201)
@resource.doc(security="token", responses={413: "Too large", 507: "No room left"})
def add(files_data: DatasetIn) -> DatasetRecord:
    """Upload the files of one dataset.

    The same files sent again give the dataset there is already.
    """
    files = [(file.filename or "", cast("BinaryIO", file.stream)) for file in files_data.files]
    return add_upload(workspace(), files, name=files_data.name)


@resource.post("/sample")
@resource.output(DatasetOut, status_code=201)
@resource.doc(security="token")
def add_the_sample() -> DatasetRecord:
    """Make the built-in sample store."""
    return add_sample(workspace())


@resource.get("/<dataset_id>")
@resource.output(DatasetOut)
@resource.doc(security="token")
def show(dataset_id: str) -> DatasetRecord:
    """One dataset; once imported, with the account of every row."""
    return workspace().datasets.load(dataset_id)


@resource.post("/<dataset_id>/import")
@resource.output(JobOut, status_code=202)
@resource.doc(security="token", responses={409: "Nothing computes here"})
def read(dataset_id: str) -> Job:
    """Read and clean the files."""
    return pipeline().submit_import(workspace().datasets.load(dataset_id).id)


@resource.delete("/<dataset_id>")
@resource.output({}, status_code=204)
@resource.doc(security="token", responses={409: "A segmentation was made from it"})
def remove(dataset_id: str) -> str:
    """Remove a dataset with its files."""
    workspace().datasets.remove(workspace().datasets.load(dataset_id).id)
    return ""
