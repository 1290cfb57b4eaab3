"""``coterie products``: what each customer is likely to want next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coterie.cli.options import day, feature_options, input_options, reading_options
from coterie.cli.screen import say, watching


@click.command("products")
@input_options
@feature_options
@click.option(
    "--mode",
    type=click.Choice(["replenish", "discover"]),
    default="replenish",
    show_default=True,
    help="What they buy again and is due, or what they never bought.",
)
@click.option("--n", type=click.IntRange(1, 100), default=10, show_default=True, help="Products a customer.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="CSV file; default: the screen.")
def products_command(mode: Any, n: int, out: Path | None, **options: Any) -> None:
    """Rank products for each customer in FILE..., each with its reason."""
    from coterie import delivery, river

    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=out is None) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        made = river.recommend(
            dataset,
            mode=mode,
            n=n,
            keep_duplicates=options.pop("keep_duplicates"),
            observation_end=day(options.pop("observation_end")),
            progress=progress,
        )
    if out is None:
        click.echo(delivery.csv_text(made.recommendations), nl=False)
        return
    delivery.write_csv(made.recommendations, out)
    for sentence in made.notes:
        say(f"{sentence}.", lead="- ")
    say(f"\n{len(made.recommendations):,} rows, ranked by {made.method}, are in {out}")
