"""Sources of any kind -> one Dataset with the account of every row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from coterie.errors import ParameterError, SchemaError
from coterie.jobs import Progress, ignore_progress
from coterie.settings import Settings
from coterie.sources.dataset import Dataset, IngestReport, Role
from coterie.sources.ingest import Ingested, Kept, Told, ingest, keep
from coterie.sources.names import SYNONYMS
from coterie.sources.notation import DateOrder, DecimalMark, Notation
from coterie.sources.raw import RawTable
from coterie.sources.roles import positions_told
from coterie.store import Store

if TYPE_CHECKING:
    import ibis

_EVERY_CANONICAL = sorted({name for columns in SYNONYMS.values() for name in columns})


@dataclass(frozen=True)
class InputOptions:
    """What the user says about the files, instead of leaving it to be found out.

    Attributes
    ----------
    mapping : mapping of str to str
        Canonical column -> name of the file's column, "#3" for the third column, "-" for none.
    date_order : {"dmy", "mdy", "ymd"} or None
        Order of day, month and year in numeric dates.
    encoding : str or None
        Encoding of text files.
    decimal : {".", ","} or None
        The decimal mark where a column leaves it open.
    time_zone : str or None
        IANA name of the zone of times that name none; None means UTC.
    settings : Settings
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    encoding: str | None = None
    decimal: DecimalMark | None = None
    time_zone: str | None = None
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        _one_of(self.date_order, get_args(DateOrder), flag="--date-order")
        _one_of(self.decimal, get_args(DecimalMark), flag="--decimal")
        if self.time_zone is not None:
            _check_zone(self.time_zone)
        _check_canonical(self.mapping)


@dataclass(frozen=True)
class GivenTable:
    """One source, and what the user says about it alone.

    Attributes
    ----------
    source : path, str or frame
    role : Role or None
        None leaves it to be found out.
    mapping : mapping of str to str
        As in `InputOptions`, which it goes before.
    """

    source: Any
    role: Role | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_canonical(self.mapping)


def read(
    *sources: Any,
    customers: Any = None,
    events: Any = None,
    feedback: Any = None,
    options: InputOptions | None = None,
    store: Store | None = None,
    progress: Progress = ignore_progress,
) -> Dataset:
    """Read files, databases or frames into a Dataset.

    Parameters
    ----------
    *sources : path, str or frame
        Files, "file.duckdb::table", "book.xlsx::Sheet", "postgresql://...?table=schema.name", or pandas,
        polars or pyarrow tables. Their roles are guessed, unless a `GivenTable` names them; several tables
        of orders are appended.
    customers, events, feedback : path, str or frame, optional
        Tables whose role is given.
    options : InputOptions, optional
    store : Store, optional
        Where the rows are kept. Default: a temporary one.
    progress : Progress

    Returns
    -------
    Dataset

    Raises
    ------
    SchemaError
        If a required column is missing or a mapping names an unknown one, or if dates, numbers or
        currencies are ambiguous.
    InputError
        If a source cannot be read or holds no usable row.
    NotFoundError
        If a file or table does not exist.

    Examples
    --------
    >>> dataset = read("orders.csv", options=InputOptions(date_order="dmy"))  # doctest: +SKIP
    >>> dataset.report.rows_accepted, dataset.report.rows_rejected  # doctest: +SKIP
    (406829, 135080)
    """
    options = options or InputOptions()
    given = [source if isinstance(source, GivenTable) else GivenTable(source) for source in sources]
    named: tuple[tuple[Any, Role], ...] = (
        (customers, "customers"),
        (events, "events"),
        (feedback, "feedback"),
    )
    given += [GivenTable(source, role) for source, role in named if source is not None]
    if not given:
        raise ParameterError("There is nothing to read", to_do="Name at least one file")
    store = store or Store(settings=options.settings)
    tables: list[tuple[RawTable, Kept]] = []
    for i, one in enumerate(given):
        progress("Reading", i / len(given) / 2)
        raw = _open(one.source, options)
        tables.append((raw, keep(raw, store, name=f"raw_{i}")))
    told = told_of([raw for raw, _ in tables], given, options=options)
    parts = []
    for i, ((raw, kept), of_table) in enumerate(zip(tables, told, strict=True)):
        progress("Reading", 0.5 + i / len(given) / 2)
        parts.append(ingest(raw, kept, told=of_table, store=store, name=f"typed_{i}"))
    dataset = _assembled(parts, [kept for _, kept in tables], store=store)
    _tidy(store, len(given))
    progress("Reading", 1.0)
    return dataset


def _open(source: Any, options: InputOptions) -> RawTable:
    from coterie.sources.open import open_raw

    if isinstance(source, RawTable):
        return source
    return open_raw(source, encoding=options.encoding, settings=options.settings)


