"""The visitor's own password."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, request, url_for

from coterie.errors import ParameterError
from coterie.web.house import require_login, visitor, workspace
from coterie.web.passwords import hashed, is_locked, is_right
from coterie.web.rendering import done, render
from coterie.web.visitors import sign_in

page = Blueprint("password", __name__, url_prefix="/password")


@page.get("")
def show() -> Response:
    """Ask for the old and the new password."""
    require_login()
    return render("password.html", wrong="")


@page.post("")
def change() -> Response:
    """Change it, and end every session but a new one for this browser."""
    require_login()
    user = visitor()
    assert user is not None
    try:
        changed = replace(user, password_hash=hashed(_checked()), changed_at=datetime.now(UTC))
    except ParameterError as failure:
        return render("password.html", status=400, wrong=str(failure))
    workspace().users.save(changed)
    workspace().sessions.remove_of(user.id)
    response = done(url_for("settings.show"), "Your password is changed. You are logged out everywhere else.")
    sign_in(changed, response)
    return response


def _checked() -> str:
    user, form = visitor(), request.form
    assert user is not None
    if is_locked(workspace(), name=user.name, address=request.remote_addr or ""):
        raise ParameterError("Too many tries", to_do="Wait a quarter of an hour, then try again")
    if not is_right(workspace().users.load(user.id), form.get("old", "")):
        raise ParameterError("The old password is wrong")
    if form.get("new", "") != form.get("again", ""):
        raise ParameterError("The new password and its repetition differ")
    return form["new"]
