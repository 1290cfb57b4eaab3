"""The account of reading and cleaning a dataset, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from coterie.web.corrections import COLUMN_WORDS, ROLE_WORDS
from coterie.web.numbers import number

MINUTE_LENGTH = len("2026-01-31 12:00")
KINDS = {"number": "Number", "text": "Text", "date": "Date", "boolean": "Yes or no"}


@dataclass(frozen=True)
class ColumnLine:
    """One column with its gaps and its outliers; shares are 0-1."""

    name: str
    kind: str
    n_rows: int
    n_missing: int
    missing_share: float
    n_distinct: int
    minimum: str
    maximum: str
    n_outliers: int | None
    outlier_share: float


@dataclass(frozen=True)
class QualityView:
    """What became of every row.

    Attributes
    ----------
    n_read, n_accepted, n_rejected : int
    currency : str or None
    reasons : list of (reason, rows, share of the rejected, 0-1)
    files : list of mapping
        The account of each file.
    steps : list of mapping
        What cleaning dropped or changed.
    quiet_steps : list of str
        What it looked for in vain.
    tables : list of (words, list of ColumnLine)
    notes : list of str
    """

    n_read: int
    n_accepted: int
    n_rejected: int
    currency: str | None
    reasons: list[tuple[str, int, float]]
    files: Sequence[Mapping[str, Any]]
    steps: list[Mapping[str, Any]]
    quiet_steps: list[str]
    tables: list[tuple[str, list[ColumnLine]]]
    notes: list[str]


def quality_view(report: Mapping[str, Any], quality: Mapping[str, Any]) -> QualityView:
    """Put the accounts of reading and of cleaning together.

    Parameters
    ----------
    report, quality : mapping
        Of a `DatasetRecord`.

    Returns
    -------
    QualityView
    """
    steps = quality["steps"]
    did = [step for step in steps if step["n_dropped"] or step["n_changed"]]
    return QualityView(
        n_read=report["rows_read"],
        n_accepted=report["rows_accepted"],
        n_rejected=report["rows_rejected"],
        currency=report["currency"],
        reasons=_reasons(report),
        files=[{**file, "role_words": ROLE_WORDS[file["role"]]} for file in report["files"]],
        steps=did,
        quiet_steps=[step["name"] for step in steps if step not in did],
        tables=[
            (ROLE_WORDS[table], [_line(column) for column in columns])
            for table, columns in groupby(quality["columns"], key=lambda column: column["table"])
        ],
        notes=[*(note for file in report["files"] for note in file["notes"]), *quality["notes"]],
    )


def _reasons(report: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    counts: dict[str, int] = {}
    for file in report["files"]:
        for reason, n in file["reasons"].items():
            counts[reason] = counts.get(reason, 0) + n
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(reason, n, n / report["rows_rejected"]) for reason, n in most_first]


def _line(column: Mapping[str, Any]) -> ColumnLine:
    n_rows, n_outliers = column["n_rows"], column["n_outliers"]
    return ColumnLine(
        name=COLUMN_WORDS.get(column["column"], column["column"]),
        kind=KINDS.get(column["kind"], column["kind"]),
        n_rows=n_rows,
        n_missing=column["n_missing"],
        missing_share=column["n_missing"] / n_rows if n_rows else 0.0,
        n_distinct=column["n_distinct"],
        minimum=_shown(column["minimum"], column["kind"]),
        maximum=_shown(column["maximum"], column["kind"]),
        n_outliers=n_outliers,
        outlier_share=(n_outliers or 0) / n_rows if n_rows else 0.0,
    )


def _shown(value: str, kind: str) -> str:
    """A bound of a column: numbers as the visitor writes them, moments to the minute."""
    if kind == "number" and value:
        return number(float(value))
    return value[:MINUTE_LENGTH] if kind == "date" else value
