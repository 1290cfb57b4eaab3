"""The state of a page stands in its address: the page with one thing changed, forms that keep the rest."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request, url_for


def here(**changes: Any) -> str:
    """Give the address of this page with something changed.

    Parameters
    ----------
    **changes : object
        New values by name; None leaves one out.

    Returns
    -------
    str
    """
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in changes]
    pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
    # Not by url_for: it would take a visitor's `_scheme` for its own.
    return f"{url_for(request.endpoint or '', **(request.view_args or {}))}?{urlencode(pairs)}"


def kept(*without: str) -> list[tuple[str, str]]:
    """Give what a form has to carry along, so that sending it changes nothing but its own fields.

    Parameters
    ----------
    *without : str
        What the form sets itself, or what falls with it.

    Returns
    -------
    list of (name, value)
    """
    return [(name, value) for name, value in request.args.items(multi=True) if name not in without]
