"""Limits in force, the look, and the visitor's tokens for programs."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request, url_for

from coterie.errors import CoterieError, NotFoundError, ParameterError
from coterie.settings import describe_settings
from coterie.web.failures import status_of
from coterie.web.guard import local_target
from coterie.web.house import house, require_login, visitor, workspace
from coterie.web.rendering import THEME_COOKIE, THEMES, done, render
from coterie.web.routes import roles_up_to, user_role
from coterie.web.visitors import digest

page = Blueprint("settings", __name__, url_prefix="/settings")

A_YEAR = 365 * 24 * 3600
MOST_NAME_LENGTH = 80


@page.get("")
def show() -> Response:
    """Show all of it."""
    return _show()


@page.post("/theme")
def choose_theme() -> Response:
    """Keep the choice of light or dark in this browser."""
    chosen = request.form.get("theme", "")
    response = done(local_target(request.form.get("next", ""), otherwise=url_for("settings.show")))
    if chosen in THEMES:
        response.set_cookie(THEME_COOKIE, chosen, max_age=A_YEAR, httponly=True, samesite="Lax")
    return response


@page.post("/tokens")
def add_token() -> Response:
    """Make a token; it is shown this once, only its digest is kept."""
    token = f"coterie_{secrets.token_urlsafe(32)}"
    try:
        _keep_token(token)
    except CoterieError as failure:
        return _show(status=status_of(failure), wrong=str(failure))
    return _show(token=token)


@page.post("/tokens/<token_id>/remove")
def remove_token(token_id: str) -> Response:
    """Make one of the visitor's own tokens useless."""
    user = visitor()
    assert user is not None
    if token_id not in {token.id for token in workspace().tokens.list(user.id)}:
        raise NotFoundError("You have no such token")
    workspace().tokens.remove(token_id)
    return done(url_for("settings.show"), "The token no longer opens anything.")


def _keep_token(token: str) -> None:
    from coterie.workspace import Token, new_id

    require_login()
    user, name, role = visitor(), request.form.get("name", "").strip(), request.form.get("role", "viewer")
    assert user is not None
    if not name or len(name) > MOST_NAME_LENGTH or not name.isprintable():
        raise ParameterError("A token needs a name, so that you know later what it is for", where="name")
    workspace().tokens.add(
        Token(
            new_id(),
            user.id,
            name,
            digest(token),
            role=user_role(role, most=user.role),
            created_at=datetime.now(UTC),
        )
    )


def _limits() -> list[dict[str, Any]]:
    current = workspace().settings
    return [
        {
            "name": name,
            "value": getattr(current, name),
            "is_changed": str(getattr(current, name)) != default,
            "unit": unit,
            "sentence": sentence,
        }
        for name, default, unit, sentence in describe_settings()
    ]


def _show(*, status: int = 200, wrong: str = "", token: str = "") -> Response:
    user = visitor()
    assert user is not None
    return render(
        "settings.html",
        status=status,
        limits=_limits(),
        tokens=workspace().tokens.list(user.id) if house().login else [],
        roles=roles_up_to(user.role),
        themes=THEMES,
        wrong=wrong,
        token=token,
    )
