"""What every page may ask for: the workspace, its pipeline, who is visiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, g, request

from coterie.errors import ConflictError

if TYPE_CHECKING:
    from coterie.workspace import Pipeline, User, Workspace


@dataclass(frozen=True)
class House:
    """What the application was made for.

    Attributes
    ----------
    workspace : Workspace
    pipeline : Pipeline or None
    login : bool
        Whether visitors have to say who they are.
    hosts : frozenset of str
        Names the server answers to.
    """

    workspace: Workspace
    pipeline: Pipeline | None
    login: bool
    hosts: frozenset[str]


def house() -> House:
    """Give the house of the running application."""
    found: House = current_app.extensions["coterie"]
    return found


def workspace() -> Workspace:
    """Give the workspace the pages are about."""
    return house().workspace


def pipeline() -> Pipeline:
    """Give what runs the jobs."""
    running = house().pipeline
    if running is None:
        raise ConflictError("This server only shows results", to_do="Start it by 'coterie serve' to compute")
    return running


def visitor() -> User | None:
    """Give the user who asks for this page; None before login."""
    found: User | None = g.get("visitor")
    return found


def is_api() -> bool:
    """Whether a program asks, which wants JSON and no pages."""
    return request.path.startswith("/api/") and request.endpoint != "reading.show"


def require_login() -> None:
    """Refuse what makes no sense where nobody logs in."""
    if not house().login:
        raise ConflictError("This server runs without login", to_do="Start it without --no-login first")
