"""``coterie churn``: who will leave, where a column says who has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import input_options, reading_options
from coterie.cli.screen import print_table, say, watching

if TYPE_CHECKING:
    import pandas as pd

    from coterie.prediction import ChurnForecast

HEADINGS = {
    "band": "risk",
    "n_customers": "customers",
    "n_still_here": "still here",
    "mean_risk": "mean risk",
}


@click.command("churn")
@input_options
@click.option("--label", required=True, metavar="COLUMN", help="The column that says who left.")
@click.option(
    "--left", metavar="VALUE", help="Its value that means 'left'. Default: by its name, as Yes or 1."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="CSV file, a row per customer.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def churn_command(label: str, left: str | None, out: Path | None, as_json: bool, **options: Any) -> None:
    """Learn from the customers in FILE... who left who will leave, and why."""
    from coterie import delivery, river

    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=as_json) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        made = river.churn(dataset, label, left=left, progress=progress)
    if out is not None:
        delivery.write_csv(_rows(made), out)
    if as_json:
        told = {
            "method": made.method,
            "auc": made.test.auc,
            "calibration_error": made.test.calibration_error,
            "bands": made.bands.to_dict(orient="records"),
            "importance": made.importance.to_dict(orient="records"),
            "notes": made.notes,
        }
        click.echo(json.dumps(told, indent=2))
        return
    bands = [{**row, "mean_risk": f"{row['mean_risk']:.0%}"} for row in made.bands.to_dict(orient="records")]
    print_table(f"Who will leave, by {made.method}", HEADINGS, rows=bands)  # type: ignore[arg-type]
    click.echo()
    for sentence in made.notes:
        say(f"{sentence}.", lead="- ")
    if out is not None:
        say(f"\nA row for each of {len(made.risk):,} customers is in {out}")


def _rows(made: ChurnForecast) -> pd.DataFrame:
    """Risk, band and what raises the risk, most telling first."""
    import pandas as pd

    words = made.drivers.groupby("customer_id")["words"].agg("; ".join)
    rows = pd.DataFrame(
        {
            "customer_id": made.customer_ids,
            "risk": made.risk,
            "band": made.band,
            "has_left": made.has_left,
        }
    )
    return rows.assign(drivers=rows["customer_id"].map(words).fillna(""))
