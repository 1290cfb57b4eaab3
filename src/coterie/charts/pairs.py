"""Every pair of a few attributes on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.charts.chart import Chart
from coterie.charts.cloud import Cloud, draw_cloud, legend_handles, make_cloud, stratified_sample
from coterie.charts.interactive import (
    Drawing,
    drawing,
    sample_note,
    scale_axis,
    segment_entry,
    segment_mark,
    shown,
)
from coterie.charts.points import chosen_rows, coordinates, customer_data, id_bytes
from coterie.charts.scale import Floats, Labels, Scale, scale_for
from coterie.charts.scatter import as_labels, id_array, number_columns, separation
from coterie.charts.style import (
    PALE,
    QUIET,
    SMALL_PT,
    TEXT_PT,
    WIDTH_IN,
    feature_words,
    new_figure,
    segment_name,
    segment_style,
    spec_of,
    wrapped,
)
from coterie.errors import ParameterError
from coterie.features import FeatureSpec, counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_PAIRED = 5
MAX_PANEL_POINTS = 1_200
DENSE_PANEL_POINTS = 150
LEGEND_PT = (TEXT_PT - 0.5, SMALL_PT, 9, 8, 7, 6, 5)
HISTOGRAM_BINS = 28
TICKS = 4
PANEL_POINT_BYTES = 16
PANEL_PX = 140


@dataclass(frozen=True)
class _Pairs:
    """All that is drawn: scales, one histogram per segment and attribute, one cloud per pair."""

    scales: list[Scale]
    shown: Labels
    histograms: Mapping[tuple[int, int], Floats]  # (attribute, segment) -> share of the segment per bin
    clouds: Mapping[tuple[int, int], Cloud]  # (row, column)


def pair_plot(
    X: pd.DataFrame,
    labels: npt.ArrayLike,
    *,
    names: Mapping[int, str],
    specs: Mapping[str, FeatureSpec] | None = None,
    customer_ids: npt.ArrayLike | None = None,
) -> Chart:
    """Each attribute's distribution by segment, and every two attributes against each other.

    Parameters
    ----------
    X : DataFrame of shape (n_customers, n_features)
        Raw units; the first five columns of numbers are used.
    labels : array-like of shape (n_customers,)
        Segment ids, -1 = unassigned.
    names : mapping of int to str
        Segment name by id.
    specs : mapping of str to FeatureSpec, optional
        What an attribute is called and its unit, by its name; the unit of money is the currency.
    customer_ids : array-like of shape (n_customers,), optional
        Carried by the points of the interactive drawing.

    Returns
    -------
    Chart
        Table: segment_id, segment, n_customers, and the median of every attribute.

    Raises
    ------
    ParameterError
        If there are not two columns of numbers.
    """
    features = tuple(number_columns(X)[:MAX_PAIRED])
    if len(features) < 2:
        raise ParameterError(
            "A pair plot needs two columns of numbers", to_do="Give a table with two or more"
        )
    found = as_labels(labels)
    raw = [X[name].to_numpy(np.float64) for name in features]
    scales = [scale_for(spec_of(name, specs), values) for name, values in zip(features, raw, strict=True)]
    positions = [scale.position(values) for scale, values in zip(scales, raw, strict=True)]
    drawn = _reduced(positions, found, scales=scales)
    best = max(scales, key=lambda scale: separation(scale.position(X[scale.spec.name]), found))
    words = ", ".join(scale.words for scale in scales)
    n_segments = len(np.unique(found[found >= 0]))
    title = "Every two attributes side by side"
    return Chart(
        "pair_plot",
        title,
        f"{counted(n_segments, 'segment')} on {words}, two at a time. They lie furthest apart on "
        f"{best.words}.",
        _medians(X, found, names=names, features=features),
        partial(_draw, title, drawn, names=names),
        partial(_plot, title, drawn, positions=positions, names=names, customer_ids=id_array(customer_ids)),
    )


def _reduced(positions: list[Floats], labels: Labels, *, scales: list[Scale]) -> _Pairs:
    sampled = stratified_sample(labels, min(MAX_PANEL_POINTS, len(labels)))
    clouds = {}
    for row in range(len(scales)):
        for column in range(row):
            plane = np.column_stack([positions[column], positions[row]])
            cloud = make_cloud(
                plane, labels, box=(*scales[column].limits, *scales[row].limits), n_sampled=DENSE_PANEL_POINTS
            )
            few = (
                cloud if cloud.image is not None else Cloud(plane[sampled], labels[sampled], None, cloud.box)
            )
            clouds[row, column] = few
    histograms = {
        (i, int(label)): _shares(positions[i][labels == label], scales[i].limits)
        for i in range(len(scales))
        for label in np.unique(labels)
        if label >= 0
    }
    return _Pairs(scales, labels, histograms, clouds)


def _shares(position: Floats, limits: tuple[float, float]) -> Floats:
    counts, _ = np.histogram(position, bins=HISTOGRAM_BINS, range=limits)
    return np.asarray(counts / max(int(counts.sum()), 1), dtype=np.float64)


def _medians(
    X: pd.DataFrame, labels: Labels, *, names: Mapping[int, str], features: tuple[str, ...]
) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "segment_id": int(label),
            "segment": segment_name(names, int(label)),
            "n_customers": int((labels == label).sum()),
            **{name: float(np.median(X[name].to_numpy(np.float64)[labels == label])) for name in features},
        }
        for label in np.unique(labels)
    ]
    return pd.DataFrame(rows)


def _draw(title: str, pairs: _Pairs, *, names: Mapping[int, str]) -> Figure:
    size = len(pairs.scales)
    panel = WIDTH_IN / max(size, 3)
    figure = new_figure(
        title,
        "On the diagonal how each segment is spread; below it, attributes two at a time",
        height_in=0.75 + panel * 0.82 * size,
    )
    n_columns = max(size, 3)  # two attributes leave the third column to the legend
    grid = figure.subplots(size, n_columns, squeeze=False)
    for row in range(size):
        for column in range(n_columns):
            axes = grid[row, column]
            if column > row:
                axes.set_axis_off()
            elif column == row:
                _draw_distribution(axes, pairs, place=row)
            else:
                draw_cloud(axes, pairs.clouds[row, column], point_size=7.0)
            if column <= row:
                _label(axes, pairs, place=(row, column))
    panels = [grid[row, column] for row in range(size) for column in range(row + 1)]
    _explain(grid[0, -1], legend_handles(pairs.shown, names), clear_of=panels)
    return figure


def _explain(corner: Axes, handles: list[object], *, clear_of: list[Axes]) -> None:
    """A legend in the free corner, in the largest letters that cover no panel."""
    figure = corner.get_figure(root=True)
    assert figure is not None
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)  # panels have their places only now
    taken = [axes.get_tightbbox() for axes in clear_of]
    for size in LEGEND_PT:
        legend = corner.legend(
            handles=handles, loc="upper right", title="Segment (customers)", alignment="left", fontsize=size
        )
        legend.set_in_layout(False)
        box = legend.get_window_extent()
        if not any(panel is not None and box.overlaps(panel) for panel in taken):
            return


def _draw_distribution(axes: Axes, pairs: _Pairs, *, place: int) -> None:
    from matplotlib.colors import to_rgba

    edges = np.linspace(*pairs.scales[place].limits, HISTOGRAM_BINS + 1)
    for (attribute, label), shares in pairs.histograms.items():
        if attribute == place:
            colour = segment_style(label)[0]
            axes.stairs(
                shares, edges, fill=True, facecolor=to_rgba(colour, 0.18), edgecolor=colour, linewidth=1.4
            )
    axes.set_xlim(*pairs.scales[place].limits)
    axes.set_ylim(bottom=0)
    axes.set_facecolor(PALE)
    axes.grid(False)


def _label(axes: Axes, pairs: _Pairs, *, place: tuple[int, int]) -> None:
    """Words and marks at the outer edge only; inside, marks without words."""
    row, column = place
    last = len(pairs.scales) - 1
    x_marks, x_words = pairs.scales[column].ticks(TICKS)
    axes.set_xticks(x_marks, x_words if row == last else [""] * len(x_marks), size=SMALL_PT - 0.5)
    axes.set_xlabel(pairs.scales[column].short_label if row == last else "", size=SMALL_PT)
    if row == column:
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_title(
            wrapped(feature_words(pairs.scales[row].spec), 22), size=SMALL_PT, color=QUIET, loc="left", pad=4
        )
        return
    y_marks, y_words = pairs.scales[row].ticks(TICKS)
    axes.set_yticks(y_marks, y_words if column == 0 else [""] * len(y_marks), size=SMALL_PT - 0.5)
    axes.set_ylabel(pairs.scales[row].short_label if column == 0 else "", size=SMALL_PT)


def _plot(
    title: str,
    pairs: _Pairs,
    *,
    positions: list[Floats],
    names: Mapping[int, str],
    customer_ids: npt.NDArray[np.object_] | None,
) -> Drawing:
    """Small panels that share their axes: distributions on the diagonal, two attributes below it."""
    size, labels = len(positions), pairs.shown
    panels = [(row, column) for row in range(size) for column in range(row)]
    each = len(panels) * (PANEL_POINT_BYTES + id_bytes(customer_ids))
    rows = chosen_rows(labels, most=MAX_PANEL_POINTS, bytes_each=each)
    traces = [_plotted_spread(pairs, place, names=names) for place in pairs.histograms]
    for row, column in panels:
        plane = np.column_stack([positions[column], positions[row]])
        for segment_id in np.unique(labels):
            own = rows[labels[rows] == segment_id]
            ids = customer_data(customer_ids, own)
            traces.append(
                {
                    "type": "scatter", "mode": "markers", **coordinates(plane[own]),
                    **({"customdata": ids} if ids else {}), **segment_entry(int(segment_id), names),
                    **_panel(row, column, size=size), "showlegend": False, "hoverinfo": "name",
                    "marker": segment_mark(int(segment_id), size=4, opacity=0.6),
                }
            )  # fmt: skip
    return drawing(
        title,
        traces,
        note=sample_note(len(rows), len(labels)),
        legend={"title": {"text": "Segment"}},
        height=PANEL_PX * size + 160,
        **_panel_axes(pairs),
    )


def _plotted_spread(pairs: _Pairs, place: tuple[int, int], *, names: Mapping[int, str]) -> Drawing:
    """The distribution of one attribute in one segment, as steps."""
    attribute, segment_id = place
    edges = np.linspace(*pairs.scales[attribute].limits, HISTOGRAM_BINS + 1)
    steps = np.column_stack([(edges[:-1] + edges[1:]) / 2, pairs.histograms[place]])
    return {
        "type": "scatter",
        "mode": "lines",
        **coordinates(steps),
        **segment_entry(segment_id, names),
        **_panel(attribute, attribute, size=len(pairs.scales)),
        "showlegend": attribute == 0,
        "hoverinfo": "name",
        "fill": "tozeroy",
        "line": {"color": segment_style(segment_id)[0], "shape": "hvh", "width": 1.5},
    }


def _panel(row: int, column: int, *, size: int) -> Drawing:
    """The axes of a panel: one across a column, one up a row, and one of its own on the diagonal."""
    up = size + row if row == column else row
    return {"xaxis": f"x{_numbered(column)}", "yaxis": f"y{_numbered(up)}"}


def _numbered(place: int) -> str:
    return "" if place == 0 else str(place + 1)


def _panel_axes(pairs: _Pairs) -> Drawing:
    size = len(pairs.scales)
    layout: Drawing = {}
    for place, scale in enumerate(pairs.scales):
        left, top = place / size, 1 - place / size
        width, height = 0.9 / size, 0.86 / size
        foot = size - 1 if place < size - 1 else 2 * size - 1  # the lowest panel of this column
        across = {"domain": [left, left + width], "anchor": f"y{_numbered(foot)}"}
        up = {"domain": [top - height, top]}
        words = "<br>".join(map(shown, scale.short_label.split("\n")))
        small = {**scale_axis(scale, TICKS), "title": {"text": words, "font": {"size": 11}}}
        layout[f"xaxis{_numbered(place)}"] = {**small, **across}
        if place:
            layout[f"yaxis{_numbered(place)}"] = {**small, **up, "anchor": "x"}
        layout[f"yaxis{_numbered(size + place)}"] = {
            **up,
            "anchor": f"x{_numbered(place)}",
            "showticklabels": False,
            "showgrid": False,
            "rangemode": "tozero",
        }
    return layout
