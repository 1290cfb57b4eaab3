"""``coterie segment``: raw files in, named and explained segments out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import (
    attribute_names,
    day,
    feature_options,
    input_options,
    number_of_segments,
    reading_options,
    segmentation_options,
    weights_by_name,
)
from coterie.cli.screen import print_table, say, watching

if TYPE_CHECKING:
    from coterie.knowledge import Knowledge

_HEADINGS = {"name": "segment", "customers": "customers", "share": "share", "revenue": "revenue"}


@click.command("segment")
@input_options
@feature_options
@segmentation_options
@click.option("--method", default="auto", show_default=True, help="auto, or a method of 'coterie compare'.")
@click.option("--n-segments", default="auto", show_default=True, metavar="auto|K", help="How many segments.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Result folder.")
@click.option(
    "--edits",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Make the changes of an earlier result anew: its edits.json.",
)
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of the table.")
def segment_command(out: Path, as_json: bool, **options: Any) -> None:
    """Find the segments in FILE... and write the whole result to a folder.

    FILE is a CSV, TSV, Excel, Parquet or JSON file, BOOK.xlsx::SHEET, BASE.duckdb::TABLE,
    BASE.sqlite::TABLE or postgresql://USER@HOST/BASE?table=NAME; orders, customers, events and reviews
    are told apart by their columns.
    """
    run_segmentation(out, as_json=as_json, **options)


def run_segmentation(out: Path, *, as_json: bool, **options: Any) -> None:
    """Read, segment, explain, write and say what came out."""
    from coterie import river

    edits, conflicts = options.pop("edits", None), tuple[str, ...]()
    n_segments = number_of_segments(options.pop("n_segments"))
    attributes = attribute_names(options.pop("attributes"))
    weights = weights_by_name(options.pop("weights"))
    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=as_json) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        table = river.build_features(
            dataset,
            observation_end=day(options.pop("observation_end")),
            keep_duplicates=options.pop("keep_duplicates"),
            progress=progress,
        )
        result = river.segment(
            table,
            n_segments=n_segments,
            attributes=attributes,
            weights=weights,
            settings=reading.settings,
            progress=progress,
            **options,
        )
        if edits is not None:
            result, conflicts = river.replay_edits(result, edits)
        knowledge = river.profile(result, progress=progress)
        river.report(result, out, knowledge=knowledge, progress=progress)
    write_timings(out, progress.seconds)
    if as_json:
        click.echo((out / "summary.json").read_text(encoding="utf-8"), nl=False)
    else:
        _show(knowledge, result.why, out=out)
    for conflict in conflicts:
        click.echo(f"Not made as before: {conflict}", err=True)


def write_timings(out: Path, seconds: dict[str, float]) -> None:
    """Write how long each stage took."""
    from coterie.store import replacing

    rounded = {stage: round(value, 3) for stage, value in seconds.items()}
    with replacing(out / "timings.json") as path:
        path.write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")


def _show(knowledge: Knowledge, why: str, *, out: Path) -> None:
    from coterie.features import percent

    rows = [
        {
            "name": profile.name,
            "customers": profile.n_customers,
            "share": percent(profile.share),
            "revenue": None if profile.revenue_share is None else percent(profile.revenue_share),
        }
        for profile in knowledge.profiles
    ]
    print_table(knowledge.headline, _HEADINGS, rows=rows)
    for reason, count in knowledge.unassigned.items():
        say(f"\nIn no segment, {reason.lower()}: {count:,}")
    for profile in knowledge.profiles:
        say(f"\n{profile.name}")
        say(knowledge.rule_words(profile), indent="  ", lead="who  ")
        if profile.action:
            say(profile.action.strategy, indent="  ", lead="do   ")
        if profile.action and profile.action.fit:
            say(profile.action.fit, indent=" " * 7)
    if why:
        say(f"\n{why}")
    say(f"\nOpen {out / 'report.html'}")
