"""Errors as pages: expected ones say what happened and what to do, a bug says by which number to find it."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from flask import Response, g, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from coterie.errors import (
    ConflictError,
    CoterieError,
    DeliveryError,
    InputError,
    NotFoundError,
    ParameterError,
    StorageError,
    TooLargeError,
)
from coterie.web.house import is_api
from coterie.web.rendering import render

if TYPE_CHECKING:
    from apiflask import APIFlask, HTTPError
    from apiflask.types import ResponseReturnValueType

STATUSES: dict[type[CoterieError], int] = {
    InputError: 422,
    ParameterError: 400,
    TooLargeError: 413,
    NotFoundError: 404,
    ConflictError: 409,
    DeliveryError: 502,
    StorageError: 507,
}

TITLES = {
    400: "That request cannot be used",
    401: "Please log in",
    403: "This is not for you to do",
    404: "There is no such page",
    405: "That cannot be done here",
    408: "That took too long to arrive",
    409: "Somebody was here before you",
    413: "That is too large",
    422: "That cannot be used",
    429: "Too many requests",
    502: "It could not be handed over",
    503: "The server is busy",
    507: "The disk is full",
}
TO_DO = {
    404: "The link may be old, or what it led to was removed.",
    405: "Go back and use the buttons of the page.",
    413: "Send fewer or smaller files, or raise the limit in the settings.",
}

_log = logging.getLogger(__name__)


def install(app: APIFlask) -> None:
    """Turn whatever goes wrong into a page, or into JSON for programs."""
    app.error_callback = _show_invalid
    app.register_error_handler(CoterieError, _show_expected)
    app.register_error_handler(HTTPException, _show_refusal)
    app.register_error_handler(Exception, _show_bug)


def status_of(failure: CoterieError) -> int:
    """Status of an error: that of the nearest class in STATUSES.

    Parameters
    ----------
    failure : CoterieError

    Returns
    -------
    int
    """
    return next((STATUSES[kind] for kind in type(failure).__mro__ if kind in STATUSES), 500)


def _show_expected(failure: CoterieError) -> Response:
    status = status_of(failure)
    if is_api():
        code = _snake_case(type(failure).__name__.removesuffix("Error"))
        return _told(status, code=code, message=failure.what, where=failure.where, to_do=failure.to_do)
    where = f" ({failure.where})" if failure.where else ""
    to_do = f"{failure.to_do}." if failure.to_do else ""
    return _page(status, what=f"{failure.what}{where}.", to_do=to_do)


def _show_refusal(refusal: HTTPException) -> Response:
    if refusal.response is not None or not refusal.code or refusal.code < 400:
        return make_response(refusal.get_response())
    own = type(refusal).description != refusal.description and refusal.code != 404
    what = str(refusal.description) if own else ""
    to_do = TO_DO.get(refusal.code, "")
    if is_api():
        code = _snake_case(type(refusal).__name__)
        return _told(
            refusal.code, code=code, message=what or TITLES.get(refusal.code, refusal.name), to_do=to_do
        )
    return _page(refusal.code, what=what, to_do=to_do)


def _show_invalid(refusal: HTTPError) -> ResponseReturnValueType:
    """What does not fit the description of the API: every place, and what is wrong with it."""
    places = refusal.detail if isinstance(refusal.detail, dict) else {}
    found = [(name, words) for part in places.values() for name, words in part.items()]
    what = "; ".join(f"{name}: {', '.join(words)}" for name, words in found) or str(refusal.message)
    where = ", ".join(name for name, _ in found)
    return _told(refusal.status_code, code="invalid", message=what, where=where, to_do="See /api/docs")


def _show_bug(bug: Exception) -> Response:
    """Log it by endpoint and number: the address may hold what nobody should read in a log."""
    _log.error("request=%s endpoint=%s failed", g.request_id, request.endpoint, exc_info=bug)
    what = "Something went wrong in Coterie itself; your data are as they were."
    to_do = "Try again. If it comes back, tell whoever runs the server the number below."
    return (
        _told(500, code="bug", message=what, to_do=to_do) if is_api() else _page(500, what=what, to_do=to_do)
    )


def _told(status: int, *, code: str, message: str, where: str = "", to_do: str = "") -> Response:
    """The error as programs read it; every one has this shape."""
    content = {"code": code, "message": message, "where": where, "what_to_do": to_do}
    return make_response(jsonify(content | {"request_id": g.get("request_id", "")}), status)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _page(status: int, *, what: str, to_do: str) -> Response:
    title = TITLES.get(status, "Something went wrong" if status >= 500 else "That cannot be done")
    return render("failure.html", status=status, title=title, what=what, to_do=to_do, code=status)
