"""What a campaign proved: both groups, each with the range its rate lies in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from coterie.charts.chart import Chart
from coterie.charts.style import INK, LINE_HEIGHT, QUIET, new_figure, segment_style
from coterie.features import counted, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE = "Who ordered: treated and held out"
MESSAGE = "The point is the share who ordered, the bar where the true share lies in 95 of 100 such trials"
ROW_IN = 0.9
BAR_PT = 9


def lift_chart(groups: pd.DataFrame) -> Chart:
    """The share of each group that converted, with its range.

    Parameters
    ----------
    groups : DataFrame, one row a group
        Columns group, n_customers, rate, low and high, the last three in shares.

    Returns
    -------
    Chart
        Table: group, n_customers, converted_share, low_share and high_share.
    """
    table = groups[["group", "n_customers", "rate", "low", "high"]].reset_index(drop=True)
    table.columns = ["group", "n_customers", "converted_share", "low_share", "high_share"]
    told = [
        f"{row['group']}: {_percent(row['converted_share'])} of {counted(row['n_customers'], 'customer')} "
        f"({_percent(row['low_share'])} to {_percent(row['high_share'])})"
        for row in table.to_dict("records")
    ]
    return Chart("lift", TITLE, f"{'; '.join(told)}.", table, partial(_draw, table))


def _percent(share: float) -> str:
    """With a decimal where whole percents would hide the difference."""
    return f"{100.0 * share:.1f}%" if 0.0 < share < 0.2 else percent(share)


def _draw(table: pd.DataFrame) -> Figure:
    n = len(table)
    figure = new_figure(TITLE, MESSAGE, height_in=1.4 + ROW_IN * max(n, 2))
    axes = figure.add_subplot()
    at = np.arange(n, dtype=np.float64)
    low, middle, high = (
        table[name].to_numpy(np.float64) for name in ("low_share", "converted_share", "high_share")
    )
    colours = [segment_style(0)[0], QUIET]
    for place, one in enumerate(at):
        colour = colours[place % 2]
        axes.hlines(one, low[place], high[place], color=colour, linewidth=BAR_PT, alpha=0.35)
        axes.plot(middle[place], one, "o", color=colour, markersize=BAR_PT + 2)
        axes.annotate(
            _percent(middle[place]), (middle[place], one), xytext=(0, 13), textcoords="offset points",
            ha="center", color=INK, weight="bold",
        )  # fmt: skip
    names = [
        f"{group}\n{counted(n, 'customer')}"
        for group, n in zip(table["group"], table["n_customers"], strict=True)
    ]
    axes.set_yticks(at, names, color=INK, linespacing=LINE_HEIGHT)
    axes.set_ylim(n - 0.4, -0.7)
    axes.set_xlim(0.0, max(float(high.max(initial=0.0)) * 1.08, 0.01))
    axes.xaxis.set_major_formatter(lambda share, _: f"{round(100.0 * share, 2):g}%")
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    return figure
