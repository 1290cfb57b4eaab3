"""``coterie assign``: new customers into the segments of a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coterie.cli.options import day, feature_options, input_options, reading_options
from coterie.cli.screen import watching


@click.command("assign")
@click.argument("model", type=click.Path(path_type=Path, file_okay=False))
@input_options
@feature_options
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="CSV file; default: the screen.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines instead of CSV.")
def assign_command(model: Path, out: Path | None, as_json: bool, **options: Any) -> None:
    """Put the customers in FILE... into the segments of MODEL (the model folder of a result).

    Customers of the data the model was made from get the segment they have.
    """
    from coterie import delivery, river

    loaded = river.load_model(model)
    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=as_json or out is None) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        placed = river.assign(
            loaded,
            dataset,
            observation_end=day(options.pop("observation_end")),
            keep_duplicates=options.pop("keep_duplicates"),
            progress=progress,
        )
    if as_json:
        click.echo(placed.to_json(orient="records", lines=True, force_ascii=False), nl=False)
    elif out is not None:
        from coterie.features import counted

        delivery.write_csv(placed, out)
        click.echo(f"{counted(len(placed), 'customer')} written to {out}")
    else:
        click.echo(delivery.csv_text(placed), nl=False)
