"""The value that a segmentation gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coterie.features import percent
from coterie.segmentation import Segment, finish, fit_trial
from tests.segmentation.shops import shop

RESULT = finish(fit_trial(shop(), "kmeans", n_clusters=3), shop(), why="it is stable")


def test_it_can_be_used_as_an_array_of_labels() -> None:
    labels = np.asarray(RESULT)
    assert labels.dtype == np.int32
    assert np.bincount(labels + 1).tolist()[1:] == [s.n_customers for s in RESULT.segments]


def test_a_notebook_shows_names_counts_and_shares() -> None:
    html = RESULT._repr_html_()
    for segment in RESULT.segments:
        cells = (segment.name, str(segment.n_customers), percent(segment.share))
        assert "".join(f"<td>{cell}</td>" for cell in cells) in html
    assert "3 segments by kmeans on recency_days, n_orders, monetary, ltv" in html
    assert "<td>(unassigned)</td><td>15</td><td>5%</td>" in html
    assert "<p>it is stable</p>" in html


def test_a_name_cannot_bring_markup_into_the_notebook() -> None:
    hostile = replace(RESULT, segments=(Segment(0, "<script>x</script>", 1, 0.1),), why="<b>")
    assert "<script>" not in hostile._repr_html_()
    assert "<b>" not in hostile._repr_html_()
