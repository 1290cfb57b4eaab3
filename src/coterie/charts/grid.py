"""The RFM grid: recency up, frequency to the right, the best customers in the top right corner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from coterie.charts.chart import Chart
from coterie.charts.interactive import Drawing, drawing, named_axis, shown
from coterie.charts.style import (
    SMALL_PT,
    black_or_white,
    new_figure,
    wrapped,
)
from coterie.errors import ParameterError
from coterie.features import counted, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

N_SCORES = 5
PALEST, STRONGEST = 0.2, 0.85
"""Strength of colour of an empty cell and of the fullest."""
GROUP_COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#F0E442", "#CC79A7",
    "#D55E00", "#6F63B6", "#A65B85", "#A68A64", "#80868B", "#8FD6B8",
)  # fmt: skip
"""The segment palette without its darkest tones, so that names can be read in every cell."""

FIXED = "Names and colours are those of the fixed grid, whatever the segments are called"

FREQUENCY = "Frequency score (orders): more often \N{RIGHTWARDS ARROW}"
RECENCY = "Recency score (days since last order): more recent \N{RIGHTWARDS ARROW}"

CutPoints = Mapping[str, Sequence[float]]


def rfm_grid(
    scores: npt.ArrayLike, cell_names: Mapping[tuple[int, int], str], *, cut_points: CutPoints | None = None
) -> Chart:
    """How many customers stand in each cell of recency and frequency.

    Parameters
    ----------
    scores : array-like of shape (n_customers, 2 or more), int
        Recency and frequency scores first, 1 to 5, 5 the best; any further column is left aside.
    cell_names : mapping of (recency score, frequency score) to str
        The named group of each cell; a name has one colour.
    cut_points : mapping of str to sequence of float, optional
        Ascending upper bounds, the recency scores 5, 4, 3, 2 under "recency_days" and the frequency
        scores 1, 2, 3, 4 under "n_orders"; printed beside the scores.

    Returns
    -------
    Chart
        Table: recency_score, frequency_score, group, n_customers, share; one row a cell, best first.

    Raises
    ------
    ParameterError
        If a score is not 1 to 5.
    """
    import pandas as pd

    found = np.asarray(scores).astype(np.int64)
    found = found.reshape(len(found), -1)[:, :2]
    if found.size and not (found.min() >= 1 and found.max() <= N_SCORES):
        raise ParameterError("RFM scores are 1 to 5", where="scores")
    cells = _cells(found, cell_names)
    title = "The fixed grid of recency and frequency: who stands where"
    draw = partial(_draw, title, cells, cut_points=cut_points or {})
    plot = partial(_plot, title, cells, cut_points=cut_points or {})
    return Chart("rfm_grid", title, _alt(cells), pd.DataFrame(cells), draw, plot)


class _Cell(NamedTuple):
    """One cell of the grid; the names are the columns of the chart's table."""

    recency_score: int
    frequency_score: int
    group: str
    n_customers: int
    share: float


def _cells(scores: npt.NDArray[np.int64], names: Mapping[tuple[int, int], str]) -> list[_Cell]:
    """All 25 cells, the best first."""
    cells = []
    for r in range(N_SCORES, 0, -1):
        for f in range(N_SCORES, 0, -1):
            count = int(((scores[:, 0] == r) & (scores[:, 1] == f)).sum())
            cells.append(_Cell(r, f, names.get((r, f), ""), count, count / max(len(scores), 1)))
    return cells


def _alt(cells: Sequence[_Cell]) -> str:
    n = sum(cell.n_customers for cell in cells)
    groups: dict[str, int] = {}
    for cell in cells:
        groups[cell.group] = groups.get(cell.group, 0) + cell.n_customers
    ranked = sorted(groups.items(), key=lambda group: -group[1])
    told = "; ".join(f"{name} {count:,} ({percent(count / max(n, 1))})" for name, count in ranked)
    return f"{counted(n, 'customer')} by recency and frequency score. {FIXED}. {told}."


def _draw(title: str, cells: Sequence[_Cell], *, cut_points: CutPoints) -> Figure:
    figure = new_figure(
        title,
        f"{FIXED}; the stronger the colour, the more customers are in the cell",
        height_in=6.3,
    )
    axes = figure.add_subplot()
    for cell, colour in zip(cells, _cell_colours(cells), strict=True):
        _draw_cell(axes, cell, colour=colour)
    axes.set(xlim=(0.5, N_SCORES + 0.5), ylim=(0.5, N_SCORES + 0.5))
    axes.grid(False)
    at = np.arange(1, N_SCORES + 1)
    bought, away = _score_words(cut_points)
    axes.set_xticks(at, bought)
    axes.set_yticks(at, away)
    axes.set_xlabel(FREQUENCY)
    axes.set_ylabel(RECENCY)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    return figure


