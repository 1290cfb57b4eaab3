"""What reading gives: the Dataset and the account of every row read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from coterie.store import Store

if TYPE_CHECKING:
    import ibis

Role = Literal["transactions", "customers", "events", "feedback"]
ROLES: tuple[Role, ...] = ("transactions", "customers", "events", "feedback")


@dataclass(frozen=True)
class ColumnGuess:
    """What a column of a file was taken to be.

    `column` is its name in the file, `becomes` the canonical column, or the attribute's own name, or
    "" if it is not used; `confidence` is 0-1 (1 = named by the user); `why` is a short reason.
    """

    column: str
    becomes: str
    confidence: float
    why: str


@dataclass(frozen=True)
class FileReport:
    """One file or table: n_read == n_accepted + n_rejected.

    `reasons` counts the rejected rows per reason; `money_total` is the sum of `amount` over accepted
    rows, None for tables without money; `dialect` says in words how the file was read (encoding,
    delimiter, decimal mark, date format ...); `notes` are sentences for the reader.
    """

    source: str
    role: Role
    columns: tuple[ColumnGuess, ...]
    n_read: int
    n_accepted: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    money_total: float | None = None
    dialect: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def n_rejected(self) -> int:
        """Rows that never entered the Dataset."""
        return sum(self.reasons.values())


@dataclass(frozen=True)
class IngestReport:
    """The account of all files: rows read = accepted + rejected.

    `rejected` has the columns source, line (int64, 1-based physical line, or row number for tables
    without lines), column, reason, value (the offending cell, cut to 80 characters).
    """

    files: tuple[FileReport, ...]
    rejected: ibis.Table

    @property
    def rows_read(self) -> int:
        """All data rows found in all files (headers and blank lines do not count)."""
        return sum(f.n_read for f in self.files)

    @property
    def rows_accepted(self) -> int:
        """Rows that entered the Dataset."""
        return sum(f.n_accepted for f in self.files)

    @property
    def rows_rejected(self) -> int:
        """Rows that did not, each with line and reason in `rejected`."""
        return sum(f.n_rejected for f in self.files)


@dataclass(frozen=True)
class Dataset:
    """Up to four tables of canonical columns, as Ibis expressions over Parquet in `store`.

    A canonical column that the files do not have is absent from its table. All tables have
    customer_id (text) and line (int64). transactions: order_id, at (timestamp, UTC), amount
    (float64, always there), quantity, unit_price, product, category, channel, country, row_digest
    (text: equal for rows whose every original cell is equal). customers: one row a customer; any
    further attribute keeps its name, float64 for numbers and text for categories; dates are
    timestamps. events: at, kind, channel, url, value. feedback: at, text, rating, channel.

    `fingerprint` is the SHA-256 of the cells read and the roles they were given.
    """

    store: Store
    report: IngestReport
    fingerprint: str
    transactions: ibis.Table | None = None
    customers: ibis.Table | None = None
    events: ibis.Table | None = None
    feedback: ibis.Table | None = None
    currency: str | None = None
