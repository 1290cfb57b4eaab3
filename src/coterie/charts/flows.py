"""Who moved where between two days: a picture of flows, and the shares of each segment as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from coterie.charts.chart import Chart
from coterie.charts.interactive import CLEAR, Drawing, drawing, named_axis, numbers, shown
from coterie.charts.style import (
    QUIET,
    SEGMENT_COLOURS,
    SMALL_PT,
    black_or_white,
    new_figure,
    segment_name,
    segment_style,
    short_number,
    wrapped,
)
from coterie.features import counted, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]

GAP_SHARE = 0.025
"""Room between two nodes, as a share of the whole height."""
BAR_WIDTH = 0.035
N_STEPS = 24
"""Points of each side of a drawn flow."""
MOST_DRAWN = 120
"""Flows beyond these, the thinnest, could not be seen."""
LABEL_ROOM = 0.075
"""Height of a node's two lines of words, as a share of the whole height."""
STAY_ALPHA, MOVE_ALPHA = 0.25, 0.6


class _Flow(NamedTuple):
    """One flow; `left` and `right` are its lower ends, `height` its width."""

    from_id: int
    to_id: int
    value: float
    left: float
    right: float
    height: float


def segment_flows(
    matrix: pd.DataFrame, names: Mapping[int, str], *, unit: str = "customers", period: str = ""
) -> Chart:
    """Where customers, or their money, went from each segment.

    Parameters
    ----------
    matrix : DataFrame of shape (n_rows, n_columns), 0 or more
        Named by ids: 0 or more of segments, below 0 of those in none, new, lost ...
    names : mapping of int to str
        Of all ids.
    unit : str
        What is counted: "customers" or a currency.
    period : str
        From when to when, for the title.

    Returns
    -------
    Chart
        Table: from, to, n_customers (or the unit), share of the row.
    """
    table, title = _table(matrix, names, unit=unit), _titled("Where customers went", period)
    draw = partial(_draw_flows, title, matrix, names=names, unit=unit)
    plot = partial(_plot_flows, title, matrix, names=names, unit=unit)
    return Chart("segment_flows", title, _alt(matrix, names, unit=unit), table, draw, plot)


def migration_heatmap(
    matrix: pd.DataFrame, names: Mapping[int, str], *, unit: str = "customers", period: str = ""
) -> Chart:
    """What share of each segment is in which segment now.

    Parameters
    ----------
    matrix, names, unit, period
        As in `segment_flows`.

    Returns
    -------
    Chart
        Table as of `segment_flows`; a row without anybody has no shares.
    """
    table, title = _table(matrix, names, unit=unit), _titled("Of each segment, who is where now", period)
    draw = partial(_draw_heatmap, title, matrix, names=names)
    plot = partial(_plot_heatmap, title, matrix, names=names, unit=unit)
    return Chart("migration_heatmap", title, _alt(matrix, names, unit=unit), table, draw, plot)


def _titled(words: str, period: str) -> str:
    return f"{words}, {period}" if period else words


def _table(matrix: pd.DataFrame, names: Mapping[int, str], *, unit: str) -> pd.DataFrame:
    import pandas as pd

    shares = _shares(matrix)
    column = "n_customers" if unit == "customers" else unit
    cells = [
        (segment_name(names, int(i)), segment_name(names, int(j)), matrix.iat[a, b], shares[a, b])
        for a, i in enumerate(matrix.index)
        for b, j in enumerate(matrix.columns)
    ]
    return pd.DataFrame(cells, columns=["from", "to", column, "share"])


def _shares(matrix: pd.DataFrame) -> Floats:
    values = matrix.to_numpy(dtype=np.float64)
    totals = values.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(values, totals, out=np.full_like(values, np.nan), where=totals > 0)
    return shares


def _alt(matrix: pd.DataFrame, names: Mapping[int, str], *, unit: str) -> str:
    """How many stayed, and the largest flow."""
    values = matrix.to_numpy(dtype=np.float64)
    ways = [(int(i), int(j)) for i in matrix.index for j in matrix.columns]
    moved = {way: float(value) for way, value in zip(ways, values.flat, strict=True) if way[0] != way[1]}
    total = float(values.sum())
    stayed = total - sum(moved.values())
    told = f"Of {_amount(total, unit)}, {percent(stayed / total if total else 0.0)} stayed where they were"
    if not any(moved.values()):
        return f"{told}."
    (i, j), most = max(moved.items(), key=lambda flow: flow[1])
    return (
        f"{told}. Most went from {segment_name(names, i)} to {segment_name(names, j)}: {_amount(most, unit)}."
    )


def _amount(value: float, unit: str) -> str:
    return counted(round(value), "customer") if unit == "customers" else f"{short_number(value)} {unit}"


