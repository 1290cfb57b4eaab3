"""Who is asking: sessions in a cookie, tokens in a header, and whether their role is enough."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, g, redirect, request, url_for

from coterie.errors import NotFoundError
from coterie.web.house import house, is_api, visitor, workspace
from coterie.web.routes import ROLES, ROUTES, may

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from coterie.workspace import User

COOKIE = "coterie_session"
SESSION_DAYS = 14
"""An unused session ends after these days."""
SEEN_EVERY = timedelta(minutes=10)
"""How precisely a session remembers when it was used: a write for each page would be many."""


def install(app: Flask) -> None:
    """Know every visitor, and let in whose role is enough."""
    app.before_request(_admit)


def _admit() -> AnyResponse | None:
    endpoint = request.endpoint
    if endpoint is None or ROUTES.get(endpoint) == "anyone":
        g.visitor = _recognised()
        return None
    g.visitor = found = _recognised()
    if found is None:
        return _to_login()
    if not may(found.role, endpoint):
        abort(403, "Your role does not allow this. Ask the owner of this workspace.")
    return None


def _to_login() -> AnyResponse:
    if request.headers.get("Authorization"):
        abort(401, "The token is not known here. Make a new one under Settings.")
    if is_api():
        abort(401, "Say who you are by a token: Authorization: Bearer ... It is made under Settings.")
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("login.show", next=back), 303)


def _recognised() -> User | None:
    if not house().login:
        return the_owner_here()
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        return _of_token(token)
    cookie = request.cookies.get(COOKIE)
    return _of_session(cookie) if cookie else None


def the_owner_here() -> User:
    """Give the one person of a server without login."""
    from coterie.workspace import User

    return User(id="local", name="you", role="owner", password_hash="", changed_at=datetime.now(UTC))


def _of_token(token: str) -> User | None:
    found = workspace().tokens.find(digest(token))
    if found is None:
        return None
    owner = workspace().users.load(found.user_id)
    least = min(found.role, owner.role, key=ROLES.index)
    return replace(owner, role=least)


def _of_session(token: str) -> User | None:
    known, now = workspace(), datetime.now(UTC)
    try:
        session = known.sessions.load(digest(token))
        user = known.users.load(session.user_id)
    except NotFoundError:
        return None
    if now - session.seen_at > timedelta(days=SESSION_DAYS) or session.created_at < user.changed_at:
        known.sessions.remove(session.digest)
        return None
    if now - session.seen_at > SEEN_EVERY:
        known.sessions.save(replace(session, seen_at=now))
    return user


def sign_in(user: User, response: Response) -> None:
    """Begin a new session and end the one the visitor came with.

    Parameters
    ----------
    user : User
    response : Response
        Takes the cookie.
    """
    from coterie.workspace import Session

    end_session()
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    workspace().sessions.save(Session(digest(token), user.id, created_at=now, seen_at=now))
    response.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_DAYS * 24 * 3600,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )


def sign_out(response: Response) -> None:
    """End the visitor's session for good.

    Parameters
    ----------
    response : Response
        Takes the cookie away.
    """
    end_session()
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")


def end_session() -> None:
    """Forget the session of the request, if it has one."""
    cookie = request.cookies.get(COOKIE)
    if cookie:
        workspace().sessions.remove(digest(cookie))


def digest(token: str) -> str:
    """What is kept of a token: enough to know it again, too little to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def allowed(endpoint: str) -> bool:
    """Whether the visitor may use an endpoint; templates ask it before they show a button."""
    found = visitor()
    return may(found.role if found else "anyone", endpoint)
