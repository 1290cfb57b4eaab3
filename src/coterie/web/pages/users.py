"""Who may come in, and what they may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from coterie.errors import ConflictError, CoterieError
from coterie.web.failures import status_of
from coterie.web.house import require_login, workspace
from coterie.web.passwords import hashed, new_password
from coterie.web.people import new_user
from coterie.web.rendering import done, render
from coterie.web.routes import user_role

if TYPE_CHECKING:
    from coterie.workspace import User

page = Blueprint("users", __name__, url_prefix="/users")

MEANINGS = {
    "viewer": "sees everything, changes nothing",
    "analyst": "adds data, makes and edits segmentations",
    "owner": "does all that, and says who may come in",
}


@page.get("")
def list_all() -> Response:
    """List the users, and offer to add one."""
    return _show()


@page.post("")
def add() -> Response:
    """Add a user; the new password is shown this once."""
    name, password = request.form.get("name", "").strip(), new_password()
    try:
        require_login()
        user = new_user(name, role=request.form.get("role", "viewer"), password=password)
        workspace().users.add(user)
    except CoterieError as failure:
        return _show(status=status_of(failure), wrong=str(failure), typed=name)
    return _show(made=user, password=password)


@page.post("/<user_id>")
def change(user_id: str) -> Response:
    """Change a role, or give a new password; either ends the user's sessions."""
    require_login()
    user, password = workspace().users.load(user_id), ""
    if request.form.get("action") == "password":
        password = new_password()
        changed = replace(user, password_hash=hashed(password), changed_at=datetime.now(UTC))
    else:
        role = user_role(request.form.get("role", ""))
        _keep_an_owner(user, role)
        changed = replace(user, role=role, changed_at=datetime.now(UTC))
    workspace().users.save(changed)
    workspace().sessions.remove_of(user_id)
    if password:
        return _show(made=changed, password=password)
    return done(url_for("users.list_all"), f"{user.name} is now {changed.role}.")


@page.post("/<user_id>/remove")
def remove(user_id: str) -> Response:
    """Remove a user, with sessions and tokens."""
    require_login()
    user = workspace().users.load(user_id)
    _keep_an_owner(user, "")
    workspace().users.remove(user_id)
    return done(url_for("users.list_all"), f"{user.name} was removed.")


def _keep_an_owner(user: User, role: str) -> None:
    owners = [other for other in workspace().users.list() if other.role == "owner"]
    if role != "owner" and [owner.id for owner in owners] == [user.id]:
        raise ConflictError(f"{user.name} is the only owner", to_do="Make somebody else an owner first")


def _show(
    *, status: int = 200, wrong: str = "", typed: str = "", made: User | None = None, password: str = ""
) -> Response:
    return render(
        "users.html",
        status=status,
        users=sorted(workspace().users.list(), key=lambda user: user.name.casefold()),
        meanings=MEANINGS,
        wrong=wrong,
        typed=typed,
        made=made,
        password=password,
    )
