"""The second drawing of a chart: plain values in Plotly's own JSON format, drawn by the page that shows it.

Letters, lines and grid take their colours from the page. Names that people gave are shown letter by letter:
Plotly reads a little HTML in every text, so that what could be a tag is escaped here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.charts.scale import MAX_TICKS, Scale
from coterie.charts.style import segment_name, segment_style
from coterie.features import counted

Drawing = dict[str, Any]
"""A figure: its traces under "data", axes and title under "layout"."""

MAX_BYTES = 300_000
"""A drawing is a part of a page, so never larger than a picture."""
MAX_LETTERS = 60
CLEAR = "rgba(0,0,0,0)"
NEUTRAL = "#80868B"
"""A grey that is seen on white and on black."""

MARKS = {
    "o": "circle", "s": "square", "^": "triangle-up", "D": "diamond", "v": "triangle-down", "P": "cross",
    "X": "x", "p": "pentagon", "h": "hexagon2", "*": "star", "<": "triangle-left", ">": "triangle-right",
    "d": "diamond-tall",
}  # fmt: skip
"""Plotly's word for each of matplotlib's marks."""


def shown(text: object, width: int = MAX_LETTERS) -> str:
    """A text on one line as Plotly is to show it, letter by letter, cut where it has no end."""
    line = " ".join("".join(char if char.isprintable() else " " for char in str(text)).split())
    return escape(line if len(line) <= width else f"{line[: width - 1]}…", quote=False) or "(no name)"


def drawing(title: str, traces: Sequence[Drawing], *, note: str = "", **layout: Any) -> Drawing:
    """A figure without colours of its own but those of the data; a note is the title's second line."""
    return {
        "data": list(traces),
        "layout": {
            "title": {"text": shown(title, 160) + (f"<br>({shown(note, 160)})" if note else "")},
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "hovermode": "closest",
            "hoverlabel": {"namelength": -1},
            **layout,
        },
    }


def scale_axis(scale: Scale, most: int = MAX_TICKS) -> Drawing:
    """The axis of a feature: positions as on paper, marks in raw units."""
    marks, words = scale.ticks(most)
    return {**named_axis(marks, words), "title": {"text": shown(scale.label)}, "range": list(scale.limits)}


def named_axis(marks: Sequence[float], words: Sequence[object], **more: Any) -> Drawing:
    """An axis with a word at each mark."""
    return {
        "tickmode": "array",
        "tickvals": [float(mark) for mark in marks],
        "ticktext": [shown(word) for word in words],
        "zeroline": False,
        "automargin": True,
        **more,
    }


def segment_mark(segment_id: int, *, size: float, opacity: float = 1.0) -> Drawing:
    """Colour and shape of a segment, as in every other chart."""
    colour, mark = segment_style(segment_id)
    return {
        "color": colour,
        "symbol": MARKS[mark],
        "size": size,
        "opacity": opacity,
        "line": {"color": "white", "width": 0.5},
    }


def segment_entry(segment_id: int, names: Mapping[int, str], *, n_customers: int | None = None) -> Drawing:
    """What a trace says of its segment: the words of the legend, and the id for the page."""
    size = "" if n_customers is None else f" ({n_customers:,})"
    return {
        "name": f"{shown(segment_name(names, segment_id))}{size}",
        "legendgroup": f"segment {segment_id}",
        "meta": {"segment_id": int(segment_id)},
    }


def numbers(values: npt.ArrayLike, digits: int | None = None) -> list[float | None]:
    """Finite numbers for JSON, to so many significant digits; what is not known is None."""
    found = np.asarray(values, dtype=np.float64).tolist()
    if digits is None:
        return [value if np.isfinite(value) else None for value in found]
    return [float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in found]


def sample_note(n_drawn: int, n: int) -> str:
    """What the title says if not everybody is drawn."""
    return "" if n_drawn >= n else f"a sample of {n_drawn:,} of {counted(n, 'customer')}"
