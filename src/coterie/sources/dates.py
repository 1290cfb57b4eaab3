"""Dates as people write them: one format per column, chosen by which reads most cells.

A cell that fits the format is rewritten with the date in ISO order and then read by one path, so times,
fractions, AM/PM and zones work alike for every format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from coterie.sources.notation import DateOrder
from coterie.sources.values import is_missing

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, NumericScalar, StringValue, TimestampValue

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""A date outside these years is a slip of the keyboard (or a filler like 9999-12-31)."""

AHEAD = timedelta(days=1)
"""A local time may be up to fourteen hours ahead of the clock that is read here."""

TWO_DIGIT_PIVOT = "69"
"""Two-digit years from here on belong to the last century, as in POSIX strptime."""

_TIME = r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)"
_HALF = r"([AaPp][Mm])"
_ZONE = r"(Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)"
_REST = rf"(?:(?:T|,?\s+){_TIME}(?:\s*{_HALF})?(?:\s*{_ZONE})?)?$"  # groups 4, 5 and 6
_ENDS_WITH_ZONE = rf":[0-9.]+\s*{_ZONE}$"
_ENDS_WITH_HALF = rf":[0-9.]+\s*{_HALF}$"
_DAY, _YEAR, _SHORT_YEAR = "([0-9]{1,2})", "([0-9]{4})", "([0-9]{2})"
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?i)^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_SECONDS_A_DAY = 86_400
_EXCEL_ZERO_DAY = 25_569  # 1 January 1970 as an Excel serial


@dataclass(frozen=True)
class DateFormat:
    """One way of writing dates.

    `name` is the strptime layout of the date part, or words. `pattern` matches a whole cell with groups
    1-3 for the date, 4 time, 5 AM/PM, 6 zone; `iso` puts the date groups in ISO order. `order` is set
    where the same text could be read in another order. `between` bounds plain numbers (serials), of
    which `per_day` make a day and `zero` stands for 1 January 1970.
    """

    name: str
    pattern: str = ""
    iso: str = r"\1-\2-\3"
    order: DateOrder | None = None
    month_group: int = 0
    per_day: float = 0
    zero: float = 0
    between: tuple[float, float] = (0, 0)
    has_zone: bool = False
    has_half: bool = False
    time_zone: str = "UTC"

    @property
    def is_serial(self) -> bool:
        """Whether cells are plain numbers that count days or seconds."""
        return self.per_day > 0


def _separated(mark: str) -> Iterable[DateFormat]:
    head = f"^{_DAY}{re.escape(mark)}{_DAY}{re.escape(mark)}"
    for year, width in ((_YEAR, "Y"), (_SHORT_YEAR, "y")):
        pattern = head + year + _REST
        yield DateFormat(f"%d{mark}%m{mark}%{width}", pattern, r"\3-\2-\1", "dmy")
        yield DateFormat(f"%m{mark}%d{mark}%{width}", pattern, r"\3-\1-\2", "mdy")
    short = f"^{_SHORT_YEAR}{re.escape(mark)}{_DAY}{re.escape(mark)}{_DAY}{_REST}"
    yield DateFormat(f"%y{mark}%m{mark}%d", short, r"\1-\2-\3", "ymd")
    if mark != "-":
        year_first = f"^{_YEAR}{re.escape(mark)}{_DAY}{re.escape(mark)}{_DAY}{_REST}"
        yield DateFormat(f"%Y{mark}%m{mark}%d", year_first)


def _with_month_names() -> Iterable[DateFormat]:
    for year, width in ((_YEAR, "Y"), (_SHORT_YEAR, "y")):
        day_first = rf"{_WEEKDAY}{_DAY}(?:st|nd|rd|th)?[-\s./]+{_MONTH}[-\s,./]+{year}{_REST}"
        yield DateFormat(f"%d %b %{width}", day_first, r"\3-@-\1", month_group=2)
        month_first = rf"{_WEEKDAY}{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{year}{_REST}"
        yield DateFormat(f"%b %d, %{width}", month_first, r"\3-@-\2", month_group=1)


ISO_8601 = DateFormat("%Y-%m-%d", f"^{_YEAR}-{_DAY}-{_DAY}{_REST}")
"""The format the engine reads by itself."""

WRITTEN: tuple[DateFormat, ...] = (
    ISO_8601,
    *(f for mark in "/.-" for f in _separated(mark)),
    *_with_month_names(),
)
"""Formats that show by themselves that a cell is a date."""

NUMERIC: tuple[DateFormat, ...] = (
    DateFormat("%Y%m%d", f"^([12][0-9]{{3}})([01][0-9])([0-3][0-9]){_REST}"),
    DateFormat("Excel days", per_day=1, zero=_EXCEL_ZERO_DAY, between=(20_000, 80_000)),
    DateFormat("Unix seconds", per_day=_SECONDS_A_DAY, between=(1e8, 4.2e9)),
    DateFormat("Unix milliseconds", per_day=_SECONDS_A_DAY * 1e3, between=(1e11, 4.2e12)),
)
"""Formats that may also be plain numbers: tried only where the name or the user says it is a date."""

_COMPILED = {f.name: re.compile(f.pattern) for f in (*WRITTEN, *NUMERIC) if not f.is_serial}


def looks_like_date(cell: str) -> bool:
    """Whether a cell can hardly be anything but a date."""
    return any(_fits(cell, form) for form in WRITTEN)


