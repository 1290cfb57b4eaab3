"""The outlook of a segmentation as pages show it: bands as bars, the test on the past as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coterie.web.house import workspace

BANDS = {"high": "High risk", "medium": "Medium risk", "low": "Low risk"}
TIERS = {"high": "High: the best fifth", "middle": "Middle: the next three tenths", "low": "Low: the rest"}
COLUMNS = (
    {"name": "p_active", "label": "chance of an order", "unit": "share", "kind": "number"},
    {"name": "expected_spend", "label": "expected spend", "unit": "money", "kind": "number"},
    {"name": "risk_band", "label": "risk of no order", "unit": "", "kind": "category"},
    {"name": "value_tier", "label": "expected value", "unit": "", "kind": "category"},
)
"""Of the list of members, beside the features; they are there where there is a forecast."""
SIDE, EDGE = 200.0, 30.0
"""Of the square in which said and true shares meet, and what is left and below it for words."""


@dataclass(frozen=True)
class Bar:
    """A group of customers; the number is None where it is too small to be told."""

    words: str
    n: int | None
    share: float | None


@dataclass(frozen=True)
class Point:
    """A group of customers in the test on the past, and its place in the picture."""

    n_customers: int
    said: float
    came: float
    x: float
    y: float


def find_outlook(segmentation_id: str, segment_id: int | None = None) -> dict[str, Any]:
    """Give what a page says of the future.

    Parameters
    ----------
    segmentation_id : str
    segment_id : int, optional
        Default: all customers.

    Returns
    -------
    dict
        `reason` alone where nothing can be told; else an empty one, what outlook.json says, and `own`,
        `bars`, `tiers` and `points` for these customers.
    """
    told = workspace().segmentations.outlook(segmentation_id)
    if "reason" in told:
        return {"reason": told["reason"]}
    own = told["whole"]
    if segment_id is not None:
        own = next((one for one in told["segments"] if one["segment_id"] == segment_id), None)
    if own is None:
        return {"reason": "Fewer than five of them have bought something, so nothing is told of what comes"}
    return {
        **told,
        "reason": "",
        "own": own,
        "bars": _bars(own["risk_bands"], own["n_buyers"], words=BANDS),
        "tiers": _bars(own["value_tiers"], own["n_buyers"], words=TIERS),
        "points": _points(told["test"]),
    }


def _bars(counts: Mapping[str, int | None], n_all: int, *, words: Mapping[str, str]) -> list[Bar]:
    shown = [(words[name], counts[name]) for name in words if counts.get(name) != 0]
    return [Bar(name, n, None if n is None else n / n_all) for name, n in shown]


def _points(test: Mapping[str, Any] | None) -> list[Point]:
    groups = [] if test is None else test["groups"]
    return [
        Point(
            one["n_customers"],
            one["predicted_share"],
            one["actual_share"],
            x=EDGE + SIDE * one["predicted_share"],
            y=SIDE * (1.0 - one["actual_share"]) + 10.0,
        )
        for one in groups
    ]
