"""A look into a file before it is imported: its first rows, and what they are taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.errors import SchemaError
from coterie.sources import dates
from coterie.sources.dataset import ColumnGuess, Role
from coterie.sources.fields import Plan, plan_fields
from coterie.sources.ingest import Told
from coterie.sources.notation import Notation
from coterie.sources.open import open_raw
from coterie.sources.profile import SAMPLE_ROWS, ColumnProfile, profile_columns
from coterie.sources.raw import RawTable
from coterie.sources.read import GivenTable, InputOptions, told_of
from coterie.sources.roles import Layout, lay_out, match_columns

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN_ROWS = 20
LONGEST_CELL = 80
"""Characters of a cell that are shown."""


@dataclass(frozen=True)
class FilePreview:
    """A file as its first rows show it.

    Attributes
    ----------
    role : Role
    columns : tuple of ColumnGuess
        One for each column of the file.
    rows : tuple of rows
        The first ones, cells cut to `LONGEST_CELL`; None = no value.
    n_rows : int
        Rows looked at; all there are if `is_whole`.
    is_whole : bool
    dates : mapping of str to sequence of str
        By column the formats its dates may have; more than one if the rows looked at leave it open.
    notes : tuple of str
    problem : str
        Why it cannot be imported as it stands; empty if nothing is in the way.
    """

    role: Role
    columns: tuple[ColumnGuess, ...]
    rows: tuple[tuple[str | None, ...], ...]
    n_rows: int
    is_whole: bool
    dates: Mapping[str, Sequence[str]]
    notes: tuple[str, ...]
    problem: str


def preview(table: GivenTable, *, options: InputOptions) -> FilePreview:
    """Look into a file without importing it.

    Parameters
    ----------
    table : GivenTable
    options : InputOptions

    Returns
    -------
    FilePreview

    Raises
    ------
    InputError
        If the file cannot be read at all.
    """
    raw = open_raw(table.source, encoding=options.encoding, settings=options.settings)
    sample, is_whole = _beginning(raw)
    profiles = profile_columns(sample, raw.columns)
    told, problem = _told(raw, table, options=options)
    layout, missing = _layout(profiles, raw.source, told=told)
    plan = plan_fields(profiles, layout)
    written = _dates(plan, profiles, notation=told.notation)
    return FilePreview(
        role=layout.role,
        columns=tuple(plan.guesses),
        rows=_shown(sample),
        n_rows=sample.num_rows,
        is_whole=is_whole,
        dates={name: [form.name for form in forms] for name, forms in written.items()},
        notes=(*raw.notes, *plan.notes),
        problem=problem or missing or (_open_order(written) if is_whole else ""),
    )


def _beginning(raw: RawTable) -> tuple[pa.Table, bool]:
    """The rows that roles are decided from, and whether there are no more."""
    import pyarrow as pa

    head: list[pa.RecordBatch] = []
    names = ["line", *(f"c{i}" for i in range(len(raw.columns)))]
    n_left = SAMPLE_ROWS
    for batch in raw.batches:
        head.append(batch.rename_columns(names).slice(0, n_left))
        n_left -= batch.num_rows
        if n_left <= 0:
            break
    return pa.Table.from_batches(head), n_left > 0


def _told(raw: RawTable, table: GivenTable, *, options: InputOptions) -> tuple[Told, str]:
    """What the user said, as far as it fits this table, and what does not."""
    try:
        return told_of([raw], [table], options=options)[0], ""
    except SchemaError as failure:
        role = table.role or (None if raw.has_header else "transactions")
        return Told(role, {}, Notation(options.date_order, options.decimal, options.time_zone)), failure.what


def _layout(profiles: Sequence[ColumnProfile], source: str, *, told: Told) -> tuple[Layout, str]:
    """The role and the columns, and what is missing."""
    try:
        return lay_out(profiles, source=source, told=told.columns, role=told.role), ""
    except SchemaError as failure:
        role = told.role or "transactions"
        return Layout(role, match_columns(profiles, role, told=told.columns)), failure.what


def _dates(
    plan: Plan, profiles: Sequence[ColumnProfile], *, notation: Notation
) -> dict[str, list[dates.DateFormat]]:
    written = {}
    for one in plan.fields:
        if one.kind == "date":
            values = profiles[int(one.cell[1:])].values
            written[one.header] = dates.likely(values, dates.candidates(values, notation.date_order))
    return written


def _open_order(written: Mapping[str, Sequence[dates.DateFormat]]) -> str:
    for name, forms in written.items():
        if len({form.order for form in forms}) > 1:
            return f"The dates in {name!r} can be read with the day or with the month first"
    return ""


def _shown(sample: pa.Table) -> tuple[tuple[str | None, ...], ...]:
    columns = [column.to_pylist() for column in sample.slice(0, SHOWN_ROWS).columns[1:]]
    return tuple(tuple(map(_cut, row)) for row in zip(*columns, strict=True))


def _cut(cell: str | None) -> str | None:
    return cell if cell is None or len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - 1] + "…"
