"""The automatic choice on Online Retail: reproducible, and not by luck of the seed.

Three seeds here; `python -m benchmarks.same_k` runs ten.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.features import back_test, build_features
from coterie.preprocessing import clean
from coterie.selection import CompareRequest, Comparison, compare
from coterie.sources import read


@pytest.fixture(scope="module")
def choices(real_data: Path) -> list[Comparison]:
    dataset, quality = clean(read(real_data / "online_retail" / "OnlineRetail.csv.gz"))
    table, seen = build_features(dataset, quality=quality), back_test(dataset, quality=quality)
    dataset.store.close()
    return [
        compare(table, ["kmeans", "rfm"], request=CompareRequest(random_state=seed), back_test=seen)
        for seed in range(3)
    ]


def test_the_number_of_segments_does_not_depend_on_the_seed(choices: list[Comparison]) -> None:
    assert len({choice.chosen.n_clusters for choice in choices}) == 1


def test_the_choice_passes_every_floor(choices: list[Comparison]) -> None:
    for choice in choices:
        scores = choice.chosen.scores
        assert choice.verdict == "reproducible"
        assert float(scores["stability"]) >= 0.75 and float(scores["stability_min"]) >= 0.6
        assert float(scores["fidelity"]) >= 0.85
        assert float(scores["largest_share"]) <= 0.6 and float(scores["smallest_share"]) >= 0.03
        assert choice.chosen.flags == ()


def test_the_choice_foretells_later_spend_better_than_the_rfm_groups(choices: list[Comparison]) -> None:
    for choice in choices:
        values = choice.frame().set_index("method")["later_value"]
        assert float(choice.chosen.scores["later_value"]) > values["rfm"]
