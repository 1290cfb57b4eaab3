"""What a user asks of a whole run is heeded to the letter."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import coterie
from coterie.assessment import ari, nmi
from coterie.errors import ParameterError


def people(n: int = 200) -> pd.DataFrame:
    """Two kinds of people by age and income; 25 clubs; a quarter did not tell theirs."""
    random = np.random.default_rng(0)
    kind = np.arange(n) % 2
    club = np.array([f"club {i % 25:02}" for i in range(n)], dtype=object)
    club[::4] = None
    return pd.DataFrame(
        {
            "customer_id": [f"c{i:03}" for i in range(n)],
            "age": random.normal(30 + 30 * kind, 4).round(),
            "income": random.normal(20_000 + 20_000 * kind, 3_000).round(),
            "club": club,
        }
    )


def test_truth_is_compared_as_it_was_read_and_only_where_it_is_known() -> None:
    frame = people()
    dataset = coterie.read(customers=frame)
    comparison = coterie.compare(
        dataset, ["kmeans"], n_segments=2, attributes=["age", "income"], truth="club"
    )
    trial = comparison.chosen
    assert trial.labels is not None
    known = frame["club"].to_numpy(dtype=object)
    assert trial.scores["ari"].value == pytest.approx(float(ari(trial.labels, known)))
    assert trial.scores["nmi"].value == pytest.approx(float(nmi(trial.labels, known)))


def test_a_missing_value_in_a_truth_array_is_no_group() -> None:
    frame = people()
    table = coterie.build_features(coterie.read(customers=frame[["customer_id", "age", "income"]]))
    truth = np.array([None if i % 3 == 0 else i % 2 for i in range(len(frame))], dtype=object)
    trial = coterie.compare(table, ["kmeans"], n_segments=2, truth=truth).chosen
    assert trial.scores["ari"].value == pytest.approx(1.0)


@pytest.mark.parametrize("n_segments", [4.5, "4", 4.0])
def test_13_a_number_of_segments_that_is_no_whole_number_is_refused(n_segments: object) -> None:
    table = coterie.build_features(coterie.read(customers=people()))
    with pytest.raises(ParameterError, match="whole number"):
        coterie.segment(table, n_segments=n_segments)  # type: ignore[arg-type]


def test_12_identical_people_are_one_segment_and_get_a_report(tmp_path: Path) -> None:
    same = people().assign(age=30.0, income=1000.0, club="here")
    result = coterie.segment(coterie.read(customers=same))
    assert result.n_segments == 1
    assert (coterie.report(result, tmp_path / "out") / "report.html").is_file()


def test_people_without_orders_get_a_report_by_the_default_method(tmp_path: Path) -> None:
    result = coterie.segment(coterie.read(customers=people().drop(columns="club")))
    out = coterie.report(result, tmp_path / "out")
    assert "RFM grid" in (out / "report.html").read_text(encoding="utf-8")


def orders(*, seed: int, first: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    n = 900
    return pd.DataFrame(
        {
            "customer_id": [f"c{first + i:03}" for i in random.integers(0, 150, n)],
            "order_id": [f"o{i}" for i in range(n)],
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 360, n), unit="D"),
            "amount": random.lognormal(3, 1, n).round(2),
        }
    )


@pytest.mark.usefixtures("brief")
def test_a_model_on_lifetime_value_places_other_customers_by_its_own_purchase_model(tmp_path: Path) -> None:
    result = coterie.segment(orders(seed=0), method="tpa", n_segments=3)
    model = coterie.load_model(result.model.save(tmp_path / "model"))
    others = orders(seed=1, first=500)
    together = coterie.build_features(others, observation_end="2024-12-26")
    some = others[others["customer_id"] < "c560"]
    alone = coterie.build_features(some, observation_end="2024-12-26")
    by_id = dict(zip(together.customer_ids, model.predict(together), strict=True))
    assert [by_id[i] for i in alone.customer_ids] == model.predict(alone).tolist()


def test_an_order_of_tomorrow_is_rejected_and_moves_no_date() -> None:
    frame = orders(seed=0)
    frame.loc[0, "date"] = pd.Timestamp("2099-01-01")
    table = coterie.build_features(frame)
    assert table.observation_end is not None
    assert table.observation_end < date(2025, 1, 1)
    assert table.dataset is not None
    assert dict(table.dataset.report.files[0].reasons) == {"date lies in the future": 1}


def test_events_after_the_last_order_do_not_count() -> None:
    events = pd.DataFrame(
        {
            "customer_id": ["c001", "c001", "c002"],
            "at": ["2024-06-01", "2025-05-01", "2024-07-01"],
            "kind": ["visit", "visit", "visit"],
        }
    )
    table = coterie.build_features(coterie.read(orders(seed=0), events=events))
    row = table.customer_ids.tolist().index("c001")
    assert table.X["n_events"][row] == 1
    assert table.X["days_since_event"].min() >= 0


def test_a_second_table_as_of_the_same_day_leaves_the_first_as_it_was() -> None:
    frame = orders(seed=0)
    dataset = coterie.read(pd.concat([frame, frame.head(50)]))
    first = coterie.build_features(dataset, observation_end="2024-06-30")
    assert first.dataset is not None and first.dataset.transactions is not None
    before = first.dataset.transactions.count().to_pandas()
    coterie.build_features(dataset, observation_end="2024-06-30", keep_duplicates=True)
    assert first.dataset.transactions.count().to_pandas() == before


def test_profiles_are_walked_like_a_list() -> None:
    known = coterie.profile(coterie.segment(orders(seed=0), method="kmeans", n_segments=3))
    assert [profile.segment_id for profile in known] == [0, 1, 2]
    assert len(known) == 3
