"""Login and logout."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, g, request, url_for

from coterie.web.guard import local_target
from coterie.web.house import house, visitor, workspace
from coterie.web.passwords import WINDOW, forgive, is_locked, is_right
from coterie.web.rendering import done, render
from coterie.web.visitors import sign_in, sign_out

page = Blueprint("login", __name__, url_prefix="/login")

WRONG = "The name or the password is wrong."
LOCKED = "Too many tries. Wait a quarter of an hour, then try again."
MOST_NAME_LENGTH = 200

_log = logging.getLogger(__name__)


@page.get("")
def show() -> Response:
    """Ask for name and password."""
    if visitor() is not None or not house().login:
        return done(_next())
    return _form()


@page.post("")
def submit() -> Response:
    """Let in whoever has the right password; all others hear the same."""
    name = request.form.get("name", "").strip()[:MOST_NAME_LENGTH]
    if is_locked(workspace(), name=name, address=request.remote_addr or ""):
        _log.warning("login request=%s locked", g.request_id)
        response = _form(LOCKED, status=429)
        response.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
        return response
    user = workspace().users.find(name)
    if not is_right(user, request.form.get("password", "")) or user is None:
        _log.warning("login request=%s refused", g.request_id)
        return _form(WRONG, status=401)
    forgive(workspace(), name)
    response = done(_next())
    sign_in(user, response)
    _log.info("login request=%s user=%s at=%s", g.request_id, user.id, datetime.now(UTC).isoformat())
    return response


@page.post("/leave")
def leave() -> Response:
    """Log out."""
    response = done(url_for("login.show"), "You are logged out.")
    sign_out(response)
    return response


def _next() -> str:
    return local_target(request.values.get("next", ""), otherwise=url_for("home.show"))


def _form(wrong: str = "", *, status: int = 200) -> Response:
    typed = request.form.get("name", "")[:MOST_NAME_LENGTH]
    return render("login.html", status=status, wrong=wrong, name=typed, next=_next())
