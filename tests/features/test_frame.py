"""Users with ready columns get a FeatureTable too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coterie.errors import InputError, SchemaError
from coterie.features import feature_table_from_frame


def test_kinds_are_guessed_and_missing_values_filled() -> None:
    frame = pd.DataFrame(
        {
            "id": ["b", "a", "c"],
            "age": [30, None, 50],
            "vip": [True, False, True],
            "city": ["Rome", None, "Oslo"],
        }
    )
    table = feature_table_from_frame(frame, customer_id="id")
    assert table.customer_ids.tolist() == ["a", "b", "c"]
    assert table.X.age.tolist() == [40, 30, 50]
    assert table.X.vip.tolist() == [0, 1, 1]
    assert table.X.city.tolist() == ["(missing)", "Rome", "Oslo"]
    assert table.defaults == ("age", "vip", "city")


def test_without_an_id_the_row_number_is_the_id() -> None:
    table = feature_table_from_frame(pd.DataFrame(np.arange(24.0).reshape(12, 2)))
    assert table.customer_ids.tolist()[:2] == ["01", "02"]
    assert list(table.X.columns) == ["0", "1"]


def test_infinities_count_as_missing() -> None:
    table = feature_table_from_frame(pd.DataFrame({"x": [1.0, np.inf, 3.0, -0.0]}))
    assert table.X.x.tolist() == [1, 1, 3, 0]
    assert table.specs[0].n_missing == 1


def test_a_repeated_or_absent_id_is_refused() -> None:
    frame = pd.DataFrame({"id": ["a", "a"], "x": [1, 2]})
    with pytest.raises(SchemaError, match="of its own"):
        feature_table_from_frame(frame, customer_id="id")
    with pytest.raises(SchemaError, match="no column named 'key'"):
        feature_table_from_frame(frame, customer_id="key")
    with pytest.raises(InputError, match="no rows"):
        feature_table_from_frame(frame.iloc[:0])