def candidates(cells: Iterable[str], date_order: DateOrder | None) -> list[DateFormat]:
    """The formats that fit at least one cell, given the order of day, month and year if it is known."""
    cells = list(cells)
    forms = [form for form in (*WRITTEN, *NUMERIC) if any(_fits(cell, form) for cell in cells)]
    allowed = (date_order,) if date_order else ("dmy", "mdy")
    fitting = [form for form in forms if form.order is None or form.order in allowed]
    return fitting or [form for form in forms if form.order != "ymd"]


def _fits(cell: str, form: DateFormat) -> bool:
    if not form.is_serial:
        return _COMPILED[form.name].match(cell) is not None
    try:
        return form.between[0] <= float(cell) <= form.between[1]
    except ValueError:
        return False


def likely(cells: Iterable[str], forms: Sequence[DateFormat]) -> list[DateFormat]:
    """Of some formats those that read most of a few cells; more than one if these leave it open."""
    cells = list(cells)
    n_read = [sum(_names_a_day(cell, form) for cell in cells) for form in forms]
    return [form for form, n in zip(forms, n_read, strict=True) if n == max(n_read)]


def _names_a_day(cell: str, form: DateFormat) -> bool:
    found = None if form.is_serial else _COMPILED[form.name].match(cell)
    if found is None or form.month_group:
        return _fits(cell, form)
    _, month, day = found.expand(form.iso).split("-")
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def evidence(x: StringValue, forms: Sequence[DateFormat]) -> dict[str, NumericScalar]:
    """Counts over a column that decide among candidate formats.

    Keys: n_filled, n_zoned, n_halves (cells with AM or PM); n_<i>: cells that format i reads;
    differ_<i>_<j>: cells that i and j read as different days.
    """
    filled = ~is_missing(x)
    counts = {
        "n_filled": filled.sum(),
        "n_zoned": x.re_search(_ENDS_WITH_ZONE).sum(),
        "n_halves": x.re_search(_ENDS_WITH_HALF).sum(),
    }
    read = [timestamp(x, form) for form in forms]
    for i, first in enumerate(read):
        counts[f"n_{i}"] = (filled & _plausible(first)).sum()
        for j in range(i):
            if forms[i].order and forms[i].pattern == forms[j].pattern:
                counts[f"differ_{j}_{i}"] = (first != read[j]).sum()
    return counts


def choose(forms: Sequence[DateFormat], counts: Mapping[str, int]) -> tuple[DateFormat, bool]:
    """The format that reads most cells, and whether another order would read as many, differently."""
    best = max(range(len(forms)), key=lambda i: (counts[f"n_{i}"], -i))
    rivals = [
        i
        for i in range(len(forms))
        if counts[f"n_{i}"] == counts[f"n_{best}"]
        and counts.get(f"differ_{min(i, best)}_{max(i, best)}", 0) > 0
    ]
    form = replace(forms[best], has_zone=counts["n_zoned"] > 0, has_half=counts["n_halves"] > 0)
    return form, bool(rivals)


def timestamp(x: StringValue, form: DateFormat) -> TimestampValue:
    """A cell as UTC time without zone; null if it does not fit the format.

    A time without a zone is taken to be in `form.time_zone`; a date without a time stays that day.
    """
    import ibis

    from coterie.sources.engine_functions import timezone, try_strptime

    cell = x.strip()
    if form.is_serial:
        return _from_serial(cell, form)
    iso = _in_iso_order(cell, form)
    local = iso.try_cast("timestamp")
    if form.has_half:
        layouts = ("%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p")
        local = ibis.coalesce(*(try_strptime(iso, layout) for layout in layouts), local)
    value = local
    if form.time_zone != "UTC":
        value = ibis.ifelse(cell.contains(":"), timezone("UTC", timezone(form.time_zone, local)), local)
    if form.has_zone:
        aware = timezone("UTC", iso.try_cast('timestamp("UTC")'))
        value = ibis.ifelse(cell.re_search(_ENDS_WITH_ZONE), aware, value)
    return ibis.ifelse(cell.re_search(form.pattern), value, ibis.null("timestamp"))


def _in_iso_order(cell: StringValue, form: DateFormat) -> StringValue:
    import ibis

    if form.name == ISO_8601.name and not form.has_half:
        return cell
    rest = r" \4 \5" if form.has_half else r" \4\6"
    iso = cell.re_replace(form.pattern, form.iso + rest)
    if form.month_group:
        name = cell.re_extract(form.pattern, form.month_group).left(3).lower()
        month = ibis.literal(_MONTHS).find(name) / 3 + 1
        iso = iso.replace("@", month.cast("int64").cast("string"))
    if form.name.count("%y"):
        iso = ibis.ifelse(iso < TWO_DIGIT_PIVOT, "20", "19") + iso
    return iso.strip()


def _from_serial(cell: StringValue, form: DateFormat) -> TimestampValue:
    import ibis

    from coterie.sources.engine_functions import make_timestamp

    value = cell.try_cast("float64")
    seconds = ((value - form.zero) / form.per_day * _SECONDS_A_DAY).round()
    fits = value.between(*form.between)
    return make_timestamp((ibis.ifelse(fits, seconds, ibis.null("float64")) * 1e6).cast("int64"))


def _plausible(at: TimestampValue) -> BooleanValue:
    return at.year().between(FIRST_YEAR, LAST_YEAR)


def is_out_of_range(at: TimestampValue) -> BooleanValue:
    """Whether a date lies in a year nobody means."""
    return at.notnull() & ~_plausible(at)


def is_in_the_future(at: TimestampValue) -> BooleanValue:
    """Whether a moment has not come yet anywhere on earth: no order, visit or review can be of then."""
    return at > datetime.now(UTC).replace(tzinfo=None) + AHEAD
