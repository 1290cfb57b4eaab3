"""The HTTP API: what the command line can do, as resources under /api.

::

    /api/datasets            what was uploaded; POST takes files
    /api/segmentations       what was made of them; POST begins one, and gives the job to watch
    /api/segmentations/ID/   segments, comparison, outlook, members, movement, drift, notes, edits, files;
                             POST assign
    /api/campaigns           who is treated and held out; POST draws, POST ID/outcomes measures
    /api/jobs                long work: GET shows how far it is, DELETE cancels it
    /api/docs                this, to read (pages/api.py); /api/openapi.json, for programs (OpenAPI 3.1)

A program says who it is by a token (``Authorization: Bearer ...``, made under Settings). Every error is
``{code, message, where, what_to_do, request_id}``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from coterie.web.api.schemas import ErrorOut

if TYPE_CHECKING:
    from apiflask import APIFlask

RESOURCES = (
    "datasets",
    "segmentations",
    "members",
    "movement",
    "notes",
    "edits",
    "files",
    "campaigns",
    "jobs",
)
FORBIDDEN = "Not allowed for this role, or sent by the page of another site"


def install(app: APIFlask) -> None:
    """Add the resources and their description.

    Parameters
    ----------
    app : APIFlask
    """
    app.config.from_mapping(
        DESCRIPTION="Customer segmentation on your own machine. Nothing leaves it.",
        HTTP_ERROR_SCHEMA=ErrorOut.model_json_schema(),
        VALIDATION_ERROR_SCHEMA=ErrorOut.model_json_schema(),
        SECURITY_SCHEMES={"token": {"type": "http", "scheme": "bearer"}},
        AUTO_OPERATION_ID=True,
        AUTO_SERVERS=False,
    )
    app.spec_callback = _completed
    for name in RESOURCES:
        app.register_blueprint(import_module(f"{__name__}.{name}").resource)


def _completed(described: Any) -> Any:
    """The description of the API alone, with what is true of every operation."""
    paths = {path: told for path, told in described["paths"].items() if path.startswith("/api/")}
    for operation in (one for told in paths.values() for one in told.values()):
        operation["responses"]["403"] = operation["responses"]["401"] | {"description": FORBIDDEN}
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True
    return described | {"paths": paths}
