"""One table as it stands in its file -> typed rows, and every rejected row with its reason."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.errors import InputError
from coterie.sources.dataset import FileReport, Role
from coterie.sources.fields import Field, Plan, plan_fields, settle_notation
from coterie.sources.notation import Notation
from coterie.sources.profile import SAMPLE_ROWS, ColumnProfile, profile_columns
from coterie.sources.raw import RawTable
from coterie.sources.roles import lay_out
from coterie.sources.values import LONGEST_SHOWN, id_collisions
from coterie.store import Store

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from coterie.sources.typed import Problem

REJECTED_COLUMNS = ("source", "line", "column", "reason", "value")

MONEY_TYPE = "decimal(24, 4)"
"""Sums of it are exact to a hundredth of a cent and do not depend on the order of rows."""


@dataclass(frozen=True)
class Kept:
    """The cells of one table in the store, its first rows, and the SHA-256 of all its cells."""

    rows: ibis.Table
    profiles: Sequence[ColumnProfile]
    n_rows: int
    digest: str


@dataclass(frozen=True)
class Told:
    """What the user said about one table: its role, canonical columns by position, its notation."""

    role: Role | None = None
    columns: Mapping[str, int | None] = field(default_factory=dict)
    notation: Notation = field(default_factory=Notation)


@dataclass(frozen=True)
class Ingested:
    """One table after reading: accepted and rejected rows, still in the store, and its account."""

    accepted: ibis.Table
    rejected: ibis.Table
    report: FileReport
    currency: str | None


def keep(raw: RawTable, store: Store, *, name: str) -> Kept:
    """Write the cells of a table to the store as they stream by.

    Raises
    ------
    InputError
        If there are no rows.
    """
    import pyarrow as pa

    cells = [f"c{i}" for i in range(len(raw.columns))]
    schema = pa.schema([("line", pa.int64()), *((cell, pa.string()) for cell in cells)])
    fingerprint = _Fingerprint(len(cells))
    head: list[pa.RecordBatch] = []
    watched = _watched(raw.batches, schema, fingerprint=fingerprint, head=head)
    rows = store.write_batches(name, schema, batches=watched)
    if fingerprint.n_rows == 0:
        raise InputError(
            "No row could be used" if raw.rejected else "The table has a header but no rows",
            where=raw.source,
            to_do=f"The first line is rejected because: {raw.rejected[0].reason}" if raw.rejected else "",
        )
    sample = pa.Table.from_batches(head, schema)
    return Kept(rows, profile_columns(sample, raw.columns), fingerprint.n_rows, fingerprint.hexdigest())


class _Fingerprint:
    """SHA-256 over cells, column by column, so that it does not depend on the size of batches."""

    def __init__(self, n_columns: int) -> None:
        self.n_rows = 0
        self._bytes = [hashlib.sha256() for _ in range(n_columns)]
        self._lengths = [hashlib.sha256() for _ in range(n_columns)]

    def add(self, batch: pa.RecordBatch) -> None:
        import pyarrow.compute as pc

        self.n_rows += batch.num_rows
        for i, (content, lengths) in enumerate(zip(self._bytes, self._lengths, strict=True), start=1):
            cells = batch.column(i)
            content.update(_content(cells))
            length = pc.fill_null(pc.binary_length(cells), -1)
            lengths.update(length.to_numpy(zero_copy_only=False).tobytes())

    def hexdigest(self) -> str:
        whole = hashlib.sha256()
        for part in (*self._bytes, *self._lengths):
            whole.update(part.digest())
        return whole.hexdigest()


def _content(cells: pa.StringArray) -> memoryview | bytes:
    """All characters of a text array, one cell after the other."""
    import numpy as np

    _, offsets, data = cells.buffers()
    if data is None:
        return b""
    first, last = np.frombuffer(offsets, dtype=np.int32)[[cells.offset, cells.offset + len(cells)]]
    return memoryview(data)[int(first) : int(last)]


def _watched(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    *,
    fingerprint: _Fingerprint,
    head: list[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """The batches, fingerprinted, the first ones remembered."""
    for batch in batches:
        batch = batch.rename_columns(schema.names).cast(schema)
        if fingerprint.n_rows < SAMPLE_ROWS:
            head.append(batch.slice(0, SAMPLE_ROWS - fingerprint.n_rows))
        fingerprint.add(batch)
        yield batch


def ingest(raw: RawTable, kept: Kept, *, told: Told, store: Store, name: str) -> Ingested:
    """Type the rows of a table and part the accepted from the rejected.

    Parameters
    ----------
    raw, kept : RawTable, Kept
        The table and what `keep` made of it.
    told : Told
    store : Store
    name : str
        The typed rows, accepted and rejected, are stored under this name.

    Returns
    -------
    Ingested

    Raises
    ------
    SchemaError
        If a required column is missing, or dates, numbers or currencies are ambiguous.
    InputError
        If no row could be accepted.
    """
    layout = lay_out(kept.profiles, source=raw.source, told=told.columns, role=told.role)
    plan = plan_fields(kept.profiles, layout)
    settle_notation(plan, kept.rows, profiles=kept.profiles, notation=told.notation, source=raw.source)
    typed, problems = _typed(kept, plan, role=layout.role, store=store, name=name)
    reasons = _count_reasons(typed, problems, raw=raw)
    accepted = typed.filter(typed.problem == 0).drop("problem", "value_shown")
    n_read = kept.n_rows + len(raw.rejected)
    if sum(reasons.values()) == n_read:
        most = max(reasons, key=lambda reason: reasons[reason])
        raise InputError("No row could be used", where=raw.source, to_do=f"Most are rejected for: {most}")
    report = FileReport(
        source=raw.source,
        role=layout.role,
        columns=tuple(plan.guesses),
        n_read=n_read,
        n_accepted=n_read - sum(reasons.values()),
        reasons=reasons,
        money_total=_money_total(accepted) if layout.role == "transactions" else None,
        dialect={**raw.dialect, **plan.dialect},
        notes=(*raw.notes, *plan.notes, *_id_notes(kept.rows, plan.fields)),
    )
    rejected = _rejected(typed, problems, raw=raw, store=store, name=name)
    return Ingested(accepted, rejected, report, plan.currency)


def _typed(
    kept: Kept, plan: Plan, *, role: Role, store: Store, name: str
) -> tuple[ibis.Table, list[Problem]]:
    from coterie.sources.typed import judged, parsed, unreadable

    rows = parsed(kept.rows, plan.fields, role=role, n_cells=len(kept.profiles))
    typed, problems = judged(rows, plan.fields, role=role)
    if lost := unreadable(rows, plan.fields):
        [counts] = rows.aggregate(**lost).to_pyarrow().to_pylist()
        plan.notes += [
            f"{n} cells of {field_name!r} could not be read and count as missing"
            for field_name, n in counts.items()
            if n
        ]
    return store.write(name, typed), problems


def _count_reasons(typed: ibis.Table, problems: Sequence[Problem], *, raw: RawTable) -> dict[str, int]:
    """Rejected rows per reason, the most common first."""
    counts = Counter(line.reason for line in raw.rejected)
    found = typed.group_by("problem").aggregate(n=lambda t: t.count()).to_pyarrow().to_pylist()
    for row in found:
        if row["problem"]:
            counts[problems[row["problem"] - 1].reason] += row["n"]
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _money_total(accepted: ibis.Table) -> float:
    return float(accepted.amount.cast(MONEY_TYPE).sum().to_pyarrow().as_py())


def _id_notes(rows: ibis.Table, fields: Sequence[Field]) -> list[str]:
    """Which customer ids fall together, or nearly."""
    for one in fields:
        if one.name == "customer_id":
            [n] = rows.aggregate(**id_collisions(rows, one.cell)).to_pyarrow().to_pylist()
            joined, near = n["n_raw"] - n["n_ids"], n["n_ids"] - n["n_folded"]
            notes = [(joined, "customer ids differ only by spaces or invisible characters and were joined")]
            notes += [(near, "customer ids differ from another only by capital letters and stay apart")]
            return [f"{count} {sentence}" for count, sentence in notes if count]
    return ["No column identifies the customer: each row is one, its number in the file is the id"]


def _rejected(
    typed: ibis.Table, problems: Sequence[Problem], *, raw: RawTable, store: Store, name: str
) -> ibis.Table:
    """Rejected rows with source, line, column, reason and value, by line."""
    import ibis
    import pyarrow as pa

    unsplit = pa.table(
        {
            "line": pa.array([line.line for line in raw.rejected], pa.int64()),
            "column": pa.array([""] * len(raw.rejected), pa.string()),
            "reason": pa.array([line.reason for line in raw.rejected], pa.string()),
            "value": pa.array([line.value[:LONGEST_SHOWN] for line in raw.rejected], pa.string()),
        }
    )
    lines = store.write_batches(f"{name}_unsplit", unsplit.schema, batches=unsplit.to_batches())
    both = ibis.union(_judged(typed, problems), lines) if problems else lines
    return both.mutate(source=ibis.literal(raw.source)).select(*REJECTED_COLUMNS).order_by("line")


def _judged(typed: ibis.Table, problems: Sequence[Problem]) -> ibis.Table:
    rows = typed.filter(typed.problem > 0)
    numbered = list(enumerate(problems, start=1))
    return rows.select(
        line=rows.line,
        column=rows.problem.cases(*((i, p.field.header) for i, p in numbered)),
        reason=rows.problem.cases(*((i, p.reason) for i, p in numbered)),
        value=rows.value_shown,
    )
