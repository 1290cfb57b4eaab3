"""``coterie demo``: the whole river on the built-in sample store."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from coterie.cli.options import store_options


@click.command("demo")
@click.option(
    "--out",
    default="demo-report",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Result folder.",
)
@store_options
@click.pass_context
def demo_command(ctx: click.Context, out: Path, n_customers: int, random_state: int) -> None:
    """Make a sample store, segment it, and say where to look."""
    from coterie.cli.segment import segment_command
    from coterie.sources import write_sample_store

    with tempfile.TemporaryDirectory(prefix="coterie-demo-") as folder:
        files = write_sample_store(Path(folder), n_customers=n_customers, random_state=random_state)
        ctx.invoke(
            segment_command,
            files=(str(files["orders"]),),
            customers=str(files["customers"]),
            events=str(files["events"]),
            feedback=str(files["feedback"]),
            truth="true_segment",
            random_state=random_state,
            out=out,
        )
