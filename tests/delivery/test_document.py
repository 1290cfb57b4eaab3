"""The report says in words what was measured, and on whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coterie.delivery.document import build_comparison, build_document
from coterie.delivery.html import render_html
from coterie.delivery.printing import figure, printed_table
from coterie.delivery.summary import read_scores, summarise_comparison
from coterie.features import feature_table_from_frame, percent
from coterie.knowledge import EVIDENCE_MEANS, profile_segments
from coterie.segmentation import Segmentation, finish
from coterie.selection import CompareRequest, Comparison, compare, trials_frame
from coterie.settings import Settings
from tests.knowledge.tables import segmentation_of, shop

SAMPLED = (
    "Stability, fidelity and later value are measured on a random sample of at most 150 of the 400 customers."
)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """400 customers in three groups, judged as if they were too many."""
    rng = np.random.default_rng(0)
    groups = np.arange(400) % 3
    X = pd.DataFrame({"a": 9 * groups + rng.normal(size=400), "plan": np.where(groups == 0, "gold", "blue")})
    few = replace(Settings(), selection_rows=150, silhouette_exact_rows=100)
    request = CompareRequest(k_range=(3, 4), settings=few, weights={"plan": 0.5})
    return compare(feature_table_from_frame(X), ["kmeans", "rfm"], request=request)


@pytest.fixture(scope="module")
def result(comparison: Comparison) -> Segmentation:
    return finish(comparison.chosen, comparison.table, trials=comparison.trials, weights={"plan": 0.5})


@pytest.fixture(scope="module")
def document(result: Segmentation) -> dict[str, Any]:
    return build_document(result, profile_segments(result), charts=[])


def test_an_estimated_silhouette_has_its_standard_error_everywhere(comparison: Comparison) -> None:
    trial = comparison.chosen
    silhouette = replace(trial.scores["silhouette"], standard_error=0.0042)
    estimated = replace(trial, scores={**trial.scores, "silhouette": silhouette})
    assert summarise_comparison([estimated])[0]["silhouette_error"] == 0.0042
    assert trials_frame([estimated])["silhouette_error"].tolist() == [0.0042]
    assert "± 0.004" in build_comparison([estimated])["rows"][0][2]
    exact = replace(trial, scores={**trial.scores, "silhouette": replace(silhouette, standard_error=0.0)})
    assert summarise_comparison([exact])[0]["silhouette_error"] is None
    assert trials_frame([exact])["silhouette_error"].isna().all()


def test_scores_measured_on_a_sample_are_noted_once_below_the_comparison(
    comparison: Comparison, document: dict[str, Any]
) -> None:
    assert document["comparison"]["notes"] == [SAMPLED]
    assert all(SAMPLED not in row[-1] for row in document["comparison"]["rows"])
    assert SAMPLED in render_html(document, {})


def test_the_scores_of_the_chosen_segments_are_read_to_the_reader(
    comparison: Comparison, document: dict[str, Any]
) -> None:
    silhouette = comparison.chosen.scores["silhouette"]
    told = f"silhouette {silhouette.value:.3f}: {silhouette.sentence}"
    assert read_scores(comparison.chosen, ["silhouette"]) == [told]
    assert document["scores"][0] == told
    assert told in render_html(document, {})


def test_it_says_how_much_each_attribute_really_counts(
    result: Segmentation, document: dict[str, Any]
) -> None:
    shares = result.model.transform.real_shares()
    assert document["real_shares"] == ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    assert f"really counts in the distances between customers: {document['real_shares']}" in render_html(
        document, {}
    )


def test_a_share_is_printed_as_percent() -> None:
    assert figure(0.0316, "share") == "3.2%"
    assert figure(0.0316, "days") == "0.0316"


def test_the_figures_behind_a_picture_have_words_for_names_and_percent_for_shares() -> None:
    frame = pd.DataFrame(
        {
            "feature": ["monetary", "weekend_share"],
            "unit": ["GBP", "share"],
            "n_customers": [3, 4],
            "revenue_share": [0.5, 0.25],
            "Everyone": [1200.0, 0.125],
        }
    )
    table = printed_table(frame, {"monetary": "spend (GBP)", "weekend_share": "share of weekend orders"})
    assert table["columns"] == ["feature", "customers", "revenue share", "Everyone"]
    assert table["rows"] == [
        ["spend (GBP)", "3", "50%", "1,200"],
        ["share of weekend orders", "4", "25%", "12%"],
    ]
    assert table["is_number"] == [False, True, True, True]


def test_noise_and_size_are_told_as_percent(comparison: Comparison, document: dict[str, Any]) -> None:
    place = document["comparison"]["columns"].index("largest share")
    told = [row[place] for row in document["comparison"]["rows"] if row[place] != "-"]
    assert told
    assert all(share.endswith("%") for share in told)
    largest = comparison.chosen.scores["largest_share"]
    assert any(
        line.startswith(f"largest share {percent(largest.value or 0.0)}:") for line in document["scores"]
    )


def test_the_grade_of_evidence_is_explained_where_it_is_read_first() -> None:
    table, labels = shop()
    result = replace(segmentation_of(table, labels.tolist()), method="rfm")
    document = build_document(result, profile_segments(result), charts=[])
    grades = [segment["action"]["grade"] for segment in document["segments"]]
    assert [EVIDENCE_MEANS in grade for grade in grades] == [True, False, False]
