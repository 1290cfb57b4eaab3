"""What is typical of each segment: a table of medians in colour, and lines beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from coterie.charts.chart import Chart
from coterie.charts.interactive import Drawing, drawing, named_axis, numbers, segment_mark, shown
from coterie.charts.style import (
    QUIET,
    RULE,
    SMALL_PT,
    axis_words,
    black_or_white,
    compared,
    drawn,
    feature_words,
    legend_beside,
    new_figure,
    segment_style,
    short_number,
    spec_of,
    wrapped,
)
from coterie.features import FeatureSpec, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_HEAT_ROWS = 16
MAX_SNAKE_FEATURES = 8
EVERYONE = "Everyone"
MAX_LEVEL_NAMES = 8
"""Column names of more segments are written at a slant."""
FAR = 2.0
"""Standard deviations at which a colour is full."""

MARK_ABOVE_IN = 0.13
_LEVELS = (-2.0, -1.0, 0.0, 1.0, 2.0)
_LEVEL_WORDS = ("far below\naverage", "below", "average", "above", "far above\naverage")


def profile_heatmap(
    profile: pd.DataFrame, z: pd.DataFrame, *, specs: Mapping[str, FeatureSpec] | None = None
) -> Chart:
    """Medians of each segment beside everybody's, coloured by how unusual they are.

    Parameters
    ----------
    profile : DataFrame of shape (n_features, n_segments) or (n_features, 1 + n_segments)
        Medians in raw units; columns are segment names in the order of their ids, an optional first
        column "Everyone". Rows that `z` does not have are left out.
    z : DataFrame of shape (n_features, n_segments)
        Difference of the segment from everybody in standard deviations. Of more than 16 features the
        16 that differ most are drawn.
    specs : mapping of str to FeatureSpec, optional
        What a feature is called and its unit, by its name; the unit of money is the currency.

    Returns
    -------
    Chart
        Table: feature, unit, one column of medians per column of `profile`, and one column of words
        ("far above average") per segment.
    """
    kept = most_different(z, MAX_HEAT_ROWS)
    medians, differences = profile.loc[kept], z.loc[kept]
    told = [spec_of(name, specs) for name in kept]
    title = "What is typical of each segment"
    return Chart(
        "profile_heatmap",
        title,
        _heat_alt(medians, differences, specs=told),
        _heat_table(medians, differences, specs=told),
        partial(_draw_heat, title, medians, differences=differences, specs=told),
        partial(_plot_heat, title, medians, differences=differences, specs=told),
    )


def snake_plot(z: pd.DataFrame, *, specs: Mapping[str, FeatureSpec] | None = None) -> Chart:
    """One line a segment over the features, above and below the average customer.

    Parameters
    ----------
    z : DataFrame of shape (n_features, n_segments)
        Difference from everybody in standard deviations; columns are segment names in the order of
        their ids. Of more than 8 features the 8 that differ most are drawn.
    specs : mapping of str to FeatureSpec, optional
        What a feature is called, by its name.

    Returns
    -------
    Chart
        Table: feature, and the difference of each segment.
    """
    differences = z.loc[most_different(z, MAX_SNAKE_FEATURES)]
    told = [spec_of(str(name), specs) for name in differences.index]
    title = "Where segments rise above the average and where they fall below"
    return Chart(
        "snake_plot",
        title,
        _heat_alt(None, differences, specs=told),
        differences.rename_axis("feature").reset_index(),
        partial(_draw_snake, title, differences, specs=told),
        partial(_plot_snake, title, differences, specs=told),
    )


def most_different(z: pd.DataFrame, most: int) -> list[str]:
    """The features on which segments differ most, in their own order."""
    spread = np.nan_to_num((z.max(axis=1) - z.min(axis=1)).to_numpy(dtype=np.float64))
    chosen = np.sort(np.argsort(-spread, kind="stable")[:most])
    return [str(z.index[i]) for i in chosen]


def _heat_alt(profile: pd.DataFrame | None, z: pd.DataFrame, *, specs: list[FeatureSpec]) -> str:
    """Each segment by what is most unusual of it."""
    told = []
    for place in range(z.shape[1]):
        column = z.iloc[:, place].to_numpy(dtype=np.float64)
        at = int(np.nan_to_num(np.abs(column)).argmax())
        words = f"{z.columns[place]}: {drawn(specs[at].words)} {compared(float(column[at]))}"
        if profile is not None:
            value = float(profile.iloc[:, place + profile.shape[1] - z.shape[1]].iloc[at])
            words += f" (median {_cell(value, '')})"
        told.append(words)
    return f"What stands out in each segment. {'; '.join(told)}."


def _heat_table(profile: pd.DataFrame, z: pd.DataFrame, *, specs: list[FeatureSpec]) -> pd.DataFrame:
    import pandas as pd

    told = z.map(lambda value: compared(float(value)))
    told.columns = pd.Index([f"{name}: compared" for name in z.columns])
    table = pd.concat([profile.astype(np.float64), told], axis=1)
    table.insert(0, "unit", [spec.unit for spec in specs])
    return table.rename_axis("feature").reset_index()


def _cell(value: float, unit: str) -> str:
    if value != value:
        return "-"
    return percent(float(value)) if unit == "share" else short_number(float(value))


def _draw_heat(
    title: str, profile: pd.DataFrame, *, differences: pd.DataFrame, specs: list[FeatureSpec]
) -> Figure:
    import seaborn as sns

    n_rows = len(profile)
    figure = new_figure(
        title,
        "Medians; colour shows how far a segment lies from all customers",
        height_in=2.3 + 0.46 * n_rows,
    )
    axes = figure.add_subplot()
    has_everyone = profile.shape[1] > differences.shape[1]
    colours = differences.to_numpy(dtype=np.float64)
    if has_everyone:
        colours = np.column_stack([np.full(n_rows, np.nan), colours])
    medians = profile.to_numpy(dtype=np.float64)
    cells = [[_cell(value, spec.unit) for value in row] for row, spec in zip(medians, specs, strict=True)]
    sns.heatmap(
        colours, ax=axes, cmap="vlag", vmin=-FAR, vmax=FAR, annot=False, linewidths=2.5,
        linecolor="white", cbar_kws={"shrink": min(1.0, 2.4 / (0.46 * n_rows)), "aspect": 14, "pad": 0.02},
    )  # fmt: skip
    _print_cells(axes, cells, colours=colours)
    _name_sides(axes, profile, specs=specs, first=1 if has_everyone else 0)
    bar = axes.collections[0].colorbar
    assert bar is not None
    bar.set_ticks(list(_LEVELS), labels=list(_LEVEL_WORDS))
    bar.ax.tick_params(length=0, labelsize=SMALL_PT)
    bar.outline.set_visible(False)
    return figure


def _print_cells(axes: Axes, cells: list[list[str]], *, colours: np.ndarray) -> None:
    from matplotlib import colormaps
    from matplotlib.colors import Normalize, to_hex

    tint, scaled = colormaps["vlag"], Normalize(-FAR, FAR, clip=True)
    size = SMALL_PT + 1 if len(cells[0]) <= 8 else SMALL_PT - 1
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            at = colours[row, column]
            ink = QUIET if np.isnan(at) else black_or_white(to_hex(tint(scaled(at))))
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=ink, size=size)


def _name_sides(axes: Axes, profile: pd.DataFrame, *, specs: list[FeatureSpec], first: int) -> None:
    """Features at the left, segments above with a mark in their colour."""
    from matplotlib.transforms import ScaledTranslation

    n_columns = profile.shape[1]
    crowded = n_columns > MAX_LEVEL_NAMES
    names = [
        wrapped(name, 22, n_lines=1) if crowded else wrapped(name, 80 // n_columns, n_lines=3)
        for name in profile
    ]
    features = [wrapped(axis_words(spec), 26) for spec in specs]
    axes.set_yticks(np.arange(len(features)) + 0.5, features, rotation=0)
    axes.xaxis.tick_top()
    axes.set_xticks(
        np.arange(n_columns) + 0.5, names, size=SMALL_PT, linespacing=1.05,
        rotation=38 if crowded else 0, ha="left" if crowded else "center", rotation_mode="anchor",
    )  # fmt: skip
    axes.tick_params(length=0, pad=17, axis="x")
    axes.tick_params(length=0, axis="y")
    for place in range(first, n_columns):
        colour, marker = segment_style(place - first)
        above = axes.get_xaxis_transform() + ScaledTranslation(0, MARK_ABOVE_IN, axes.figure.dpi_scale_trans)
        axes.plot(place + 0.5, 1, marker=marker, color=colour, markersize=8, clip_on=False, transform=above)
    axes.grid(False)
    axes.set(xlabel="", ylabel="")


def _draw_snake(title: str, z: pd.DataFrame, *, specs: list[FeatureSpec]) -> Figure:
    import seaborn as sns
    from matplotlib.lines import Line2D

    figure = new_figure(title, "Each line is a segment; the middle line is the average customer")
    axes = figure.add_subplot()
    at = np.arange(len(z))
    handles: list[object] = []
    for place, name in enumerate(z.columns):
        colour, marker = segment_style(place)
        sns.lineplot(
            x=at, y=z.iloc[:, place].to_numpy(dtype=np.float64), ax=axes, color=colour, marker=marker,
            markersize=9, linewidth=2.4, markeredgecolor="white", legend=False,
        )  # fmt: skip
        handles.append(
            Line2D(
                [],
                [],
                color=colour,
                marker=marker,
                lw=2.4,
                markeredgecolor="white",
                markersize=9,
                label=wrapped(name, 22),
            )
        )
    axes.axhline(0, color=RULE, lw=2, zorder=1)
    reach = _reach(z)
    axes.set(ylim=(-reach, reach), xlim=(-0.3, max(len(z) - 0.7, 0.3)), xlabel="", ylabel="")
    axes.set_xticks(at, [wrapped(feature_words(spec), max(9, 60 // len(z)), n_lines=4) for spec in specs])
    axes.set_yticks(list(_LEVELS), list(_LEVEL_WORDS))
    axes.grid(False, axis="x")
    legend_beside(axes, handles, title="Segment")
    return figure


def _reach(z: pd.DataFrame) -> float:
    """How far up and down the lines may go, standard deviations."""
    return max(FAR, float(np.nan_to_num(np.abs(z.to_numpy(dtype=np.float64))).max(initial=0.0))) + 0.25


def _plot_heat(
    title: str, medians: pd.DataFrame, *, differences: pd.DataFrame, specs: list[FeatureSpec]
) -> Drawing:
    n_everyone = medians.shape[1] - differences.shape[1]
    far = differences.to_numpy(dtype=np.float64)
    far = np.column_stack([np.zeros((len(medians), n_everyone)), far])  # everyone is the average
    printed_cells = [
        [_cell(value, spec.unit) for value in row]
        for row, spec in zip(medians.to_numpy(dtype=np.float64), specs, strict=True)
    ]
    hover = [
        [
            f"{shown(name)}: {shown(axis_words(spec))} {cell}"
            + (f", {compared(float(z))}" if place >= n_everyone else "")
            for place, (name, cell, z) in enumerate(zip(medians.columns, cells, row, strict=True))
        ]
        for spec, cells, row in zip(specs, printed_cells, far, strict=True)
    ]
    levels = {"tickvals": list(_LEVELS), "ticktext": [words.replace("\n", " ") for words in _LEVEL_WORDS]}
    trace = {
        "type": "heatmap",
        "x": list(range(medians.shape[1])),
        "y": list(range(len(medians))),
        "z": [numbers(row) for row in far],
        "text": printed_cells,
        "texttemplate": "%{text}",
        "hovertext": hover,
        "hoverinfo": "text",
        "zmin": -FAR,
        "zmax": FAR,
        "colorscale": _diverging(),
        "colorbar": levels,
        "xgap": 2,
        "ygap": 2,
    }
    return drawing(
        title,
        [trace],
        xaxis=named_axis(range(medians.shape[1]), list(medians), side="top", showgrid=False),
        yaxis=named_axis(
            range(len(medians)), [axis_words(s) for s in specs], autorange="reversed", showgrid=False
        ),
    )


def _diverging() -> list[list[object]]:
    """The colours of the heat map on paper, at nine steps."""
    import seaborn  # noqa: F401  (registers the colours)
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [[step / 8, to_hex(colormaps["vlag"](step / 8))] for step in range(9)]


def _plot_snake(title: str, z: pd.DataFrame, *, specs: list[FeatureSpec]) -> Drawing:
    words = [shown(feature_words(spec)) for spec in specs]
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": shown(name),
            "meta": {"segment_id": place},
            "x": list(range(len(z))),
            "y": numbers(z.iloc[:, place]),
            "hovertext": [
                f"{shown(name)}: {word}, {compared(float(value))}"
                for word, value in zip(words, z.iloc[:, place], strict=True)
            ],
            "hoverinfo": "text",
            "line": {"color": segment_style(place)[0], "width": 2.5},
            "marker": segment_mark(place, size=9),
        }
        for place, name in enumerate(z.columns)
    ]
    levels = [text.replace("\n", " ") for text in _LEVEL_WORDS]
    reach = _reach(z)
    return drawing(
        title,
        traces,
        xaxis=named_axis(range(len(z)), [feature_words(spec) for spec in specs], showgrid=False),
        yaxis={**named_axis(_LEVELS, levels, range=[-reach, reach]), "zeroline": True},
        legend={"title": {"text": "Segment"}},
    )
