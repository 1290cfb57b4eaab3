from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from coterie.charts import Chart
from coterie.charts.style import new_figure


def one_word(
    title: str = "Two numbers", table: pd.DataFrame | None = None, alt: str = "Ann 1, Bob 2."
) -> Chart:
    def draw() -> Figure:
        figure = new_figure(title, height_in=1.2)
        figure.add_subplot().plot([1, 2])
        return figure

    frame = pd.DataFrame({"name": ["Ann", "Bob"], "value": [1, 2.5]}) if table is None else table
    return Chart("two_numbers", title, alt, frame, draw)


def test_saving_writes_png_svg_and_the_table_and_nothing_else(tmp_path: Path) -> None:
    chart = one_word()
    png, svg, csv = chart.save(tmp_path / "charts")
    assert png.read_bytes() == chart.png_bytes()
    assert svg.read_text(encoding="utf-8") == chart.svg_text()
    assert csv.read_text(encoding="utf-8") == "name,value\nAnn,1\nBob,2.5\n"
    assert sorted(path.name for path in (tmp_path / "charts").iterdir()) == [
        "two_numbers.csv",
        "two_numbers.png",
        "two_numbers.svg",
    ]


def test_a_chart_that_cannot_be_drawn_leaves_no_file(tmp_path: Path) -> None:
    def fail() -> Figure:
        raise RuntimeError("no figure")

    with pytest.raises(RuntimeError):
        Chart("broken", "Broken", "Nothing.", pd.DataFrame({"a": [1]}), fail).save(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_spreadsheet_runs_no_cell_of_the_table_and_numbers_stay_numbers(tmp_path: Path) -> None:
    table = pd.DataFrame({"=1+1": ["=cmd()", "plain"], "value": [-1.5, 2.0]})
    csv = one_word(table=table).save(tmp_path)[2]
    assert csv.read_text(encoding="utf-8") == "'=1+1,value\n'=cmd(),-1.5\nplain,2\n"


def test_title_and_sentence_are_escaped_in_a_notebook() -> None:
    chart = one_word(title='<b>"&', alt="<script>alert(1)</script>\x00")
    html = chart._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
    assert "\x00" not in html
    assert html.count("&lt;script&gt;") == 2


def test_the_style_rule_of_one_picture_does_not_reach_the_page() -> None:
    svg = one_word().svg_text()
    assert "{stroke-linejoin" in svg
    assert "\n*{" not in svg
    assert ">*{" not in svg
