"""``coterie describe``: what is in the files, without segmenting anything."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import input_options, reading_options
from coterie.cli.screen import print_table, watching

if TYPE_CHECKING:
    from coterie.preprocessing import DataQuality
    from coterie.sources import FileReport, IngestReport


@click.command("describe")
@input_options
@click.option("--keep-duplicates", is_flag=True, help="Do not drop rows that repeat another row.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def describe_command(as_json: bool, keep_duplicates: bool, **options: Any) -> None:
    """Tell what FILE... holds: tables, roles of columns, quality, ranges, missing values, outliers."""
    from coterie import preprocessing, river

    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=as_json) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        progress("Cleaning", 0.0)
        _, quality = preprocessing.clean(dataset, keep_duplicates=keep_duplicates)
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
    money = "" if one.money_total is None else f", {one.money_total:,.2f} of money in the accepted rows"
    click.echo(
        f"\n{one.source}: {one.role}; {one.n_read:,} rows read = {one.n_accepted:,} accepted"
        f" + {one.n_rejected:,} rejected{money}"
    )
    click.echo("  " + ", ".join(f"{name}: {value}" for name, value in one.dialect.items()))
    for reason, count in one.reasons.items():
        click.echo(f"  rejected {count:,}: {reason}")
    for note in one.notes:
        click.echo(f"  note: {note}")
    rows = [
        {
            "column": guess.column,
            "becomes": guess.becomes or "(not used)",
            "sure": f"{guess.confidence:.0%}",
            "because": guess.why,
        }
        for guess in one.columns
    ]
    print_table("Columns", ("column", "becomes", "sure", "because"), rows)


def _show_quality(quality: DataQuality) -> None:
    rows = [asdict(step) for step in quality.steps]
    print_table("Cleaning", ("sentence", "n_dropped", "n_changed", "amount_dropped"), rows)
    columns = ("table", "column", "kind", "n_missing", "n_distinct", "minimum", "maximum", "n_outliers")
    print_table("Values", columns, [asdict(column) for column in quality.columns])
    for note in quality.notes:
        click.echo(f"note: {note}")
    click.echo(f"{quality.n_customers:,} customers, {quality.n_no_net_spend:,} of them without net spend")
