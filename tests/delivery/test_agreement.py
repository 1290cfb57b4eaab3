"""A reader is told on which customers all methods agree, beside how far every two of them do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coterie.delivery import summarise
from coterie.delivery.agreement import build_agreement, core_of
from coterie.delivery.document import build_document
from coterie.delivery.export import customers_frame
from coterie.delivery.html import render_html
from coterie.features import feature_table_from_frame
from coterie.knowledge import profile_segments
from coterie.segmentation import Segmentation, finish
from coterie.selection import CompareRequest, Comparison, compare, core_sentence


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """A crowd with a bridge of customers to each side, whom methods divide differently."""
    X = np.random.default_rng(3).normal(size=(300, 2)) * [3, 1]
    request = CompareRequest(n_segments=3)
    return compare(
        feature_table_from_frame(pd.DataFrame(X, columns=["a", "b"])), ["kmeans", "gmm"], request=request
    )


@pytest.fixture(scope="module")
def result(comparison: Comparison) -> Segmentation:
    return finish(comparison.chosen, comparison.table, trials=comparison.trials)


def test_core_members_are_counted_for_everybody_and_per_segment(
    comparison: Comparison, result: Segmentation
) -> None:
    core = comparison.core_members()
    assert 0 < core.sum() < 300
    told = build_agreement(result)
    assert told["sentence"].startswith(f"{core.sum()} of 300 customers (")
    assert [row[2] for row in told["segments"]] == [str(core[result.labels == i].sum()) for i in range(3)]


def test_the_report_shows_them_next_to_the_agreement_of_the_methods(result: Segmentation) -> None:
    html = render_html(build_document(result, profile_segments(result), charts=[]), {})
    told = build_agreement(result)
    assert told["sentence"] in html
    for matrix in told["matrices"]:
        assert matrix["caption"] in html
        assert matrix["columns"] == ["K-Means", "Gaussian mixture"]
        assert (matrix["rows"][0][1], matrix["rows"][0][2]) == ("1.00", matrix["rows"][1][1])


def test_tables_and_summary_name_the_same_core_members(comparison: Comparison, result: Segmentation) -> None:
    core = comparison.core_members()
    assert customers_frame(result)["core_member"].tolist() == core.tolist()
    summary = summarise(result, profile_segments(result))
    assert summary["segmentation"]["n_core_members"] == core.sum()
    assert sum(segment["n_core_members"] for segment in summary["segments"]) == core.sum()


def test_one_method_alone_agrees_with_nobody(comparison: Comparison, result: Segmentation) -> None:
    alone = replace(result, trials=(comparison.chosen,))
    assert core_sentence(alone.trials, comparison.chosen) == ""
    assert build_agreement(alone) == {}
    assert core_of(replace(result, trials=())).all()
