"""``coterie compare``: every method at every number of segments, side by side."""

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
    from coterie.selection import Comparison

HEADINGS = {
    "method": "method",
    "n_clusters": "k",
    "silhouette": "silhouette",
    "davies_bouldin": "davies\nbouldin",
    "dunn": "dunn",
    "stability": "stability",
    "later_value": "later\nvalue",
    "ari": "ari",
    "nmi": "nmi",
    "remark": "see",
}


@click.command("compare")
@input_options
@feature_options
@segmentation_options
@click.option(
    "--methods",
    metavar="A,B,...",
    help="Default: kmeans,gmm,hierarchical,dbscan,tpa,rfm. By name also genie, hdbscan, sparse, kmedoids.",
)
@click.option("--n-segments", default="auto", show_default=True, metavar="auto|K", help="auto tries 3 to 8.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for table and charts.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def compare_command(out: Path | None, as_json: bool, **options: Any) -> None:
    """Score every method at every number of segments, and say which one would be chosen and why."""
    from coterie import delivery, river

    methods = attribute_names(options.pop("methods")) or river.ALL_METHODS
    n_segments = number_of_segments(options.pop("n_segments"))
    attributes = attribute_names(options.pop("attributes"))
    weights = weights_by_name(options.pop("weights"))
    reading = reading_options(options)
    if out is not None:
        delivery.refuse_foreign_folder(out)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=as_json) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        table = river.build_features(
            dataset,
            observation_end=day(options.pop("observation_end")),
            keep_duplicates=options.pop("keep_duplicates"),
            progress=progress,
        )
        comparison = river.compare(
            table,
            methods,
            n_segments=n_segments,
            attributes=attributes,
            weights=weights,
            settings=reading.settings,
            progress=progress,
            **options,
        )
        if out is not None:
            delivery.write_comparison(comparison, out)
    _show(comparison, out, as_json=as_json)


def _show(comparison: Comparison, out: Path | None, *, as_json: bool) -> None:
    from coterie.delivery import summarise_comparison
    from coterie.selection import core_sentence

    if as_json:
        click.echo(json.dumps(summarise_comparison(comparison.trials), indent=2))
        return
    remarks: dict[str, int] = {}
    compared = summarise_comparison(comparison.trials)
    rows = [_row(row, remarks) for row in compared] + _reference_rows(compared)
    print_table("Every method at every number of segments (k)", HEADINGS, rows=rows)
    click.echo()
    for remark, number in remarks.items():
        say(remark, lead=f"{number:>3}  ")
    say(f"\n{comparison.why}\n{comparison.runner_up}")
    agreed = core_sentence(comparison.trials, comparison.chosen)
    if agreed:
        say(f"\n{agreed}")
    if comparison.later_spend:
        say(f"\n{comparison.later_spend} In brackets in the table: divisions to compare with, not to choose.")
    if out is not None:
        say(f"\nTable and charts are in {out}")


def _row(row: dict[str, Any], remarks: dict[str, int]) -> dict[str, object]:
    """The scores of a row, and the number of what is remarked of it, which `remarks` counts."""
    remark = row["failure"] or " ".join((*row["flags"], *row["notes"]))
    number = remarks.setdefault(remark, len(remarks) + 1) if remark else ""
    return {**row, "remark": number or None}


def _reference_rows(compared: list[dict[str, Any]]) -> list[dict[str, object]]:
    """What plain divisions foretell of later spend; in brackets, for they cannot be chosen."""
    grid = [row["rfm_grid_later_value"] for row in compared if row["rfm_grid_later_value"] is not None]
    cuts = {row["n_clusters"]: row["spend_cut_later_value"] for row in compared if not row["failure"]}
    found = [("(RFM grid)", None, value) for value in grid[:1]]
    found += [("(spend cut)", k, value) for k, value in sorted(cuts.items()) if value is not None]
    return [
        dict.fromkeys(HEADINGS) | {"method": name, "n_clusters": k, "later_value": value}
        for name, k, value in found
    ]
