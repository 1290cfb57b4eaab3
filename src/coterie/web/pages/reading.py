"""The API to read: its own description as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app

from coterie.web.rendering import render

page = Blueprint("reading", __name__, url_prefix="/api/docs")


@dataclass(frozen=True)
class Operation:
    """One thing a program may ask for."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    takes: list[tuple[str, str]]
    gives: list[tuple[str, str, str]]


@page.get("")
def show() -> Response:
    """Show every resource and what it takes and gives."""
    described: dict[str, Any] = current_app.spec  # type: ignore[attr-defined]
    tags: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            tags.setdefault(operation["tags"][0], []).append(_operation(path, method, told=operation))
    return render("reading.html", tags=tags, schemas=_schemas(described))


def _operation(path: str, method: str, *, told: dict[str, Any]) -> Operation:
    body = told.get("requestBody", {}).get("content", {})
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        description=told.get("description", ""),
        parameters=told.get("parameters", []),
        takes=[(kind, _named(content.get("schema", {}))) for kind, content in body.items()],
        gives=[
            (status, answer.get("description", ""), _answered(answer))
            for status, answer in told["responses"].items()
        ],
    )


def _answered(answer: dict[str, Any]) -> str:
    contents = answer.get("content", {}).values()
    return next((_named(content.get("schema", {})) for content in contents), "")


def _named(schema: dict[str, Any]) -> str:
    """The name of a schema, of what a list is made of, or its type."""
    if schema.get("type") == "array":
        return f"list of {_named(schema['items'])}"
    if "anyOf" in schema:
        return " or ".join(_named(one) for one in schema["anyOf"])
    return str(schema.get("$ref", schema.get("title", schema.get("type", "")))).rpartition("/")[2]


def _schemas(described: dict[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    """Per schema its fields: name, type, what they mean."""
    known = described.get("components", {}).get("schemas", {})
    return {
        name: [
            (field, _named(told | {"title": ""}) or _named(told), told.get("description", ""))
            for field, told in schema.get("properties", {}).items()
        ]
        for name, schema in sorted(known.items())
    }
