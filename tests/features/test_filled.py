"""A value that is not known is filled where a number is needed, and nowhere told as a fact."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coterie.delivery.export import customers_frame
from coterie.features import FeatureSpec, FeatureTable, build_features, feature_table_from_frame
from coterie.knowledge import profile_segments
from coterie.segmentation import finish, fit_trial
from coterie.sources import Dataset


def filled(table: FeatureTable, feature: str) -> list[str]:
    return list(table.customer_ids[table.filled.get(feature, np.zeros(0, dtype=int))])


def test_the_twelve_say_whose_values_are_filled(twelve: Dataset) -> None:
    table = build_features(twelve)
    assert filled(table, "age") == ["kim"]
    assert filled(table, "city") == ["leo"]
    assert [i for i in table.customer_ids if i not in filled(table, "mean_rating")] == ["ann", "bob", "hal"]
    assert [i for i in table.customer_ids if i not in filled(table, "gap_mean_days")] == [
        "ann",
        "fay",
        "hal",
        "kim",
        "leo",
    ]


def test_nothing_to_count_is_a_known_nought(twelve: Dataset) -> None:
    table = build_features(twelve)
    assert table.X["n_feedback"][table.customer_ids.tolist().index("cat")] == 0
    assert "n_feedback" not in table.filled


def test_the_rule_is_a_sentence(twelve: Dataset) -> None:
    table = build_features(twelve)
    assert table.missing_rule("mean_rating") == (
        "missing for 9 customers, replaced by the median 4 where a number is needed"
    )
    assert table.missing_rule("city") == 'missing for 1 customer, shown as "(missing)"'
    assert table.missing_rule("monetary") == ""


def frame(n: int = 60) -> FeatureTable:
    """Two kinds of people by x; y is known of the first half of either kind, and is 7 there."""
    kind = np.arange(n) % 2
    y = np.where(np.arange(n) < n // 2, 7.0 + kind, np.nan)
    return feature_table_from_frame(pd.DataFrame({"x": 10.0 * kind + np.arange(n) / n, "y": y}))


def test_fewer_customers_keep_their_gaps() -> None:
    table = frame()
    assert table.rows(np.arange(20, 40)).filled["y"].tolist() == list(range(10, 20))
    assert "y" not in table.rows(np.arange(20)).filled


def test_a_feature_made_of_one_with_gaps_has_them_too() -> None:
    table = frame().with_column(FeatureSpec("z", "", "", "test"), np.zeros(60), made_of=["y"])
    assert table.filled["z"].tolist() == table.filled["y"].tolist()
    assert "z" not in table.without_column("z").filled


def test_the_export_names_what_was_filled_and_medians_leave_it_out() -> None:
    table = frame()
    result = finish(fit_trial(table, "kmeans", n_clusters=2, attributes=["x"]), table)
    exported = customers_frame(result)
    assert exported["filled"].tolist() == [""] * 30 + ["y"] * 30
    medians = {profile.medians.loc["y"].iloc[1] for profile in profile_segments(result).profiles}
    assert medians == {7.0, 8.0}
