"""How well rankings find the people whom an action moves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from coterie.charts.chart import Chart
from coterie.charts.interactive import NEUTRAL, Drawing, drawing, numbers, shown
from coterie.charts.style import QUIET, SEGMENT_COLOURS, drawn, legend_beside, new_figure, wrapped
from coterie.features import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE = "Whom the action moves"
N_PLOTTED = 51
"""Points of a curve on a page: every second percent of the people."""
TREATED_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
X_TITLE, Y_TITLE = "Share of people treated, best first", "Additional conversions, of all people"
LEAST_LIFT = 1e-9
"""A whole effect nearer to zero is none to compare with."""


def qini_curves(curves: pd.DataFrame) -> Chart:
    """What each ranking gains as more people are treated, above the straight line of chance.

    Parameters
    ----------
    curves : DataFrame
        name of the ranking, share of people treated (0-1, ascending within a name), gain (additional
        conversions per person), coefficient (area above chance, the same in all rows of a name).

    Returns
    -------
    Chart
        Table: those columns. There is a straight line of chance to the end of the first ranking.
    """
    table = curves[["name", "share", "gain", "coefficient"]].reset_index(drop=True)
    message = _message(table)
    return Chart(
        "qini_curves",
        TITLE,
        f"{message} {_all_figures(table)}".strip(),
        table,
        partial(_draw, message, table),
        partial(_plot, table),
    )


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """One row a ranking, in the order given."""
    return table.groupby("name", sort=False, as_index=False).agg({"gain": "last", "coefficient": "first"})


def _message(table: pd.DataFrame) -> str:
    rankings = _ranked(table)
    if not len(rankings):
        return "There is no ranking."
    best = rankings.iloc[int(np.argmax(rankings["coefficient"]))]
    if best["coefficient"] <= 0:
        return "No ranking finds the people whom the action moves better than chance."
    own = table[table["name"] == best["name"]]
    third = float(np.interp(1.0 / 3.0, own["share"], own["gain"]))
    if best["gain"] <= LEAST_LIFT:
        return f"{drawn(best['name'])} finds them best."
    return f"{drawn(best['name'])}: a third of people bring {percent(third / best['gain'])} of the effect."


def _all_figures(table: pd.DataFrame) -> str:
    rows = _ranked(table).to_dict("records")
    told = "; ".join(f"{drawn(row['name'])} {row['coefficient']:.4f}" for row in rows)
    return f"Area above chance (Qini): {told}." if told else ""


def _draw(message: str, table: pd.DataFrame) -> Figure:
    from matplotlib.ticker import PercentFormatter

    figure = new_figure(TITLE, message)
    axes = figure.add_subplot()
    handles: list[object] = []
    for place, row in enumerate(_ranked(table).to_dict("records")):
        own = table[table["name"] == row["name"]]
        label = f"{wrapped(row['name'], 24)}\n({row['coefficient']:.4f})"
        colour = SEGMENT_COLOURS[place % len(SEGMENT_COLOURS)]
        handles += axes.plot(own["share"], own["gain"], color=colour, linewidth=2.2, label=label)
    if len(table):
        end = float(_ranked(table)["gain"].iloc[0])
        handles += axes.plot([0, 1], [0, end], color=QUIET, linewidth=1.5, linestyle="--", label="Chance")
    axes.set_xticks(TREATED_TICKS)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set(xlabel=X_TITLE, ylabel=Y_TITLE)
    legend_beside(axes, handles, title="Ranking (Qini)")
    return figure


def _plot(table: pd.DataFrame) -> Drawing:
    rankings = _ranked(table).to_dict("records")
    traces = [
        _line(
            table[table["name"] == row["name"]],
            f"{shown(row['name'], 40)} ({row['coefficient']:.4f})",
            place=i,
        )
        for i, row in enumerate(rankings)
    ]
    if rankings:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "Chance",
                "x": [0.0, 1.0],
                "y": numbers([0.0, rankings[0]["gain"]]),
                "hoverinfo": "skip",
                "line": {"color": NEUTRAL, "width": 2, "dash": "dash"},
            }
        )
    return drawing(
        TITLE,
        traces,
        xaxis={"title": {"text": X_TITLE}, "tickformat": ".0%", "automargin": True},
        yaxis={"title": {"text": Y_TITLE}, "tickformat": ".2%", "automargin": True, "zeroline": False},
        legend={"title": {"text": "Ranking (Qini)"}},
    )


def _line(own: pd.DataFrame, name: str, *, place: int) -> Drawing:
    at = np.linspace(0.0, 1.0, N_PLOTTED)
    gain = np.interp(at, own["share"], own["gain"])
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": numbers(at, 3),
        "y": numbers(gain, 4),
        "hovertext": [f"{name}: {percent(x)} treated, {y:+.2%}" for x, y in zip(at, gain, strict=True)],
        "hoverinfo": "text",
        "line": {"color": SEGMENT_COLOURS[place % len(SEGMENT_COLOURS)], "width": 2.5},
    }
