"""Views as pages: one template a page; htmx gets the block of it that is named like its target."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, flash, g, make_response, redirect, render_template, request
from flask import url_for as flask_url_for
from jinja2 import StrictUndefined
from jinja2_fragments.flask import render_block

from coterie.web import marks, numbers
from coterie.web.addresses import here, kept
from coterie.web.house import house, visitor
from coterie.web.navigation import places
from coterie.web.visitors import allowed

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "coterie_theme"


def install(app: Flask) -> None:
    """Give the templates their tools."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(numbers.FILTERS)
    app.jinja_env.globals.update(
        allowed=allowed,
        asset=asset,
        has_asset=has_asset,
        here=here,
        kept=kept,
        marker=marks.marker,
        places=places,
        sentence_case=sentence_case,
        shape=marks.shape,
        way=way,
    )
    # A block that is rendered alone does not see what its template imports: the pieces are there for all.
    pieces = app.jinja_env.get_template("parts.html").module
    app.jinja_env.globals.update({name: piece for name, piece in vars(pieces).items() if callable(piece)})
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    """What the frame of every page shows."""
    return {
        "visitor": visitor(),
        "login": house().login,
        "theme": theme(),
        "request_id": g.get("request_id", ""),
    }


def theme() -> str:
    """Give the visitor's choice of light or dark."""
    chosen = request.cookies.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def render(template: str, *, status: int = 200, **view: Any) -> Response:
    """Answer with a page, or with the block of it that htmx asks for.

    Parameters
    ----------
    template : str
    status : int
    **view : object
        What the template is told.

    Returns
    -------
    Response
        An htmx request gets the block whose name is the id of the request's target; where there is no
        such block, and without htmx, it is the whole page.
    """
    block = _wanted_block(template)
    text = render_block(template, block, **view) if block else render_template(template, **view)
    response = make_response(text, status)
    response.vary.update(("HX-Request", "HX-Target"))
    return response


def _wanted_block(template: str) -> str | None:
    if request.headers.get("HX-Request-Type") != "partial":
        return None
    target = request.headers.get("HX-Target", "").rpartition("#")[2]
    return target if target in current_app.jinja_env.get_template(template).blocks else None


def done(where: str, notice: str = "") -> Response:
    """After an action: go and see what came of it.

    Parameters
    ----------
    where : str
        Address of the page that shows it.
    notice : str
        A sentence that page says once.

    Returns
    -------
    Response
        303, so that reloading does nothing twice.
    """
    if notice:
        flash(notice)
    return make_response(redirect(where, 303))


def way(endpoint: str, **values: Any) -> str:
    """Give the address of a page, or nothing if there is no such page or the visitor may not see it."""
    is_open = endpoint in current_app.view_functions and allowed(endpoint)
    return flask_url_for(endpoint, **values) if is_open else ""


def sentence_case(words: str) -> str:
    """Begin with a capital and leave the rest as it is."""
    return words[:1].upper() + words[1:]


def asset(name: str) -> str:
    """Give the address of a static file, with a mark of its content: it may be kept for ever."""
    path = Path(current_app.static_folder or "") / name
    return flask_url_for("static", filename=name, v=_content_mark(path, path.stat().st_mtime_ns))


def has_asset(name: str) -> bool:
    """Whether a static file is there; those of packages are not before `make assets`."""
    return (Path(current_app.static_folder or "") / name).is_file()


@lru_cache(maxsize=256)
def _content_mark(path: Path, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
