"""A forecast on disk: the customers as Parquet, everything else as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from coterie.prediction.expectations import Forecast, ForecastScores, ForecastTest

CUSTOMERS, REST = "forecast.parquet", "forecast.json"
ROWS_FOUND_TOGETHER = 8_192
"""Rows of a part of the Parquet file, so that one customer is quick to find."""


def save_forecast(forecast: Forecast, folder: Path) -> None:
    """Write a forecast into a folder.

    Parameters
    ----------
    forecast : Forecast
    folder : Path
        It exists.
    """
    customers = forecast.customers.sort_values("customer_id", ignore_index=True)
    customers.to_parquet(
        folder / CUSTOMERS, index=False, compression=None, row_group_size=ROWS_FOUND_TOGETHER
    )
    content = {
        "horizon_days": forecast.horizon_days,
        "observation_end": forecast.observation_end.isoformat(),
        "family": forecast.family,
        "parameters": dict(forecast.parameters),
        "is_calibrated": forecast.is_calibrated,
        "test": None if forecast.test is None else past_test_to_json(forecast.test),
        "notes": list(forecast.notes),
    }
    (folder / REST).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def load_forecast(folder: Path) -> Forecast:
    """Read what `save_forecast` wrote.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Forecast
        Its customers in the order of their ids.
    """
    import pandas as pd

    told = json.loads((folder / REST).read_text(encoding="utf-8"))
    test = told["test"]
    return Forecast(
        horizon_days=told["horizon_days"],
        observation_end=date.fromisoformat(told["observation_end"]),
        family=told["family"],
        parameters=told["parameters"],
        customers=pd.read_parquet(folder / CUSTOMERS),
        is_calibrated=told["is_calibrated"],
        test=None if test is None else _test_from_json(test),
        notes=tuple(told["notes"]),
    )


def past_test_to_json(test: ForecastTest) -> dict[str, Any]:
    """Everything a test on the past found, as plain JSON.

    Parameters
    ----------
    test : ForecastTest

    Returns
    -------
    dict
    """
    groups = test.groups.to_dict("records")
    plain = asdict(replace(test, groups=test.groups.iloc[:0]))
    return {**plain, "cut": test.cut.isoformat(), "groups": groups}


def _test_from_json(told: dict[str, Any]) -> ForecastTest:
    import pandas as pd

    scores = {name: ForecastScores(**told[name]) for name in ("model", "past_rate")}
    made = {"cut": date.fromisoformat(told["cut"]), "groups": pd.DataFrame(told["groups"]), **scores}
    return ForecastTest(**{**told, **made})
