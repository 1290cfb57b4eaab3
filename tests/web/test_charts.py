"""Files of charts: only those the segmentation lists, small, kept by browsers."""

from __future__ import annotations

import gzip
import json

import pytest
from flask.testing import FlaskClient

from coterie.web.figures import find_figures, picture_size
from coterie.workspace import Workspace
from tests.finished import QUICK, TREE

CHARTS = f"/segmentations/{TREE}/charts"


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("pca_map.svg", "image/svg+xml"),
        ("pca_map.png", "image/png"),
        ("pca_map.csv", "text/csv"),
        ("pca_map.json", "application/json"),
        ("cluster_map_3d.svg", "image/svg+xml"),
        ("cluster_map_3d.json", "application/json"),
    ],
)
def test_every_kind_of_a_chart_can_be_had(reader: FlaskClient, name: str, mimetype: str) -> None:
    answer = reader.get(f"{CHARTS}/{name}")
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert answer.cache_control.immutable and answer.cache_control.private


def test_text_travels_compressed_and_is_the_same(reader: FlaskClient) -> None:
    plain = reader.get(f"{CHARTS}/pca_map.json")
    small = reader.get(f"{CHARTS}/pca_map.json", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
    assert set(json.loads(plain.data)) == {"data", "layout"}


def test_a_browser_that_has_it_is_told_so(reader: FlaskClient) -> None:
    first = reader.get(f"{CHARTS}/pca_map.svg")
    again = reader.get(f"{CHARTS}/pca_map.svg", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_chart_to_save_comes_as_a_file_of_its_name(reader: FlaskClient) -> None:
    answer = reader.get(f"{CHARTS}/pca_map.png?save=1")
    assert answer.headers["Content-Disposition"] == "attachment; filename=pca_map.png"


@pytest.mark.parametrize(
    "name",
    [
        "nothing.svg",
        "pca_map.exe",
        "pca_map",
        "..%2Fsummary.json",
        "page.json",
        "words.json",
        "pca_map.svg.json",
    ],
)
def test_a_name_the_segmentation_does_not_list_is_not_found(reader: FlaskClient, name: str) -> None:
    assert reader.get(f"{CHARTS}/{name}").status_code == 404


def test_a_figure_knows_the_size_of_its_picture(reader: FlaskClient, ready: Workspace) -> None:
    with reader.application.test_request_context():
        figures = find_figures(TREE)
        assert find_figures(QUICK) == {}
    assert figures["pca_map"].drawing and figures["cluster_map_3d"].drawing
    path = ready.segmentations.folder(TREE) / "result" / "charts" / "rfm_grid.svg"
    assert figures["rfm_grid"].size == picture_size(path) == (648, 454)
