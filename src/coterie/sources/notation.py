"""What a user may say about how numbers and dates are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DateOrder = Literal["dmy", "mdy", "ymd"]
DecimalMark = Literal[".", ","]


@dataclass(frozen=True)
class Notation:
    """How cells are written; None = find out."""

    date_order: DateOrder | None = None
    decimal: DecimalMark | None = None
    time_zone: str | None = None
