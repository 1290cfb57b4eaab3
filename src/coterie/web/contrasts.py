"""How the typical member of a segment differs from everyone, or from another segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RATIO_UNITS = frozenset({"orders", "money", "count", "number", ""})
"""Units in which "2.3 times as much" means something."""
LEAST_RATIO = 1.2
"""Below this multiple two figures are told side by side and not as a ratio."""
LEAST_DIFFERENCE = 0.2
"""Standard deviations; what differs by less is called alike (Cohen 1988: a small effect)."""
MOST_TOLD = 6
"""Features told above the average, and below it."""

Value = float | str | None


@dataclass(frozen=True)
class Contrast:
    """One feature of a segment beside that of others.

    Attributes
    ----------
    label, unit : str
    own, other : float, str or None
        Typical values.
    ratio : float or None
        `own` over `other`, where that says something.
    gap : float or None
        `own` less `other`, of numbers.
    length : float, 0-1
        Of its bar; the longest on the page is 1.
    """

    label: str
    unit: str
    own: Value
    other: Value
    ratio: float | None
    gap: float | None
    length: float


@dataclass(frozen=True)
class Contrasts:
    """What lies above, what lies below, and which categories differ; the strongest first."""

    above: tuple[Contrast, ...]
    below: tuple[Contrast, ...]
    categories: tuple[Contrast, ...]


def contrasts(
    segment: Mapping[str, Any], other: Mapping[str, Any] | None, *, features: list[dict[str, Any]]
) -> Contrasts:
    """Compare a segment with another, or with everyone.

    Parameters
    ----------
    segment, other : mapping
        Of page.json; None = everyone.
    features : list of dict
        Of page.json.

    Returns
    -------
    Contrasts
    """
    apart = _differences(segment, other)
    told = [feature for feature in features if abs(apart.get(feature["name"], 0.0)) >= LEAST_DIFFERENCE]
    # A mean may lie above and the middle below; what is shown is the middle, so both have to agree.
    told = [one for one in told if (_gap(*_pair(one, segment, other=other)) or 0.0) * apart[one["name"]] > 0]
    ranked = sorted(told, key=lambda feature: -abs(apart[feature["name"]]))
    above = [feature for feature in ranked if apart[feature["name"]] > 0][:MOST_TOLD]
    below = [feature for feature in ranked if apart[feature["name"]] < 0][:MOST_TOLD]
    longest = max((abs(apart[feature["name"]]) for feature in (*above, *below)), default=1.0)

    def told_of(feature: Mapping[str, Any]) -> Contrast:
        own, others = _pair(feature, segment, other=other)
        length = abs(apart.get(feature["name"], 0.0)) / longest
        ratio = _ratio(own, others, unit=feature["unit"])
        return Contrast(feature["label"], feature["unit"], own, others, ratio, _gap(own, others), length)

    categories = [one for one in features if one["kind"] != "number" and _is_other(one, segment, other=other)]
    return Contrasts(*(tuple(map(told_of, group)) for group in (above, below, categories)))


def _differences(segment: Mapping[str, Any], other: Mapping[str, Any] | None) -> dict[str, float]:
    """Standard deviations between the two, for features known of both."""
    theirs = {} if other is None else other["differences"]
    return {
        name: own - (0.0 if other is None else theirs[name])
        for name, own in segment["differences"].items()
        if own is not None and (other is None or theirs.get(name) is not None)
    }


def _pair(
    feature: Mapping[str, Any], segment: Mapping[str, Any], *, other: Mapping[str, Any] | None
) -> tuple[Value, Value]:
    name = feature["name"]
    return segment["typical"][name], feature["everyone"] if other is None else other["typical"][name]


def _is_other(
    feature: Mapping[str, Any], segment: Mapping[str, Any], *, other: Mapping[str, Any] | None
) -> bool:
    own, others = _pair(feature, segment, other=other)
    return None not in (own, others) and own != others


def _gap(own: Value, other: Value) -> float | None:
    numbers = isinstance(own, float | int) and isinstance(other, float | int)
    return own - other if numbers else None  # type: ignore[operator]


def _ratio(own: Value, other: Value, *, unit: str) -> float | None:
    if not isinstance(own, float | int) or not isinstance(other, float | int):
        return None
    if unit not in RATIO_UNITS or own <= 0 or other <= 0:
        return None
    ratio = own / other
    return float(f"{ratio:.2g}") if max(ratio, 1 / ratio) >= LEAST_RATIO else None
