"""The shape and colour of a segment, the same as in its charts."""

from __future__ import annotations

from markupsafe import Markup

from coterie.charts import segment_style

SHAPES = {
    "o": "M8 2a6 6 0 1 1 0 12a6 6 0 0 1 0-12z",
    "s": "M2.7 2.7h10.6v10.6h-10.6z",
    "^": "M8 1.8l6.3 11.4h-12.6z",
    "v": "M8 14.2l6.3-11.4h-12.6z",
    "<": "M1.8 8l11.4-6.3v12.6z",
    ">": "M14.2 8l-11.4-6.3v12.6z",
    "D": "M8 1l7 7l-7 7l-7-7z",
    "d": "M8 1l4.4 7l-4.4 7l-4.4-7z",
    "P": "M5.7 2h4.6v3.7h3.7v4.6h-3.7v3.7h-4.6v-3.7h-3.7v-4.6h3.7z",
    "X": "M4.7 1.7l3.3 3.1l3.3-3.1l3 3l-3.1 3.3l3.1 3.3l-3 3l-3.3-3.1l-3.3 3.1l-3-3l3.1-3.3l-3.1-3.3z",
    "p": "M8 1.4l6.6 4.8l-2.5 7.8h-8.2l-2.5-7.8z",
    "h": "M8 1.2l5.9 3.4v6.8l-5.9 3.4l-5.9-3.4v-6.8z",
    "*": "M8 1l2.1 4.7l5.1.5l-3.8 3.4l1.1 5l-4.5-2.6l-4.5 2.6l1.1-5l-3.8-3.4l5.1-.5z",
}
"""By matplotlib marker, in a box of 16 by 16."""


def marker(segment_id: int) -> Markup:
    """Draw a segment's mark; the words beside it name the segment.

    Parameters
    ----------
    segment_id : int
        -1 = unassigned.

    Returns
    -------
    Markup
        An svg element that takes its colour from the class ``tone-<id>`` around it or on it.
    """
    return Markup(
        '<svg class="marker tone-{}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'
        '<path d="{}"/></svg>'
    ).format(tone(segment_id), shape(segment_id))


def shape(segment_id: int) -> str:
    """Give the path of a segment's mark in a box of 16 by 16."""
    return SHAPES[segment_style(segment_id)[1]]


def tone(segment_id: int) -> str:
    """Name the class that carries a segment's colour."""
    return "none" if segment_id < 0 else str(segment_id)
