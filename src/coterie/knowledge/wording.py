"""Features and figures in words a marketer uses."""

from __future__ import annotations

from collections.abc import Mapping

from coterie.features import FeatureSpec, label, percent

HIGH_AND_LOW: Mapping[str, tuple[str, str]] = {
    "recency_days": ("long quiet", "recent"),
    "n_orders": ("many orders", "few orders"),
    "tenure_days": ("long-standing", "joined lately"),
    "mean_basket": ("big baskets", "small baskets"),
    "items_per_order": ("many items", "few items"),
    "gap_mean_days": ("slow to reorder", "quick to reorder"),
    "gap_std_days": ("irregular", "regular"),
    "n_products": ("wide range", "narrow range"),
    "return_share": ("many returns", "few returns"),
    "weekend_share": ("weekend buyers", "weekday buyers"),
    "evening_share": ("evening buyers", "daytime buyers"),
    "n_events": ("active online", "quiet online"),
    "n_feedback": ("many reviews", "few reviews"),
    "age_years": ("older", "younger"),
    "age": ("older", "younger"),
}

YES = frozenset({"yes", "y", "true", "t", "1", "1.0"})
NO = frozenset({"no", "n", "false", "f", "0", "0.0"})
SELF_EXPLAINING = frozenset({"gender", "sex", "city", "region", "country"})
"""Categories whose levels are understood without the name of the category."""

MIN_RATIO = 1.2
"""Below this multiple two medians are told side by side and not as a ratio."""


def figure(value: float, unit: str, *, currency: str | None = None) -> str:
    """A number as it is read: three significant digits, thousands parted, shares as percent."""
    if unit == "share":
        return percent(value)
    decimals = 0 if abs(value) >= 50 or float(value).is_integer() else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    return f"{currency} {text}" if unit == "money" and currency else text


def number_sentence(
    spec: FeatureSpec, members: float, *, everyone: float, currency: str | None = None
) -> str:
    """The median of the members beside everyone's.

    Examples
    --------
    >>> orders = FeatureSpec("n_orders", "orders", "", "transactions", label="orders")
    >>> number_sentence(orders, 7, everyone=3)
    "orders 2.3x the typical customer's (7, everyone: 3)"
    """
    own, all_of_them = (
        figure(members, spec.unit, currency=currency),
        figure(everyone, spec.unit, currency=currency),
    )
    if spec.name == "recency_days":
        return f"last bought {own} {'day' if own == '1' else 'days'} ago (everyone: {all_of_them})"
    if spec.unit in ("orders", "money", "count") and members > 0 and everyone > 0:
        ratio = members / everyone
        if max(ratio, 1 / ratio) >= MIN_RATIO:
            return f"{label(spec)} {_times(ratio)} the typical customer's ({own}, everyone: {all_of_them})"
    return f"{label(spec)} {own} (everyone: {all_of_them})"


def _times(ratio: float) -> str:
    return f"{float(f'{ratio:.2g}'):g}x"


def category_sentence(spec: FeatureSpec, level: str, *, shares: tuple[float, float]) -> str:
    """The share of a level among members beside everyone's: "country Spain: 40% (everyone: 13%)"."""
    return f"{label(spec)} {level}: {percent(shares[0])} (everyone: {percent(shares[1])})"


def reads_by_itself(spec: FeatureSpec) -> bool:
    """Whether there are words of their own for a high and a low value."""
    return spec.name.lower() in HIGH_AND_LOW


def high_or_low(spec: FeatureSpec, *, high: bool) -> str:
    """Two or three words for a number that is high or low: "big baskets", "low annual income"."""
    if reads_by_itself(spec):
        return HIGH_AND_LOW[spec.name.lower()][0 if high else 1]
    return f"{'high' if high else 'low'} {label(spec)}"


def having(spec: FeatureSpec, level: str) -> str:
    """Two or three words for having a level: "contract two year", "no partner", "Spain"."""
    if level.lower() in YES | NO:
        return label(spec) if level.lower() in YES else f"no {label(spec)}"
    return level if spec.name.lower() in SELF_EXPLAINING else f"{label(spec)} {level}"


def sentence_case(text: str) -> str:
    """The text with its first letter upper case.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return text[:1].upper() + text[1:]