def _nodes(totals: Floats) -> tuple[Floats, float]:
    """The upper edge of each node, from the top down, and the height of one unit."""
    gaps = GAP_SHARE * (len(totals) - 1)
    unit = (1.0 - min(gaps, 0.5)) / max(float(totals.sum()), 1e-300)
    gap = min(gaps, 0.5) / max(len(totals) - 1, 1)
    before = np.concatenate([[0.0], np.cumsum(totals * unit + gap)[:-1]])
    return 1.0 - before, unit


def _flows(matrix: pd.DataFrame) -> list[_Flow]:
    """The flows to draw, the widest last so that they lie on top; thin ones beyond the most are left out."""
    values = np.maximum(matrix.to_numpy(dtype=np.float64), 0.0)
    left, unit = _nodes(values.sum(axis=1))
    right, unit_right = _nodes(values.sum(axis=0))
    unit = min(unit, unit_right)
    left_ends, right_ends, found = left.copy(), right.copy(), []
    for a, i in enumerate(matrix.index):
        for b, j in enumerate(matrix.columns):
            height = values[a, b] * unit
            left_ends[a] -= height
            right_ends[b] -= height
            if height > 0:
                found.append(_Flow(int(i), int(j), values[a, b], left_ends[a], right_ends[b], height))
    return sorted(found, key=lambda flow: flow.height)[-MOST_DRAWN:]


def _outline(flow: _Flow) -> tuple[Floats, Floats]:
    """A closed line around a flow: along its lower side to the right, back along the upper one."""
    t = np.linspace(0.0, 1.0, N_STEPS)
    lower = flow.left + (flow.right - flow.left) * t * t * (3.0 - 2.0 * t)
    across = BAR_WIDTH + (1.0 - 2.0 * BAR_WIDTH) * t
    return np.concatenate([across, across[::-1]]), np.concatenate([lower, (lower + flow.height)[::-1]])


def _bars(flows: Sequence[_Flow]) -> list[tuple[int, float, float, float, float]]:
    """Id, left edge, bottom, height and value of every node."""
    bars = []
    for side, x in (("left", 0.0), ("right", 1.0 - BAR_WIDTH)):
        nodes: dict[int, list[_Flow]] = {}
        for flow in flows:
            nodes.setdefault(flow.from_id if side == "left" else flow.to_id, []).append(flow)
        for node, own in nodes.items():
            bottoms = [getattr(flow, side) for flow in own]
            tops = [getattr(flow, side) + flow.height for flow in own]
            bars.append((node, x, min(bottoms), max(tops) - min(bottoms), sum(f.value for f in own)))
    return bars


def _draw_flows(title: str, matrix: pd.DataFrame, *, names: Mapping[int, str], unit: str) -> Figure:
    n_nodes = max(matrix.shape)
    figure = new_figure(
        title, "Left: before. Right: now. Pale: stayed.", height_in=max(5.6, 1.4 + 0.5 * n_nodes)
    )
    axes = figure.add_subplot()
    flows = _flows(matrix)
    for flow in flows:
        x, y = _outline(flow)
        alpha = STAY_ALPHA if flow.from_id == flow.to_id else MOVE_ALPHA
        axes.fill(x, y, color=segment_style(flow.from_id)[0], alpha=alpha, linewidth=0)
    bars = _bars(flows)
    for bar, height in zip(bars, _label_heights(bars), strict=True):
        _draw_bar(axes, bar, label_at=height, names=names, unit=unit)
    axes.set(xlim=(-0.45, 1.45), ylim=(-0.02, 1.02))
    axes.axis("off")
    return figure


def _label_heights(bars: Sequence[tuple[int, float, float, float, float]]) -> list[float]:
    """The middle of each bar, moved as little as keeps the words of two thin ones apart."""
    heights = [bottom + height / 2 for _, _, bottom, height, _ in bars]
    for side in (0.0, 1.0 - BAR_WIDTH):
        own = sorted((i for i, bar in enumerate(bars) if bar[1] == side), key=lambda i: -heights[i])
        for above, below in pairwise(own):
            heights[below] = min(heights[below], heights[above] - LABEL_ROOM)
        lowest = 0.0
        for i in reversed(own):
            heights[i] = max(heights[i], lowest)
            lowest = heights[i] + LABEL_ROOM
    return heights


def _draw_bar(
    axes: Axes,
    bar: tuple[int, float, float, float, float],
    *,
    label_at: float,
    names: Mapping[int, str],
    unit: str,
) -> None:
    from matplotlib.patches import Rectangle

    node, x, bottom, height, value = bar
    axes.add_patch(Rectangle((x, bottom), BAR_WIDTH, height, facecolor=segment_style(node)[0]))
    on_left = x == 0.0
    words = f"{wrapped(segment_name(names, node), 24, n_lines=1)}\n{_amount(value, unit)}"
    at, side = (-0.015, "right") if on_left else (1.015, "left")
    axes.text(at, label_at, words, ha=side, va="center", size=SMALL_PT, linespacing=1.1)