def told_of(raws: Sequence[RawTable], given: Sequence[GivenTable], *, options: InputOptions) -> list[Told]:
    """What the user's options say about each table.

    Raises
    ------
    SchemaError
        If a mapping names a column no table has, or a table without header has no mapping.
    """
    notation = Notation(options.date_order, options.decimal, options.time_zone)
    # "#3" is meant for tables without a header; if all have one, for those whose role is open.
    bare = [not raw.has_header for raw in raws]
    numbered = bare if any(bare) else [one.role is None for one in given]
    told = []
    for raw, one, by_number in zip(raws, given, numbered, strict=True):
        own = positions_told(one.mapping, raw.columns, numbered=True)
        _check_found(one.mapping, own, raws=[raw])
        common = positions_told(options.mapping, raw.columns, numbered=by_number)
        told.append(Told(one.role, {**common, **own}, notation))
    _check_found(options.mapping, {canonical for one in told for canonical in one.columns}, raws=raws)
    for raw, of_table in zip(raws, told, strict=True):
        if not raw.has_header and not of_table.columns:
            raise SchemaError(
                f"The table has no header line, so nothing says what its columns ({len(raw.columns)}) are",
                where=raw.source,
                to_do="Name them by number, for example --map customer_id=#1 --map at=#2 --map amount=#3",
            )
    return told


def _check_found(mapping: Mapping[str, str], found: Container[str], *, raws: Sequence[RawTable]) -> None:
    for canonical, wanted in mapping.items():
        if canonical not in found:
            raise SchemaError(
                f"There is no column {wanted!r} to take as {canonical}",
                where=", ".join(raw.source for raw in raws),
                to_do=f"Correct --map {canonical}={wanted}; the columns found are {_columns_of(raws)}",
            )


def _check_canonical(mapping: Mapping[str, str]) -> None:
    for canonical in mapping:
        if canonical not in _EVERY_CANONICAL:
            raise SchemaError(
                f"There is no canonical column named {canonical!r}",
                where="--map",
                to_do=f"Choose from: {', '.join(_EVERY_CANONICAL)}",
            )


def _columns_of(raws: Iterable[RawTable]) -> str:
    names = [repr(name[:60]) for raw in raws for name in raw.columns]
    return ", ".join(names[:40]) + (f" and {len(names) - 40} more" if len(names) > 40 else "")


def _assembled(parts: Sequence[Ingested], kept: Sequence[Kept], *, store: Store) -> Dataset:
    """Join the parts of each role, and all rejected rows."""
    by_role: dict[Role, list[Ingested]] = {}
    for part in parts:
        by_role.setdefault(part.report.role, []).append(part)
    if len(by_role.get("customers", [])) > 1:
        raise SchemaError(
            "There are several tables of customers",
            where=", ".join(part.report.source for part in by_role["customers"]),
            to_do="Name one of them; if another holds orders, use --map to say what its columns are",
        )
    tables = {role: _appended([part.accepted for part in of_role]) for role, of_role in by_role.items()}
    rejected = store.write("rejected", _appended([part.rejected for part in parts]))
    return Dataset(
        store=store,
        report=IngestReport(tuple(part.report for part in parts), rejected),
        fingerprint=_fingerprint(parts, kept),
        currency=_one_currency(parts),
        **tables,
    )


def _appended(tables: Sequence[ibis.Table]) -> ibis.Table:
    """Tables of one role under each other; a column that one of them lacks is empty there."""
    import ibis

    if len(tables) == 1:
        return tables[0]
    types = {name: kind for table in reversed(tables) for name, kind in table.schema().items()}
    aligned = [
        table.select(
            **{
                name: table[name] if name in table.columns else ibis.null(kind)
                for name, kind in types.items()
            }
        )
        for table in tables
    ]
    return ibis.union(*aligned)


def _one_currency(parts: Iterable[Ingested]) -> str | None:
    currencies = sorted({part.currency for part in parts if part.currency})
    if len(currencies) > 1:
        raise SchemaError(
            f"Amounts in different currencies cannot be added: {', '.join(currencies)}",
            where=", ".join(part.report.source for part in parts if part.currency),
            to_do="Convert them to one currency first",
        )
    return currencies[0] if currencies else None


def _fingerprint(parts: Sequence[Ingested], kept: Sequence[Kept]) -> str:
    """SHA-256 of all cells and of the roles they were given."""
    account = [
        [one.digest, part.report.role, [(c.column, c.becomes) for c in part.report.columns]]
        for part, one in zip(parts, kept, strict=True)
    ]
    return hashlib.sha256(json.dumps(account).encode()).hexdigest()


def _tidy(store: Store, n_tables: int) -> None:
    """Remove what only reading needed."""
    for i in range(n_tables):
        for name in (f"raw_{i}", f"typed_{i}_unsplit"):
            store.path(name).unlink(missing_ok=True)


def _one_of(value: str | None, allowed: Sequence[str], *, flag: str) -> None:
    if value is not None and value not in allowed:
        raise ParameterError(
            f"{value!r} is not possible", where=flag, to_do=f"Choose from: {', '.join(allowed)}"
        )


def _check_zone(name: str) -> None:
    from zoneinfo import available_timezones

    if name not in available_timezones():
        raise ParameterError(
            f"There is no time zone named {name!r}",
            where="--time-zone",
            to_do="Use an IANA name such as Europe/Berlin",
        )
