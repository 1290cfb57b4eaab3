"""The page of a segmentation: what its address asks for stands on it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from coterie.web.trees import read_tree
from coterie.workspace import SegmentationRecord, Workspace
from coterie.workspace.grid import find_cuts
from tests.finished import N_CUSTOMERS, QUICK, TREE
from tests.web.visiting import notices

PAGE = f"/segmentations/{TREE}"
AREA = "-9,-9,9,-9,9,9,-9,9"
"""Around the whole map."""


def test_it_shows_the_segments_and_every_chart(reader: FlaskClient, ready: Workspace) -> None:
    answer = reader.get(PAGE)
    words = ready.segmentations.page(TREE)
    text = notices(answer)
    assert words["headline"] in text
    assert all(segment["name"] in text for segment in words["segments"])
    html = answer.get_data(as_text=True)
    for name in ("pca_map", "profile_heatmap", "snake_plot", "cluster_scatter", "pair_plot"):
        assert f'id="{name}" data-drawing=' in html
    assert "noscript" not in html


def test_one_without_charts_still_has_its_segments_and_its_list(reader: FlaskClient) -> None:
    answer = reader.get(f"/segmentations/{QUICK}?within={AREA}")
    assert answer.status_code == 200
    assert f"{N_CUSTOMERS} customers in the area you drew" in notices(answer)


def test_one_that_is_being_made_says_so(reader: FlaskClient, ready: Workspace) -> None:
    record = SegmentationRecord("making", "Autumn", "store", datetime.now(UTC))
    ready.segmentations.save(record)
    assert "Autumn is being made" in notices(reader.get("/segmentations/making"))
    ready.segmentations.remove("making")


def test_the_list_names_the_one_in_use(reader: FlaskClient) -> None:
    text = notices(reader.get("/segmentations"))
    assert "The tree one" in text and "The quick one" in text and text.count("In use") == 1


def test_an_area_of_the_map_lists_who_lies_there(reader: FlaskClient, ready: Workspace) -> None:
    [(x, y, n)] = ready.pager.ask(
        "SELECT avg(map_x), avg(map_y), count(*) FILTER (map_x > 0) FROM read_parquet($path)",
        {"path": str(ready.segmentations.folder(TREE) / "members.parquet")},
    )
    assert abs(x) + abs(y) < 1e-9  # the map is centred
    right = notices(reader.get(f"{PAGE}?within=0,-99,99,-99,99,99,0,99"))
    assert f"{n} customers in the area you drew" in right
    triangle = notices(reader.get(f"{PAGE}?within=90,90,91,90,91,91"))
    assert "Nobody is there" in triangle


def test_all_who_are_chosen_are_handed_on_to_become_a_segment(reader: FlaskClient) -> None:
    chosen = reader.get(f"{PAGE}?within={AREA}")
    link = re.findall(r'href="([^"]*save=yes[^"]*)"', chosen.get_data(as_text=True))[0]
    form = reader.get(link.replace("&amp;", "&")).get_data(as_text=True)
    assert f'action="{PAGE}/investigate/preview"' in form
    assert len(set(re.findall(r'name="customer" value="([^"]+)"', form))) == N_CUSTOMERS


def test_pages_of_the_list_follow_each_other(reader: FlaskClient) -> None:
    first, last = (reader.get(f"{PAGE}?within={AREA}&page={page}") for page in (1, 999))
    assert "Page 1 of 12" in notices(first) and "Page 12 of 12" in notices(last)
    assert "within=" in re.findall(r'href="([^"]+page=2[^"]*)"', first.get_data(as_text=True))[0]


def test_named_customers_are_listed_and_unknown_ones_are_not(reader: FlaskClient) -> None:
    text = notices(reader.get(f"{PAGE}?ids=00001%0A00002%0Anobody"))
    assert "2 customers of those you named" in text


@pytest.mark.parametrize(
    "asked",
    ["within=1,2", "within=a,b,c,d,e,f", "within=nan,nan,1,1,2,2", "within=1,2,3", "cell=9-9", "cell=x",
     "within=" + ",".join("1" * 400)],
)  # fmt: skip
def test_what_cannot_be_read_is_told_on_the_page(reader: FlaskClient, asked: str) -> None:
    answer = reader.get(f"{PAGE}?{asked}")
    assert answer.status_code == 200
    assert 'role="alert"' in answer.get_data(as_text=True)


def test_the_address_cannot_bend_the_links_of_the_page(reader: FlaskClient) -> None:
    html = reader.get(f"{PAGE}?_scheme=javascript&_external=1&endpoint=x&segmentation_id=y").get_data(
        as_text=True
    )
    assert 'href="javascript' not in html and "segmentations/y" not in html


def test_the_grid_counts_as_the_chart_of_the_report_does(reader: FlaskClient, ready: Workspace) -> None:
    [chart] = [one for one in ready.segmentations.page(TREE)["charts"] if one["name"] == "rfm_grid"]
    html = reader.get(PAGE).get_data(as_text=True)
    shown = {
        (int(r), int(f)): n
        for r, f, n in re.findall(r"cell=(\d)-(\d)#in_cell.*?<strong>([\d,]+)</strong>", html, re.DOTALL)
    }
    told = {(int(r), int(f)): n for r, f, _, n, _ in chart["table"]["rows"] if n != "0"}
    assert shown == told


def test_a_cell_lists_its_customers(reader: FlaskClient, ready: Workspace) -> None:
    [chart] = [one for one in ready.segmentations.page(TREE)["charts"] if one["name"] == "rfm_grid"]
    n = chart["table"]["rows"][0][3]
    assert f"{n} customers with recency score 5 and frequency score 5" in notices(
        reader.get(f"{PAGE}?cell=5-5")
    )


FIXED = (
    "cuts=fixed&"
    + "&".join(f"recency_days={d}" for d in (30, 60, 90, 120))
    + "".join(f"&n_orders={n}" for n in (1, 2, 3, 4))
)


def test_cut_points_of_the_address_are_counted_anew(reader: FlaskClient, ready: Workspace) -> None:
    [(n,)] = ready.pager.ask(
        "SELECT count(*) FROM read_parquet($path) WHERE recency_days <= 30 AND n_orders > 4 AND monetary > 0",
        {"path": str(ready.segmentations.folder(TREE) / "members.parquet")},
    )
    text = notices(reader.get(f"{PAGE}?{FIXED}&cell=5-5"))
    assert f"{n} customers with recency score 5 and frequency score 5" in text
    assert "over 30 to 60" in text and "over 120 days" in text


@pytest.mark.parametrize(
    "asked", ["recency_days=9&recency_days=1", "n_orders=x", "n_orders=-1", "n_orders=inf"]
)
def test_wrong_cut_points_are_told_and_kept_in_the_form(reader: FlaskClient, asked: str) -> None:
    answer = reader.get(f"{PAGE}?cuts=fixed&{asked}")
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert f'value="{asked.rpartition("=")[2]}"' in answer.get_data(as_text=True)


def test_the_fifths_are_values_of_customers(ready: Workspace) -> None:
    cuts = find_cuts(ready, TREE)
    assert cuts is not None
    assert list(cuts.n_orders) == sorted(cuts.n_orders) and cuts.n_orders[0] >= 1


def test_the_cut_of_the_address_parts_all_customers(reader: FlaskClient) -> None:
    for n in (2, 5, 9):
        text = notices(reader.get(f"{PAGE}?cut={n}"))
        found = re.search(r"At this height: ([\d, ]+) customers", text)
        assert found is not None
        sizes = [int(size) for size in found[1].split(",")]
        assert len(sizes) == n and sum(sizes) == N_CUSTOMERS
        assert f"{n} groups" in text


def test_a_tree_is_cut_at_any_height() -> None:
    drawing = {
        "data": [
            {"hoverinfo": "skip", "x": [5, 5, 15, 15, None], "y": [0, 1, 1, 0, None]},
            {"hoverinfo": "skip", "x": [10, 10, 25, 25, None], "y": [1, 3, 3, 0, None]},
            {"x": [5, 15, 25], "customdata": [7, 2, 4]},
        ]
    }
    tree = read_tree(drawing)
    assert [group.n_customers for group in tree.groups(1)] == [13]
    assert [group.n_customers for group in tree.groups(2)] == [9, 4]
    assert [group.n_customers for group in tree.groups(3)] == [7, 2, 4]
    assert (tree.height(2), tree.height(3)) == (2.0, 0.5)


def test_the_map_in_space_begins_as_a_picture(reader: FlaskClient) -> None:
    html = reader.get(f"{PAGE}/map-3d").get_data(as_text=True)
    assert "cluster_map_3d.svg" in html
    assert "plotly-cartesian" not in html
    assert "Two directions hold everything" in notices(reader.get(f"/segmentations/{QUICK}/map-3d"))
