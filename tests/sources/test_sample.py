"""The sample store is believable, its groups are known, and a seed gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from coterie import assessment, features, preprocessing, segmentation
from coterie.errors import ParameterError
from coterie.sources import read, write_sample_store
from coterie.sources.sample import GROUPS


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_sample_store(tmp_path_factory.mktemp("store"), n_customers=1_000)


def _frame(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    store: dict[str, Path], tmp_path: Path
) -> None:
    again = write_sample_store(tmp_path / "again", n_customers=1_000)
    other = write_sample_store(tmp_path / "other", n_customers=1_000, random_state=1)
    for name, path in store.items():
        assert path.read_bytes() == again[name].read_bytes()
        assert path.read_bytes() != other[name].read_bytes()


def test_there_are_at_least_five_groups_and_the_smallest_is_three_to_five_percent(
    store: dict[str, Path],
) -> None:
    shares = _frame(store["customers"])["true_segment"].value_counts(normalize=True)
    assert set(shares.index) == set(GROUPS)
    assert len(shares) >= 5
    assert 0.03 <= shares.min() <= 0.05


def test_every_customer_has_an_order_and_every_order_a_known_customer_or_none(store: dict[str, Path]) -> None:
    orders = _frame(store["orders"])
    known = set(_frame(store["customers"])["customer_id"])
    assert set(orders["customer_id"]) - {""} <= known
    assert len(known - set(orders["customer_id"])) < 0.02 * len(known)


def test_every_return_belongs_to_an_earlier_purchase_of_the_same_product(store: dict[str, Path]) -> None:
    orders = _frame(store["orders"])
    is_return = orders["order_id"].str.startswith("C")
    returns = orders[is_return].assign(order_id=orders["order_id"].str[1:])
    bought = orders[~is_return].drop_duplicates(["order_id", "product_id"])
    pairs = returns.merge(bought, on=["order_id", "product_id"], suffixes=("", "_bought"))
    assert 0 < len(returns) == len(pairs)
    assert (pairs["order_date_bought"] < pairs["order_date"]).all()


@pytest.mark.parametrize("n_customers", [60, 61, 300])
def test_a_small_store_works_too(tmp_path: Path, n_customers: int) -> None:
    paths = write_sample_store(tmp_path, n_customers=n_customers)
    assert len(_frame(paths["customers"])) == n_customers


def test_fewer_than_sixty_customers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="60"):
        write_sample_store(tmp_path, n_customers=59)


def test_every_file_is_read_in_its_role_without_a_hint(store: dict[str, Path]) -> None:
    dataset = read(store["orders"], store["customers"], store["events"], store["feedback"])
    roles = {file.source: file.role for file in dataset.report.files}
    assert roles == {
        "orders.csv": "transactions",
        "customers.csv": "customers",
        "events.csv": "events",
        "feedback.csv": "feedback",
    }
    assert set(dataset.report.files[0].reasons) == {"no customer id"}


def test_the_best_method_finds_most_of_the_groups_but_not_all(store: dict[str, Path]) -> None:
    clean, quality = preprocessing.clean(read(store["orders"]))
    table = features.build_features(clean, quality=quality)
    known = _frame(store["customers"]).set_index("customer_id")["true_segment"].reindex(table.customer_ids)
    trials = [segmentation.fit_trial(table, method, n_clusters=len(GROUPS)) for method in ("kmeans", "gmm")]
    found = [trial.labels for trial in trials if trial.labels is not None]
    assert 0.6 <= max(float(assessment.ari(labels, known.to_numpy())) for labels in found) <= 0.9