def _draw_cell(axes: Axes, cell: _Cell, *, colour: str) -> None:
    from matplotlib.patches import Rectangle

    across, up = cell.frequency_score, cell.recency_score
    axes.add_patch(Rectangle((across - 0.48, up - 0.47), 0.96, 0.94, facecolor=colour, edgecolor="none"))
    look: dict[str, Any] = {
        "ha": "center",
        "size": SMALL_PT,
        "color": black_or_white(colour),
        "linespacing": 1.05,
    }
    if cell.group:
        axes.text(across, up + 0.4, wrapped(cell.group, 16), va="top", **look)
    words = _people(cell)
    weight = "bold" if cell.n_customers else "normal"
    axes.text(across, up - 0.4, words, va="bottom", weight=weight, **look)


def _people(cell: _Cell) -> str:
    return f"{cell.n_customers:,}  ({percent(cell.share)})" if cell.n_customers else "nobody"


def _score_words(cut_points: CutPoints) -> tuple[list[str], list[str]]:
    """Each score with the range of orders or days it stands for, if that is known."""
    ranges = (
        _ranges(cut_points.get("n_orders", ())),
        _ranges(cut_points.get("recency_days", ()))[::-1],
    )
    bought, away = (
        [f"{score}\n{words}" if words else f"{score}" for score, words in enumerate(side, start=1)]
        for side in ranges
    )
    return bought, away


def _cell_colours(cells: Sequence[_Cell]) -> list[str]:
    """The colour of the group, the stronger the more customers are in the cell."""
    colours = _group_colours(cells)
    fullest = max(1, *(cell.n_customers for cell in cells))
    strengths = [PALEST + (STRONGEST - PALEST) * (cell.n_customers / fullest) ** 0.5 for cell in cells]
    return [_tint(colours[cell.group], strength) for cell, strength in zip(cells, strengths, strict=True)]


def _plot(title: str, cells: Sequence[_Cell], *, cut_points: CutPoints) -> Drawing:
    colours = _cell_colours(cells)
    across, up = [cell.frequency_score for cell in cells], [cell.recency_score for cell in cells]
    trace = {
        "type": "scatter",
        "mode": "text",
        "x": across,
        "y": up,
        "text": [f"{shown(c.group, 16)}<br>{_people(c)}" if c.group else _people(c) for c in cells],
        "textfont": {"color": [black_or_white(colour) for colour in colours]},
        "customdata": [[cell.recency_score, cell.frequency_score] for cell in cells],
        "hovertext": [
            f"{shown(c.group)}: {counted(c.n_customers, 'customer')} ({percent(c.share)})"
            f"<br>recency score {c.recency_score}, frequency score {c.frequency_score}"
            for c in cells
        ],
        "hoverinfo": "text",
        "name": "Customers",
    }
    squares = [
        {
            "type": "rect", "layer": "below", "fillcolor": colour, "line": {"width": 0},
            "x0": x - 0.48, "x1": x + 0.48, "y0": y - 0.47, "y1": y + 0.47,
        }
        for x, y, colour in zip(across, up, colours, strict=True)
    ]  # fmt: skip
    room = [0.5, N_SCORES + 0.5]
    at = range(1, N_SCORES + 1)
    bought, away = ([words.replace("\n", ": ") for words in side] for side in _score_words(cut_points))
    axes: Drawing = {
        "xaxis": named_axis(at, bought, range=room, title={"text": FREQUENCY}, showgrid=False),
        "yaxis": named_axis(at, away, range=room, title={"text": RECENCY}, showgrid=False),
    }
    return drawing(title, [trace], shapes=squares, showlegend=False, **axes)


def _group_colours(cells: Sequence[_Cell]) -> dict[str, str]:
    """One colour a name, in order of its best cell."""
    best_first = sorted(cells, key=lambda c: (-c.recency_score - c.frequency_score, -c.recency_score))
    order = dict.fromkeys(cell.group for cell in best_first)
    return {group: GROUP_COLOURS[place % len(GROUP_COLOURS)] for place, group in enumerate(order)}


def _tint(colour: str, strength: float) -> str:
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def _ranges(bounds: Sequence[float]) -> list[str]:
    """Words for the five intervals of whole numbers between upper bounds; "none" where none lies."""
    if not len(bounds):
        return [""] * N_SCORES
    edges = [int(np.floor(bound)) for bound in bounds]
    words = [f"up to {edges[0]:,}"]
    for low, high in pairwise(edges):
        words.append("none" if low == high else f"{low + 1:,} to {high:,}" if low + 1 < high else f"{high:,}")
    return [*words, f"over {edges[-1]:,}"]
