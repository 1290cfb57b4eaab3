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
from coterie.charts.scale import Floats, Labels, Scale, scale_for
from coterie.charts.scatter import as_labels, number_columns, separation
from coterie.charts.style import (
    PALE,
    QUIET,
    SMALL_PT,
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
MAX_LARGE_ENTRIES = 8
HISTOGRAM_BINS = 28
TICKS = 4


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
    drawn = _reduced(raw, found, scales=scales)
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
    )


def _reduced(raw: list[Floats], labels: Labels, *, scales: list[Scale]) -> _Pairs:
    positions = [scale.position(v) for scale, v in zip(scales, raw, strict=True)]
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
    handles = legend_handles(pairs.shown, names)
    corner = grid[0, -1].legend(
        handles=handles, loc="upper right", title="Segment (customers)", alignment="left",
        fontsize=SMALL_PT if len(handles) > MAX_LARGE_ENTRIES else None,
    )  # fmt: skip
    corner.set_in_layout(False)
    return figure


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
