"""The forecast of a segmentation's customers in files: made once, added up by segment after every edit."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from coterie.errors import CoterieError
from coterie.jobs import Progress
from coterie.store import link_or_copy

if TYPE_CHECKING:
    import pandas as pd

    from coterie.features import FeatureTable
    from coterie.prediction import Forecast
    from coterie.segmentation import Segmentation

_log = logging.getLogger(__name__)

FORECAST, DUE, DISCOVER = "forecast.parquet", "due.parquet", "discover.parquet"
REASON, PRODUCT_NOTES, OUTLOOK = "reason.json", "product_notes.json", "outlook.json"
MODES: tuple[Literal["replenish", "discover"], ...] = ("replenish", "discover")
N_DISCOVERED = 5
BESIDE_MEMBERS = ("p_active", "expected_spend", "risk_band", "value_tier")
"""Columns of a forecast that stand in the list of members too."""
MOST_CUSTOMERS = 100_000
"""Of more, no products are told: a list for each takes longer than the segments themselves."""
NOT_MADE = "No forecast could be made of these data"
BEFORE = "This segmentation was made before there were forecasts; make it again to see one"


def foretell(table: FeatureTable, folder: Path, *, progress: Progress) -> None:
    """Forecast each buyer, and the products of each, or write down why that cannot be.

    Parameters
    ----------
    table : FeatureTable
    folder : Path
        It exists; what stands in it afterwards is whole whether or not there is a forecast.
    progress : callable
    """
    from coterie import prediction, river

    try:
        made = river.forecast(table, progress=progress)
    except Exception as failure:  # a segmentation without a forecast is still one
        _write(folder / REASON, {"reason": _reason(failure)})
        return
    prediction.save_forecast(made, folder)
    progress("Looking for products", 0.5)
    _write(folder / PRODUCT_NOTES, _products(table, folder))
    progress("Looking for products", 1.0)


def write_outlook(result: Segmentation, source: Path, *, target: Path) -> None:
    """Write what the pages show of a forecast: outlook.json and a row per customer.

    Parameters
    ----------
    result : Segmentation
        As the edits left it.
    source : Path
        Folder that `foretell` wrote; one that is not there is of a segmentation older than forecasts.
    target : Path
        Folder of the segmentation.
    """
    from coterie.prediction import load_forecast

    for name in (FORECAST, DUE, DISCOVER):
        if (source / name).is_file():
            link_or_copy(source / name, target / name)
    if not (source / FORECAST).is_file():
        known = source / REASON
        told = json.loads(known.read_text(encoding="utf-8")) if known.is_file() else {"reason": BEFORE}
        _write(target / OUTLOOK, told)
        return
    try:
        _write(target / OUTLOOK, _told(load_forecast(source), result, source=source))
    except Exception as failure:  # pages without an outlook are still pages
        _write(target / OUTLOOK, {"reason": _reason(failure)})


def known_forecast(source: Path) -> Forecast | None:
    """The forecast of a segmentation; None if none could be made.

    Parameters
    ----------
    source : Path
        Folder that `foretell` wrote.

    Returns
    -------
    Forecast or None
    """
    from coterie.prediction import load_forecast

    return load_forecast(source) if (source / FORECAST).is_file() else None


def columns_beside(source: Path) -> pd.DataFrame | None:
    """What the list of members shows of a forecast.

    Parameters
    ----------
    source : Path
        Folder that `foretell` wrote.

    Returns
    -------
    DataFrame or None
        customer_id and `BESIDE_MEMBERS`; None without a forecast.
    """
    import pandas as pd

    path = source / FORECAST
    return pd.read_parquet(path, columns=["customer_id", *BESIDE_MEMBERS]) if path.is_file() else None


def _told(forecast: Forecast, result: Segmentation, *, source: Path) -> dict[str, Any]:
    from coterie.knowledge import RANGES, band_sentence, outlook, outlook_of_all, past_sentence
    from coterie.prediction import past_test_to_json

    offers = {"due": _frame(source / DUE), "discover": _frame(source / DISCOVER)}
    currency = None if result.table.dataset is None else result.table.dataset.currency
    product_notes = json.loads((source / PRODUCT_NOTES).read_text(encoding="utf-8"))
    return {
        "horizon_days": forecast.horizon_days,
        "observation_end": forecast.observation_end.isoformat(),
        "family": forecast.family,
        "currency": currency,
        "is_calibrated": forecast.is_calibrated,
        "whole": asdict(outlook_of_all(forecast, currency=currency, **offers)),
        "segments": [asdict(one) for one in outlook(forecast, result, **offers)],
        "test": None if forecast.test is None else past_test_to_json(forecast.test),
        "past": past_sentence(forecast),
        "bands": band_sentence(forecast),
        "notes": [*forecast.notes, RANGES],
        "product_notes": product_notes,
    }


def _products(table: FeatureTable, folder: Path) -> list[str]:
    """Write what is due and what is new for each customer; how well that did, or why there is nothing."""
    from coterie import prediction

    if table.dataset is None or table.dataset.transactions is None:
        return ["There are no orders to find products in"]
    if len(table) > MOST_CUSTOMERS:
        return [f"Products are looked for among at most {MOST_CUSTOMERS:,} customers"]
    try:
        again, new = (
            prediction.recommend_products(
                table.dataset, mode=mode, n=N_DISCOVERED, observation_end=table.observation_end
            )
            for mode in MODES
        )
    except Exception as failure:  # the forecast of orders stands without them
        return [_reason(failure)]
    for name, frame in ((DUE, again.due), (DISCOVER, new.recommendations)):
        frame.sort_values("customer_id", kind="stable").to_parquet(
            folder / name, index=False, compression=None, row_group_size=prediction.ROWS_FOUND_TOGETHER
        )
    return [*again.notes, *new.notes]


def _frame(path: Path) -> pd.DataFrame | None:
    import pandas as pd

    return pd.read_parquet(path) if path.is_file() else None


def _reason(failure: Exception) -> str:
    """An expected failure says itself; a fault is for the log, without what it says of the data."""
    if isinstance(failure, CoterieError):
        return f"{failure.what}. {failure.to_do}" if failure.to_do else failure.what
    _log.error("forecast fault=%s", type(failure).__name__)
    return NOT_MADE


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
