"""The colours of segments as a style sheet: pages hold no colours of their own."""

from __future__ import annotations

from functools import cache

from flask import Flask, Response

from coterie.charts import segment_style
from coterie.charts.grid import GROUP_COLOURS
from coterie.web.marks import tone

MOST_SEGMENTS = 50
A_DAY = 24 * 3600


def install(app: Flask) -> None:
    """Serve the style sheet."""
    app.add_url_rule("/tones.css", "tones", show)


def show() -> Response:
    """Answer with the style sheet."""
    response = Response(stylesheet(), mimetype="text/css")
    response.cache_control.max_age = A_DAY
    return response


@cache
def stylesheet() -> str:
    """One rule for each segment, as many as there can be, for those in none, and for the groups of the grid.

    Returns
    -------
    str
    """
    ids = (-1, *range(MOST_SEGMENTS))
    segments = (f".tone-{tone(i)}{{--tone:{segment_style(i)[0]}}}" for i in ids)
    groups = (f".group-{place}{{--group:{colour}}}" for place, colour in enumerate(GROUP_COLOURS))
    return "\n".join((*segments, *groups))
