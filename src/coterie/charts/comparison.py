"""Methods against each other: one chart a score, and how far they agree."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.charts.chart import Chart
from coterie.charts.interactive import MARKS, NEUTRAL, Drawing, drawing, named_axis, numbers, shown
from coterie.charts.style import (
    INK,
    QUIET,
    SEGMENT_COLOURS,
    SEGMENT_MARKERS,
    black_or_white,
    drawn,
    legend_beside,
    new_figure,
    wrapped,
)
from coterie.features import counted
from coterie.segmentation import CLUSTERERS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METRIC_WORDS = {
    "silhouette": ("Silhouette", "how much closer customers are to their own segment than to the next"),
    "davies_bouldin": ("Davies-Bouldin", "how wide segments are for the distance between them"),
    "dunn": ("Dunn", "the narrowest gap between segments over the widest segment"),
    "calinski_harabasz": ("Calinski-Harabasz", "variation between segments over variation within"),
    "ari": ("Adjusted Rand index", "agreement with the known groups"),
    "nmi": ("Normalised mutual information", "what segments tell of the known groups"),
}
LOWER_IS_BETTER = frozenset({"davies_bouldin", "noise_share", "largest_share"})

ZERO_AGREEMENT = {
    "ari": "; 0 = no more alike than by chance",
    "nmi": "; 0 = one says nothing about the other",
}


def metric_comparison(
    rows: pd.DataFrame,
    metric: str,
    *,
    higher_is_better: bool | None = None,
    chosen: tuple[str, int] | None = None,
    why_undefined: str = "",
) -> Chart:
    """One score of every method at every number of segments.

    Parameters
    ----------
    rows : DataFrame
        Columns method, n_clusters and `metric`; undefined scores are missing.
    metric : str
        Name of the column.
    higher_is_better : bool, optional
        Default: what is known of the metric.
    chosen : (method, number of segments), optional
        The point to ring.
    why_undefined : str, optional
        Said in the chart if no row has a value.

    Returns
    -------
    Chart
        Table: method, n_clusters and the metric, undefined rows included. If no row has a value the
        chart says so and why.
    """
    better = metric not in LOWER_IS_BETTER if higher_is_better is None else higher_is_better
    name, meaning = METRIC_WORDS.get(metric, (metric.replace("_", " ").capitalize(), ""))
    table = _plain(rows, metric)
    title = f"{name} by method and number of segments"
    if not table[metric].notna().any():
        reason = why_undefined or _default_reason(metric)
        return Chart(
            f"comparison_{metric}",
            title,
            f"{name} has no value here: {reason}",
            table,
            partial(_draw_nothing, title, reason),
        )
    sense = f"{'Higher' if better else 'Lower'} is better{': ' + meaning if meaning else ''}"
    alt = _alt(table, metric, name=name, better=better, chosen=chosen)
    draw = partial(_draw, title, sense, table=table, axis=name, chosen=chosen)
    plot = partial(_plot, title, table, axis=name, chosen=chosen)
    return Chart(f"comparison_{metric}", title, alt, table, draw, plot)


def agreement_map(matrix: pd.DataFrame, metric: str) -> Chart:
    """How far the methods agree on who belongs together.

    Parameters
    ----------
    matrix : DataFrame of shape (n_methods, n_methods)
        1 = the same groups, 0 = no more alike than chance would have them; symmetric.
    metric : str
        "ari" or "nmi".

    Returns
    -------
    Chart
        Table: the matrix, with the methods' names in the first column.
    """
    name = METRIC_WORDS.get(metric, (metric, ""))[0]
    values = matrix.to_numpy(dtype=np.float64)
    table = matrix.rename_axis("method").reset_index()
    title = f"How far the methods agree: {name[:1].lower() + name[1:]}"
    labels = [_title(m) for m in matrix.index]
    draw = partial(_draw_agreement, title, ZERO_AGREEMENT.get(metric, ""), values=values, labels=labels)
    plot = partial(_plot_agreement, title, values=values, labels=labels)
    return Chart(f"agreement_{metric}", title, _agreement_alt(values, labels, name=name), table, draw, plot)


def _plain(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    import pandas as pd

    table = rows.reindex(columns=["method", "n_clusters", metric]).reset_index(drop=True)
    return table.assign(**{metric: pd.to_numeric(table[metric], errors="coerce").astype(np.float64)})


def _default_reason(metric: str) -> str:
    if metric in {"ari", "nmi"}:
        return "no column with known groups was given to compare with."
    return "no method found two or more segments to measure."


def _alt(table: pd.DataFrame, metric: str, *, name: str, better: bool, chosen: tuple[str, int] | None) -> str:
    ranked = table.dropna().sort_values(metric, ascending=not better, kind="stable")
    top = ranked.iloc[0]
    text = (
        f"{name}: best {top[metric]:.3f} by {_told(top)} segments, "
        f"among {counted(len(ranked), 'result')} of {counted(ranked['method'].nunique(), 'method')}."
    )
    own = _row_of(table, chosen)
    if own is not None and np.isfinite(own[metric]):
        text += f" Chosen: {_told(own)}, {own[metric]:.3f}."
    return text


def _title(method: object) -> str:
    """What a method is called in prose; one that is not installed is called by its key."""
    return CLUSTERERS[str(method)].title if method in CLUSTERERS else str(method)


def _told(row: pd.Series) -> str:
    return f"{_title(row['method'])} with {int(row['n_clusters'])}"


def _row_of(table: pd.DataFrame, chosen: tuple[str, int] | None) -> pd.Series | None:
    if chosen is None:
        return None
    same = table[(table["method"] == chosen[0]) & (table["n_clusters"] == chosen[1])]
    return same.iloc[0] if len(same) else None


def _draw(
    title: str, sense: str, *, table: pd.DataFrame, axis: str, chosen: tuple[str, int] | None
) -> Figure:
    import seaborn as sns
    from matplotlib.lines import Line2D

    metric = str(table.columns[2])
    figure = new_figure(title, sense)
    axes = figure.add_subplot()
    handles: list[object] = []
    for place, method in enumerate(table["method"].unique()):
        own = table[table["method"] == method].dropna().sort_values("n_clusters", kind="stable")
        look: dict[str, Any] = {
            "color": SEGMENT_COLOURS[place % len(SEGMENT_COLOURS)],
            "marker": SEGMENT_MARKERS[place % len(SEGMENT_MARKERS)],
            "markersize": 9,
            "linewidth": 2.2,
            "markeredgecolor": "white",
        }
        label = drawn(_title(method))
        if len(own):
            sns.lineplot(x=own["n_clusters"], y=own[metric], ax=axes, legend=False, errorbar=None, **look)
        handles.append(
            Line2D([], [], label=wrapped(label if len(own) else f"{label} (no value)", 24), **look)
        )
    handles += _ring(axes, _row_of(table, chosen), metric=metric)
    _number_axis(axes, table.dropna()["n_clusters"].to_numpy(dtype=np.float64))
    axes.set(xlabel="Number of segments", ylabel=axis)
    legend_beside(axes, handles, title="Method")
    return figure


def _ring(axes: Axes, own: pd.Series | None, *, metric: str) -> list[object]:
    if own is None or not np.isfinite(own[metric]):
        return []
    ring = axes.plot(
        own["n_clusters"], own[metric], marker="o", markersize=19, markerfacecolor="none",
        markeredgecolor=INK, markeredgewidth=1.8, linestyle="", label="chosen", zorder=5,
    )  # fmt: skip
    return [*ring]


def _number_axis(axes: Axes, counts: np.ndarray) -> None:
    """Whole numbers of segments only."""
    low, high = int(counts.min()), int(counts.max())
    step = max(1, -(-(high - low) // 12))
    axes.set_xticks(list(range(low, high + 1, step)))
    axes.set_xlim(low - 0.5, high + 0.5)
    axes.margins(y=0.12)


def _draw_nothing(title: str, reason: str) -> Figure:
    return new_figure(title, f"No value: {reason}", height_in=1.2)


def _agreement_alt(values: np.ndarray, labels: list[str], *, name: str) -> str:
    rows, columns = np.tril_indices(len(values), k=-1)
    pairs = [
        (values[r, c], labels[r], labels[c])
        for r, c in zip(rows, columns, strict=True)
        if np.isfinite(values[r, c])
    ]
    if not pairs:
        return f"{name}: no two methods to compare."
    most, least = max(pairs, key=lambda p: p[0]), min(pairs, key=lambda p: p[0])
    return (
        f"{name} between {len(labels)} methods. Most alike: {most[1]} and {most[2]} ({most[0]:.2f}); "
        f"least: {least[1]} and {least[2]} ({least[0]:.2f})."
    )


def _draw_agreement(title: str, zero: str, *, values: np.ndarray, labels: list[str]) -> Figure:
    import seaborn as sns
    from matplotlib.colors import to_hex

    n = len(labels)
    figure = new_figure(title, f"1 = the same groups{zero}", height_in=1.7 + 0.62 * max(n, 3))
    axes = figure.add_subplot()
    tint = sns.light_palette(SEGMENT_COLOURS[0], as_cmap=True)
    hidden = np.triu(np.ones_like(values, dtype=bool), k=1)
    sns.heatmap(
        values, ax=axes, mask=hidden, cmap=tint, vmin=0, vmax=1, linewidths=2.5, linecolor="white",
        cbar_kws={"aspect": 14, "pad": 0.02, "shrink": 0.9},
    )  # fmt: skip
    for row in range(n):
        for column in range(row + 1):
            value = values[row, column]
            ink = black_or_white(to_hex(tint(float(np.clip(value, 0, 1))))) if np.isfinite(value) else QUIET
            axes.text(column + 0.5, row + 0.5, _alike(value), ha="center", va="center", color=ink)
    words = [wrapped(label, 12) for label in labels]
    axes.set_xticks(np.arange(n) + 0.5, words, rotation=0)
    axes.set_yticks(np.arange(n) + 0.5, words, rotation=0)
    axes.tick_params(length=0)
    axes.grid(False)
    bar = axes.collections[0].colorbar
    assert bar is not None
    bar.ax.tick_params(length=0)
    bar.outline.set_visible(False)
    return figure


def _alike(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "no value"


def _plot(title: str, table: pd.DataFrame, *, axis: str, chosen: tuple[str, int] | None) -> Drawing:
    metric = str(table.columns[2])
    traces = [
        _method_line(table[table["method"] == method], place=place)
        for place, method in enumerate(table["method"].unique())
    ]
    own = _row_of(table, chosen)
    if own is not None and np.isfinite(own[metric]):
        traces.append(_plotted_ring(own, metric=metric))
    return drawing(
        title,
        [trace for trace in traces if trace["x"]],
        xaxis={"title": {"text": "Number of segments"}, "dtick": 1, "automargin": True},
        yaxis={"title": {"text": shown(axis)}, "zeroline": False, "automargin": True},
        legend={"title": {"text": "Method"}},
    )


def _method_line(rows: pd.DataFrame, *, place: int) -> Drawing:
    metric = str(rows.columns[2])
    own = rows.dropna().sort_values("n_clusters", kind="stable")
    colour = SEGMENT_COLOURS[place % len(SEGMENT_COLOURS)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": shown(_title(rows["method"].iloc[0])),
        "x": [int(k) for k in own["n_clusters"]],
        "y": numbers(own[metric]),
        "hovertext": [f"{shown(_told(row))}: {row[metric]:.3f}" for _, row in own.iterrows()],
        "hoverinfo": "text",
        "line": {"color": colour, "width": 2.5},
        "marker": {
            "color": colour, "size": 9, "symbol": MARKS[SEGMENT_MARKERS[place % len(SEGMENT_MARKERS)]],
        },
    }  # fmt: skip


def _plotted_ring(own: pd.Series, *, metric: str) -> Drawing:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "chosen",
        "x": [int(own["n_clusters"])],
        "y": numbers([own[metric]]),
        "hovertext": [f"Chosen: {shown(_told(own))}, {own[metric]:.3f}"],
        "hoverinfo": "text",
        "marker": {"symbol": "circle-open", "size": 20, "color": NEUTRAL, "line": {"width": 2.5}},
    }


def _plot_agreement(title: str, *, values: np.ndarray, labels: list[str]) -> Drawing:
    import seaborn as sns
    from matplotlib.colors import to_hex

    tint, n = sns.light_palette(SEGMENT_COLOURS[0], as_cmap=True), len(labels)
    lower = np.where(np.triu(np.ones_like(values, dtype=bool), k=1), np.nan, values)
    hover = [
        [
            f"{shown(one)} and {shown(other)}: {_alike(value)}"
            for other, value in zip(labels, row, strict=True)
        ]
        for one, row in zip(labels, values, strict=True)
    ]
    trace = {
        "type": "heatmap",
        "x": list(range(n)),
        "y": list(range(n)),
        "z": [numbers(row) for row in lower],
        "text": [
            [_alike(value) if place <= row else "" for place, value in enumerate(values[row])]
            for row in range(n)
        ],
        "texttemplate": "%{text}",
        "hovertext": hover,
        "hoverinfo": "text",
        "hoverongaps": False,
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[step / 4, to_hex(tint(step / 4))] for step in range(5)],
        "xgap": 2,
        "ygap": 2,
    }
    sides = named_axis(range(n), labels, showgrid=False)
    return drawing(title, [trace], xaxis=sides, yaxis={**sides, "autorange": "reversed"})
