"""``coterie describe``: what is in the files, without segmenting anything."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import input_options, reading_options
from coterie.cli.screen import print_table, say, watching

if TYPE_CHECKING:
    from coterie.preprocessing import DataQuality
    from coterie.preprocessing.quality import ColumnQuality
    from coterie.sources import FileReport, IngestReport

_GUESS_HEADINGS = {"column": "column", "becomes": "becomes", "sure": "sure", "because": "because"}
_STEP_HEADINGS = {
    "sentence": "step",
    "n_dropped": "rows\ndropped",
    "n_changed": "rows\nchanged",
    "amount_dropped": "amount\ndropped",
}
_VALUE_HEADINGS = {
    "column": "column",
    "kind": "kind",
    "n_missing": "missing",
    "n_distinct": "distinct",
    "minimum": "minimum",
    "maximum": "maximum",
    "n_outliers": "outliers",
}


@click.command("describe")
@input_options
@click.option("--keep-duplicates", is_flag=True, help="Do not drop rows that repeat another row.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def describe_command(as_json: bool, keep_duplicates: bool, **options: Any) -> None:
    """Tell what FILE... holds: tables, roles of columns, quality, ranges, missing values, outliers."""
    from coterie import river

    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=as_json) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        _, quality = river.clean(dataset, keep_duplicates=keep_duplicates, progress=progress)
    if as_json:
        click.echo(json.dumps(_as_json(dataset.report, quality), indent=2, ensure_ascii=False))
        return
    for one in dataset.report.files:
        _show_file(one)
    _show_quality(quality)


def _as_json(report: IngestReport, quality: DataQuality) -> dict[str, Any]:
    return {
        "rows_read": report.rows_read,
        "rows_accepted": report.rows_accepted,
        "rows_rejected": report.rows_rejected,
        "files": [{**asdict(one), "n_rejected": one.n_rejected} for one in report.files],
        "quality": asdict(quality),
    }


def _show_file(one: FileReport) -> None:
    from coterie.features import counted

    money = "" if one.money_total is None else f", {one.money_total:,.2f} of money in the accepted rows"
    say(
        f"\n{one.source}: {one.role}; {counted(one.n_read, 'row')} read = {one.n_accepted:,} accepted"
        f" + {one.n_rejected:,} rejected{money}"
    )
    say(", ".join(f"{name}: {value}" for name, value in one.dialect.items()), indent="  ")
    for reason, count in one.reasons.items():
        say(f"rejected {count:,}: {reason}", indent="  ")
    for note in one.notes:
        say(note, indent="  ", lead="note: ")
    rows = [
        {
            "column": guess.column,
            "becomes": guess.becomes or "(not used)",
            "sure": f"{guess.confidence:.0%}",
            "because": guess.why,
        }
        for guess in one.columns
    ]
    print_table(f"Columns of {one.source}", _GUESS_HEADINGS, rows=rows)


def _show_quality(quality: DataQuality) -> None:
    from coterie.features import counted

    steps = [asdict(step) for step in quality.steps]
    dropped = [None if step["amount_dropped"] is None else f"{step['amount_dropped']:,.2f}" for step in steps]
    rows = [{**step, "amount_dropped": amount} for step, amount in zip(steps, dropped, strict=True)]
    print_table("Cleaning", _STEP_HEADINGS, rows=rows)
    for table in dict.fromkeys(column.table for column in quality.columns):
        columns = [_ranged(column) for column in quality.columns if column.table == table]
        print_table(f"Values of {table}", _VALUE_HEADINGS, rows=columns)
    click.echo()
    for note in quality.notes:
        say(note, lead="note: ")
    say(f"{counted(quality.n_customers, 'customer')}, {quality.n_no_net_spend:,} of them without net spend")


def _ranged(column: ColumnQuality) -> dict[str, object]:
    """The figures of a column, the range of a date in days."""
    row = asdict(column)
    if column.kind == "date":
        row |= {end: row[end] and str(row[end])[:10] for end in ("minimum", "maximum")}
    return row
