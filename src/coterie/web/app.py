"""The application, put together."""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from apiflask import APIFlask
from flask import Blueprint, Flask

from coterie.web import api, failures, guard, pages, rendering, tones, transfer, visitors
from coterie.web.house import House

if TYPE_CHECKING:
    from coterie.workspace import Pipeline, Workspace

MAX_FORM_BYTES = 2**20
"""A form without a file is far smaller; pages that take files allow themselves more."""
MAX_FORM_PARTS = 1_000


def create_app(
    workspace: Workspace,
    *,
    pipeline: Pipeline | None = None,
    login: bool = True,
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]"),
    secret_key: str | None = None,
) -> Flask:
    """Put the web application together.

    Parameters
    ----------
    workspace : Workspace
    pipeline : Pipeline, optional
        Runs the jobs; without it pages can be read and no job is started.
    login : bool
        False lets everybody who reaches the server be its owner: for one person on one machine.
    hosts : tuple of str
        Names by which browsers may call the server; a request for another one is refused.
    secret_key : str, optional
        Signs the notices shown after an action. Default: one of the workspace, made at first use.

    Returns
    -------
    Flask
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = APIFlask(
        "coterie.web",
        title="Coterie",
        version=version("coterie"),
        spec_path="/api/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    app.config.from_mapping(
        SECRET_KEY=secret_key or guard.kept_secret(workspace.folder),
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        SESSION_COOKIE_NAME="coterie_notices",
        SESSION_COOKIE_SAMESITE="Lax",
        TRAP_HTTP_EXCEPTIONS=False,
    )
    app.extensions["coterie"] = House(workspace, pipeline, login, frozenset(hosts))
    for part in (guard, visitors, failures, rendering, tones, transfer, api):
        part.install(app)
    for page in _pages():
        app.register_blueprint(page)
    return app


def _pages() -> Iterator[Blueprint]:
    """The blueprint `page` of every file in pages/."""
    for found in pkgutil.iter_modules(pages.__path__, f"{pages.__name__}."):
        page: Blueprint = import_module(found.name).page
        yield page
