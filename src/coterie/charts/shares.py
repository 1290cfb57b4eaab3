"""How large each segment is and what it brings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from coterie.charts.chart import Chart
from coterie.charts.interactive import Drawing, drawing, named_axis, numbers, shown
from coterie.charts.style import (
    INK,
    LINE_HEIGHT,
    QUIET,
    new_figure,
    segment_style,
    wrapped,
)
from coterie.features import counted, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAIRED_BAR, SINGLE_BAR = 0.36, 0.6  # of the room of one segment
PAIRED_ROW_IN, SINGLE_ROW_IN = 0.72, 0.6
PALE_OPACITY = 0.45


def sizes_and_revenue(segments: pd.DataFrame) -> Chart:
    """Each segment's share of the customers above its share of the revenue.

    Parameters
    ----------
    segments : DataFrame, one row a segment
        Columns name, n_customers, share (0-1) and, if there is money, revenue_share (0-1; may be
        missing); segment_id gives the colour, else the position does.

    Returns
    -------
    Chart
        Table: segment_id, name, n_customers, share, and revenue_share if there is any.
    """
    table = _plain(segments)
    has_money = "revenue_share" in table.columns
    title = "Share of customers and share of revenue" if has_money else "How large the segments are"
    message = _message(table)
    return Chart(
        "sizes_and_revenue",
        title,
        f"{message} {_all_figures(table)}",
        table,
        partial(_draw, title, message, table=table),
        partial(_plot, title, table),
    )


def _plain(segments: pd.DataFrame) -> pd.DataFrame:
    table = segments.reset_index(drop=True)
    if "segment_id" not in table.columns:
        table.insert(0, "segment_id", np.arange(len(table)))
    columns = ["segment_id", "name", "n_customers", "share"]
    if "revenue_share" in table.columns and table["revenue_share"].notna().any():
        columns.append("revenue_share")
        table["revenue_share"] = table["revenue_share"].astype(np.float64)
    return table[columns]


def _message(table: pd.DataFrame) -> str:
    if not len(table):
        return "There are no segments."
    if "revenue_share" not in table.columns:
        top = table.iloc[int(np.argmax(table["share"]))]
        return f"The largest segment, {top['name']}, holds {percent(top['share'])} of customers."
    top = table.iloc[int(np.nanargmax(table["revenue_share"] - table["share"]))]
    people, money = percent(top["share"]), percent(top["revenue_share"])
    return f"{top['name']}: {people} of customers bring {money} of revenue."


def _all_figures(table: pd.DataFrame) -> str:
    told = []
    for row in table.to_dict("records"):
        money = row.get("revenue_share")
        revenue = "" if money is None or np.isnan(money) else f" and {percent(money)} of revenue"
        told.append(
            f"{row['name']} {counted(row['n_customers'], 'customer')} ({percent(row['share'])}){revenue}"
        )
    return f"{'; '.join(told)}." if told else ""


def _draw(title: str, message: str, *, table: pd.DataFrame) -> Figure:
    n, has_money = len(table), "revenue_share" in table.columns
    figure = new_figure(
        title, message, height_in=1.1 + (PAIRED_ROW_IN if has_money else SINGLE_ROW_IN) * max(n, 2)
    )
    axes = figure.add_subplot()
    at = np.arange(n, dtype=np.float64)
    bar = PAIRED_BAR if has_money else SINGLE_BAR
    offset = PAIRED_BAR / 2 + 0.02 if has_money else 0.0
    colours = [segment_style(int(i))[0] for i in table["segment_id"]]
    _bars(axes, at - offset, shares=table["share"].to_numpy(), bar=bar, colours=colours, pale=has_money)
    if has_money:
        _bars(
            axes, at + offset, shares=table["revenue_share"].to_numpy(), bar=bar, colours=colours, pale=False
        )
        _explain(axes)
    names = [
        f"{wrapped(name, 24)}\n{counted(n, 'customer')}"
        for name, n in zip(table["name"], table["n_customers"], strict=True)
    ]
    axes.set_yticks(at, names, color=INK, linespacing=LINE_HEIGHT)
    axes.set_ylim(n - 0.45, -0.55)
    shares = table.drop(columns=["segment_id", "name", "n_customers"]).to_numpy(dtype=np.float64)
    axes.set_xlim(
        min(float(np.nanmin(shares, initial=0.0)) * 1.15, 0.0), float(np.nanmax(shares, initial=0.1)) * 1.15
    )
    axes.xaxis.set_visible(False)
    axes.grid(False)
    axes.tick_params(axis="y", length=0)
    axes.spines["bottom"].set_visible(False)
    return figure


def _bars(
    axes: Axes, at: np.ndarray, *, shares: np.ndarray, bar: float, colours: list[str], pale: bool
) -> None:
    drawn = np.nan_to_num(shares.astype(np.float64))
    bars = axes.barh(at, drawn, height=bar, color=colours, alpha=PALE_OPACITY if pale else 1.0)
    words = ["no figure" if np.isnan(share) else percent(share) for share in shares.astype(np.float64)]
    axes.bar_label(bars, words, padding=5, color=QUIET if pale else INK, weight="normal" if pale else "bold")


def _explain(axes: Axes) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(color=QUIET, alpha=PALE_OPACITY, label="Share of customers"),
        Patch(color=QUIET, label="Share of revenue"),
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.01), ncols=2, borderaxespad=0.4)


def _plot(title: str, table: pd.DataFrame) -> Drawing:
    """Bars from above: customers pale, revenue strong, as on paper."""
    kinds = [(column, words) for column, words in _SHARES.items() if column in table.columns]
    traces = [
        _plotted_bars(table, column, words=words, pale=i < len(kinds) - 1)
        for i, (column, words) in enumerate(kinds)
    ]
    rows = named_axis(range(len(table)), list(table["name"]), autorange="reversed", showgrid=False)
    note = "pale: customers, strong: revenue" if len(kinds) > 1 else ""
    return drawing(
        title,
        traces,
        note=note,
        showlegend=False,
        barmode="group",
        yaxis=rows,
        xaxis={"tickformat": ".0%", "automargin": True},
    )


_SHARES = {"share": "customers", "revenue_share": "revenue"}


def _plotted_bars(table: pd.DataFrame, column: str, *, words: str, pale: bool) -> Drawing:
    shares = numbers(table[column])
    told = ["no figure" if share is None else percent(share) for share in shares]
    sizes = [counted(int(n), "customer") for n in table["n_customers"]]
    return {
        "type": "bar",
        "orientation": "h",
        "name": f"Share of {words}",
        "y": list(range(len(table))),
        "x": shares,
        "text": told,
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [int(i) for i in table["segment_id"]],
        "hovertext": [
            f"{shown(name)}: {share} of {words} ({size})"
            for name, share, size in zip(table["name"], told, sizes, strict=True)
        ],
        "hoverinfo": "text",
        "marker": {
            "color": [segment_style(int(i))[0] for i in table["segment_id"]],
            "opacity": PALE_OPACITY if pale else 1.0,
        },
    }
