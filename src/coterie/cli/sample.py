"""``coterie sample``: files of a believable shop to try things on."""

from __future__ import annotations

from pathlib import Path

import click

from coterie.cli.options import store_options


@click.command("sample")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@store_options
def sample_command(folder: Path, n_customers: int, random_state: int) -> None:
    """Write the sample store's files into FOLDER.

    Orders over two years, customers (with the segment they were made from in the column true_segment),
    web and social events, reviews and campaign responses; the same files for the same random state.
    """
    from coterie.sources import write_sample_store

    for path in write_sample_store(folder, n_customers=n_customers, random_state=random_state).values():
        click.echo(path)
