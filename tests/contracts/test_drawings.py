"""What every interactive drawing promises, whoever adds one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from coterie.charts import segment_style
from coterie.charts.interactive import MAX_BYTES
from tests.charts.examples import HOSTILE, MAKERS, NAMES, customers

BUNDLED = {"scatter", "bar", "heatmap", "scatter3d"}
"""Kinds of traces that the cartesian and the gl3d bundle of Plotly draw."""


@pytest.fixture(params=sorted(set(MAKERS) - {"lift_chart"}))
def maker(request: pytest.FixtureRequest) -> str:
    """All but the picture of a lift, which has two bars and nothing to look into."""
    return str(request.param)


@cache
def plotted(maker: str, n: int = 300) -> dict[str, Any]:
    drawing = MAKERS[maker](*customers(n), NAMES).interactive()
    assert drawing is not None
    return drawing


def texts(value: object) -> Iterator[str]:
    """Every text of a drawing but customer ids, which are no words."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "customdata":
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_a_drawing_is_plain_json_of_traces_the_bundles_can_draw(maker: str) -> None:
    drawing = plotted(maker)
    assert json.loads(json.dumps(drawing, allow_nan=False)) == drawing
    assert {trace["type"] for trace in drawing["data"]} <= BUNDLED
    assert drawing["layout"]["title"]["text"]


def test_lists_of_a_trace_are_equally_long(maker: str) -> None:
    for trace in plotted(maker)["data"]:
        along, up = len(trace["x"]), len(trace["y"])
        if trace["type"] == "heatmap":
            for name in {"z", "text", "hovertext"} & set(trace):
                assert [len(row) for row in trace[name]] == [along] * up
        else:
            lists = [trace[name] for name in ("y", "z", "text", "hovertext", "customdata") if name in trace]
            lists += [v for v in trace.get("marker", {}).values() if isinstance(v, list)]
            assert {len(found) for found in lists} == {along}


def test_a_drawing_stays_small_however_many_customers_there_are(maker: str) -> None:
    for n in (5_000, 60_000):
        text = json.dumps(plotted(maker, n), ensure_ascii=False, separators=(",", ":"))
        assert len(text.encode()) <= MAX_BYTES


def test_a_drawing_leaves_letters_and_ground_to_the_page(maker: str) -> None:
    layout = plotted(maker)["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert not {"font", "template"} & set(layout)
    assert not any("gridcolor" in axis for axis in layout.values() if isinstance(axis, dict))


def test_names_can_be_no_markup(maker: str) -> None:
    X, labels = customers(300)
    labels[::7] = -1
    drawing = MAKERS[maker](X, labels, HOSTILE).interactive()
    json.dumps(drawing, allow_nan=False, ensure_ascii=False).encode()
    for text in texts(drawing):
        assert re.findall(r"<[^>]*>?", text.replace("<br>", "")) == []
        assert "\x00" not in text


def test_one_segment_can_be_plotted(maker: str) -> None:
    drawing = MAKERS[maker](*customers(60, n_segments=1), NAMES).interactive()
    json.dumps(drawing, allow_nan=False)


def test_a_segment_has_its_colour_in_every_drawing(maker: str) -> None:
    for trace in plotted(maker)["data"]:
        segment_id = trace.get("meta", {}).get("segment_id")
        if segment_id is not None:
            look = trace.get("marker") or trace["line"]
            assert look["color"] == segment_style(segment_id)[0]


@pytest.mark.parametrize("name", ["cluster_scatter", "pca_map", "cluster_map_3d"])
def test_centres_lie_where_the_table_says(name: str) -> None:
    chart = MAKERS[name](*customers(300), NAMES)
    centres = [trace for trace in plotted(name)["data"] if trace.get("meta", {}).get("centre")]
    assert [trace["text"][0] for trace in centres] == chart.table["segment"].tolist()
    columns = [column for column in chart.table.columns[3:] if not column.endswith("_explained_share")]
    drawn = np.array([[trace[axis][0] for axis in "xyz"[: len(columns)]] for trace in centres])
    if name == "cluster_scatter":
        drawn = np.expm1(drawn)
    np.testing.assert_allclose(drawn, chart.table[columns].to_numpy(), rtol=1e-9)


@pytest.mark.parametrize("name", ["cluster_scatter", "pca_map", "cluster_map_3d"])
def test_every_point_carries_its_customer(name: str) -> None:
    points = [trace for trace in plotted(name)["data"] if "customdata" in trace]
    assert sorted(i for trace in points for i in trace["customdata"]) == sorted(
        f"customer {i}" for i in range(300)
    )


@pytest.mark.parametrize("name", ["cluster_scatter", "pca_map", "cluster_map_3d", "pair_plot"])
def test_the_title_says_so_if_only_a_sample_is_drawn(name: str) -> None:
    assert "sample" not in plotted(name)["layout"]["title"]["text"]
    assert "of 60,000 customers" in plotted(name, 60_000)["layout"]["title"]["text"]


def test_of_very_many_customers_a_density_lies_below_the_points() -> None:
    density = plotted("pca_map", 60_000)["data"][0]
    assert density["type"] == "heatmap"
    counts = [int(text.split()[0].replace(",", "")) for row in density["hovertext"] for text in row if text]
    assert sum(counts) == 60_000


def test_bars_cells_leaves_and_lines_are_the_figures_of_the_table() -> None:
    X, labels = customers(300)

    def both(name: str) -> tuple[Any, list[dict[str, Any]]]:
        return MAKERS[name](X, labels, NAMES).table, plotted(name)["data"]

    table, (people, money) = both("sizes_and_revenue")
    assert people["x"] == table["share"].tolist()
    assert money["x"] == table["revenue_share"].tolist()
    table, (grid,) = both("rfm_grid")
    assert grid["customdata"] == table[["recency_score", "frequency_score"]].to_numpy().tolist()
    assert all(f"{n:,}" in text for n, text in zip(table["n_customers"], grid["hovertext"], strict=True))
    table, traces = both("dendrogram")
    leaves = next(trace for trace in traces if trace.get("name") == "Branches")
    assert leaves["customdata"] == table["n_customers"].tolist()
    assert leaves["y"] == table["merge_height"].tolist()
    table, traces = both("snake_plot")
    assert [trace["y"] for trace in traces] == table.drop(columns="feature").to_numpy().T.tolist()
    table, (heat,) = both("profile_heatmap")
    assert [row[0] for row in heat["z"]] == [0.0] * len(table)
    assert heat["hovertext"][2][1].endswith(table["Champions: compared"][2])
    table, traces = both("metric_comparison")
    assert traces[0]["y"] == table["silhouette"].tolist()[:2]
    assert traces[-1]["name"] == "chosen"
    table, (alike,) = both("agreement_map")
    assert alike["z"][1][0] == table.iloc[1, 1]
    assert alike["text"][2][1] == "no value"
    table, traces = both("pair_plot")
    assert len({trace["name"] for trace in traces}) == len(table)


def test_a_metric_without_a_value_has_nothing_to_touch() -> None:
    from coterie.charts import metric_comparison
    from tests.charts.examples import comparison

    assert metric_comparison(comparison(), "ari").interactive() is None
