from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from coterie.features import FeatureTable
from coterie.knowledge.products import product_lifts
from coterie.sources import Dataset, IngestReport
from coterie.store import Store
from tests.knowledge.tables import table_of


@pytest.fixture
def tea_shop() -> Iterator[FeatureTable]:
    """100 customers: the first 40 all buy tea, everybody buys mugs, three of the first 40 buy a pot.

    c0000 buys tea twice and returns a mug; c0099 also buys tea. The hats were all sent back.
    """
    lines = [(f"c{i:04d}", "tea", 5.0) for i in (*range(40), 0, 99)]
    lines += [(f"c{i:04d}", "mug", 9.0) for i in range(100)]
    lines += [(f"c{i:04d}", "pot", 30.0) for i in range(3)]
    lines += [("c0000", "mug", -9.0), ("stranger", "tea", 5.0)]
    lines += [(f"c{i:04d}", "hat", 300.0) for i in range(40)]
    frame = pd.DataFrame(lines, columns=["customer_id", "product", "amount"])
    frame["is_purchase"] = frame["amount"] > 0
    frame["net_quantity"] = np.where(frame["product"] == "hat", 0.0, 1.0)
    store = Store()
    rows = pa.Table.from_pandas(frame, preserve_index=False)
    nothing = store.write_batches("rejected", pa.schema([("line", pa.int64())]), batches=[])
    transactions = store.write_batches("transactions", rows.schema, batches=rows.to_batches())
    dataset = Dataset(store, IngestReport((), nothing), "0" * 64, transactions=transactions)
    yield replace(table_of({"age": range(100)}), dataset=dataset)
    store.close()


LABELS = np.repeat([0, 1, -1], [40, 50, 10]).astype(np.int32)


def test_members_over_buy_what_few_others_buy(tea_shop: FeatureTable) -> None:
    (tea,) = product_lifts(tea_shop, LABELS)[0]
    assert (tea.product, tea.n_buyers) == ("tea", 40)
    assert tea.lift == pytest.approx((40 + 20 * 0.41) / (40 + 20) / 0.41)
    assert tea.words == "2.0x the average"


def test_what_everybody_buys_and_what_few_members_bought_is_not_told(tea_shop: FeatureTable) -> None:
    assert set(product_lifts(tea_shop, LABELS)) == {0}


def test_a_product_is_told_by_its_name_where_the_file_has_one(tea_shop: FeatureTable) -> None:
    assert tea_shop.dataset is not None
    lines = tea_shop.dataset.transactions
    assert lines is not None
    dataset = replace(tea_shop.dataset, transactions=lines.mutate(product_name=lines["product"].upper()))
    ((tea,),) = product_lifts(replace(tea_shop, dataset=dataset), LABELS).values()
    assert (tea.product, tea.name) == ("tea", "TEA")


def test_without_products_there_is_nothing_to_tell(tea_shop: FeatureTable) -> None:
    assert product_lifts(table_of({"age": range(100)}), LABELS) == {}
    assert tea_shop.dataset is not None
    assert tea_shop.dataset.transactions is not None
    dataset = replace(tea_shop.dataset, transactions=tea_shop.dataset.transactions.drop("product"))
    assert product_lifts(replace(tea_shop, dataset=dataset), LABELS) == {}
