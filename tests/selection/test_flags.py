from typing import Any

import numpy as np
import pandas as pd
import pytest

from coterie.assessment import Score
from coterie.segmentation import Trial
from coterie.selection.flags import id_like, red_flags
from coterie.settings import Settings

RAW = pd.DataFrame({"a": np.random.default_rng(0).normal(size=1_000)})
FINE = {
    "silhouette": 0.3,
    "stability": 0.9,
    "stability_min": 0.8,
    "largest_share": 0.5,
    "smallest_share": 0.5,
}


def flags(raw: pd.DataFrame = RAW, labels: object = None, **values: float) -> tuple[str, ...]:
    scores = {name: Score(name, value) for name, value in {**FINE, **values}.items()}
    marks = np.arange(len(raw)) % 2 if labels is None else np.asarray(labels)
    trial = Trial("kmeans", 2, 2, None, scores=scores)
    words = {str(name): f"the {name}".replace("_", " ") for name in raw}
    return red_flags(trial, raw, labels=marks.astype(np.int32), settings=Settings(), words=words)


def test_a_sound_partition_has_no_flags() -> None:
    assert flags() == ()


@pytest.mark.parametrize(
    "values, words",
    [
        ({"largest_share": 0.7}, "One segment holds 70% of customers"),
        ({"largest_share": 0.99, "silhouette": 0.87}, "Degenerate: the silhouette of 0.87"),
        ({"smallest_share": 0.012}, "smallest segment has 12 customers, fewer than 30"),
        ({"stability_min": 0.3}, "more than these data carry"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(values: dict[str, Any], words: str) -> None:
    found = flags(**values)
    assert len(found) == 1
    assert words in found[0]


def test_a_segment_that_is_one_value_is_no_discovery() -> None:
    orders = np.where(np.arange(1_000) < 480, 1.0, 2.0 + np.arange(1_000))
    raw = pd.DataFrame({"n_orders": orders, "x": RAW["a"]})
    assert "just the customers with the n orders = 1" in flags(raw, orders > 1)[0]
    assert flags(raw, np.arange(1_000) % 2) == ()


def test_copies_of_few_customers_are_pointed_out() -> None:
    raw = pd.DataFrame({"a": np.arange(1_000) % 7, "b": np.arange(1_000) % 3})
    assert any("98% of customers equal another one" in flag for flag in flags(raw))


def test_a_running_number_is_found_out_and_an_income_is_not() -> None:
    raw = pd.DataFrame(
        {
            "row": np.arange(500) + 10_000,
            "client_no": np.arange(500) * 977,
            "income": np.random.default_rng(0).permutation(90_000)[:500],
            "age": np.arange(500) % 80,
            "score": np.linspace(0, 1, 500),
        }
    )
    assert id_like(raw) == ["row", "client_no"]
    assert any("the row looks like a running number" in flag for flag in flags(raw))