def _plot_flows(title: str, matrix: pd.DataFrame, *, names: Mapping[int, str], unit: str) -> Drawing:
    flows = _flows(matrix)
    traces = [_flow_trace(flow, names, unit=unit) for flow in flows]
    bars = _bars(flows)
    traces.append(
        {
            "type": "scatter",
            "mode": "text",
            "x": [x if x == 0.0 else 1.0 for _, x, *_ in bars],
            "y": numbers([bottom + height / 2 for _, _, bottom, height, _ in bars], 4),
            "text": [shown(segment_name(names, node), 24) for node, *_ in bars],
            "textposition": ["middle left" if x == 0.0 else "middle right" for _, x, *_ in bars],
            "hovertext": [
                f"{shown(segment_name(names, node))}: {_amount(value, unit)}" for node, *_, value in bars
            ],
            "hoverinfo": "text",
        }
    )
    blocks = [
        {
            "type": "rect", "x0": x, "x1": x + BAR_WIDTH, "y0": bottom, "y1": bottom + height,
            "fillcolor": segment_style(node)[0], "line": {"width": 0},
        }
        for node, x, bottom, height, _ in bars
    ]  # fmt: skip
    hidden = {"visible": False, "showgrid": False}
    return drawing(
        title,
        traces,
        note="left before, right now",
        shapes=blocks,
        showlegend=False,
        xaxis={**hidden, "range": [-0.45, 1.45]},
        yaxis={**hidden, "range": [-0.02, 1.02]},
    )


def _flow_trace(flow: _Flow, names: Mapping[int, str], *, unit: str) -> Drawing:
    x, y = _outline(flow)
    went = f"{shown(segment_name(names, flow.from_id))} to {shown(segment_name(names, flow.to_id))}"
    return {
        "type": "scatter",
        "mode": "lines",
        "fill": "toself",
        "x": numbers(x, 4),
        "y": numbers(y, 4),
        "fillcolor": segment_style(flow.from_id)[0],
        "opacity": STAY_ALPHA if flow.from_id == flow.to_id else MOVE_ALPHA,
        "line": {"width": 0, "color": CLEAR},
        "hoveron": "fills",
        "hoverinfo": "name",
        "name": f"{went}: {_amount(flow.value, unit)}",
    }


def _draw_heatmap(title: str, matrix: pd.DataFrame, *, names: Mapping[int, str]) -> Figure:
    import seaborn as sns
    from matplotlib.colors import to_hex

    shares, tint = _shares(matrix), sns.light_palette(SEGMENT_COLOURS[0], as_cmap=True)
    figure = new_figure(
        title, "Each row adds up to 100%: before, by where they are now", height_in=1.9 + 0.55 * len(matrix)
    )
    axes = figure.add_subplot()
    sns.heatmap(shares, ax=axes, cmap=tint, vmin=0, vmax=1, linewidths=2.5, linecolor="white", cbar=False)
    for (row, column), share in np.ndenumerate(shares):
        ink = black_or_white(to_hex(tint(float(share)))) if np.isfinite(share) else QUIET
        axes.text(column + 0.5, row + 0.5, _share(share), ha="center", va="center", color=ink, size=SMALL_PT)
    across, up = (
        [wrapped(segment_name(names, int(i)), 14) for i in side] for side in (matrix.columns, matrix.index)
    )
    axes.set_xticks(np.arange(len(across)) + 0.5, across, rotation=0)
    axes.set_yticks(np.arange(len(up)) + 0.5, up, rotation=0)
    axes.tick_params(length=0)
    axes.grid(False)
    return figure


def _share(share: float) -> str:
    return percent(share) if np.isfinite(share) else "nobody"


def _plot_heatmap(title: str, matrix: pd.DataFrame, *, names: Mapping[int, str], unit: str) -> Drawing:
    import seaborn as sns
    from matplotlib.colors import to_hex

    shares, tint = _shares(matrix), sns.light_palette(SEGMENT_COLOURS[0], as_cmap=True)
    up, across = ([segment_name(names, int(i)) for i in side] for side in (matrix.index, matrix.columns))
    values = matrix.to_numpy(dtype=np.float64)
    trace = {
        "type": "heatmap",
        "x": list(range(len(across))),
        "y": list(range(len(up))),
        "z": [numbers(row, 4) for row in shares],
        "text": [[_share(share) for share in row] for row in shares],
        "texttemplate": "%{text}",
        "hovertext": [
            [
                f"{shown(one)} to {shown(other)}: {_amount(value, unit)}"
                for other, value in zip(across, row, strict=True)
            ]
            for one, row in zip(up, values, strict=True)
        ],
        "hoverinfo": "text",
        "hoverongaps": False,
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "colorscale": [[step / 4, to_hex(tint(step / 4))] for step in range(5)],
        "xgap": 2,
        "ygap": 2,
    }
    sides = (
        named_axis(range(len(across)), across, showgrid=False),
        named_axis(range(len(up)), up, showgrid=False),
    )
    return drawing(title, [trace], xaxis=sides[0], yaxis={**sides[1], "autorange": "reversed"})
