"""What every chart promises, whoever adds one."""

from __future__ import annotations

import re
import struct
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest

from coterie import charts
from coterie.charts import Chart
from tests.charts.examples import HOSTILE, MAKERS, NAMES, customers

MAX_SVG_BYTES = 300_000
NO_CHARTS = {"Chart", "N_MAPPED", "map_coordinates", "segment_style"}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=sorted(MAKERS))
def maker(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def drawn(maker: str, n: int = 300) -> Chart:
    return MAKERS[maker](*customers(n), NAMES)


@cache
def picture(maker: str) -> tuple[Chart, str, bytes]:
    chart = drawn(maker)
    return chart, chart.svg_text(), chart.png_bytes()


def test_every_chart_function_stands_in_this_contract() -> None:
    functions = {name for name in charts.__all__ if name not in NO_CHARTS}
    assert functions == set(MAKERS)


def test_a_chart_has_a_title_a_sentence_with_numbers_and_a_table(maker: str) -> None:
    chart = picture(maker)[0]
    assert re.fullmatch(r"\w+", chart.name)
    assert chart.title
    assert re.search(r"\d", chart.alt) or maker == "snake_plot"
    assert len(chart.table) > 0


def test_a_chart_is_the_same_bytes_each_time(maker: str) -> None:
    _, svg, png = picture(maker)
    again = drawn(maker)
    assert again.svg_text() == svg
    assert again.png_bytes() == png


def test_a_png_is_wide_enough_for_a_sharp_screen(maker: str) -> None:
    width, _ = struct.unpack(">II", picture(maker)[2][16:24])
    assert width == 1440


def test_an_svg_stays_small_however_many_customers_there_are(maker: str) -> None:
    assert len(drawn(maker, 100_000).svg_text()) < MAX_SVG_BYTES


def test_an_svg_names_itself_and_needs_nothing_from_outside(maker: str) -> None:
    chart, svg, _ = picture(maker)
    root = ElementTree.fromstring(svg)
    assert root.findtext(f"{SVG}title") == chart.title
    assert root.findtext(f"{SVG}desc") == chart.alt
    links = [value for node in root.iter() for key, value in node.attrib.items() if key.endswith("href")]
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert "font-family" not in svg


def test_ids_of_two_charts_in_one_page_never_meet() -> None:
    pages = [picture(name)[1] for name in sorted(MAKERS)]
    ids = [name for page in pages for name in re.findall(r'\bid="([^"]+)"', page)]
    assert len(ids) == len(set(ids))


def test_every_reference_inside_an_svg_leads_somewhere(maker: str) -> None:
    svg = picture(maker)[1]
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    assert set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)\)", svg)) <= ids


@pytest.mark.filterwarnings("error")
def test_hostile_names_and_customers_in_no_segment_are_drawn_as_plain_shapes(maker: str) -> None:
    X, labels = customers(300)
    labels[::7] = -1
    svg = MAKERS[maker](X, labels, HOSTILE).svg_text()
    ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert "<!--" not in svg


@pytest.mark.filterwarnings("error")
def test_one_segment_can_be_drawn(maker: str) -> None:
    X, labels = customers(60, n_segments=1)
    assert MAKERS[maker](X, labels, NAMES).svg_text()


def test_drawing_leaves_the_settings_of_the_process_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    drawn("sizes_and_revenue").figure()
    assert dict(matplotlib.rcParams) == before


def test_the_same_chart_comes_out_whatever_the_process_has_set() -> None:
    import matplotlib

    plain = picture("snake_plot")[1]
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "none"}):
        assert drawn("snake_plot").svg_text() == plain


@pytest.mark.filterwarnings("error")
def test_a_constant_attribute_can_be_drawn() -> None:
    X, labels = customers(100)
    X = X.assign(n_orders=1.0)
    for maker in ("cluster_scatter", "pca_map", "cluster_map_3d", "pair_plot"):
        assert MAKERS[maker](X, labels, NAMES).figure().axes
    assert np.isfinite(MAKERS["pca_map"](X, labels, NAMES).table["pc1"]).all()
