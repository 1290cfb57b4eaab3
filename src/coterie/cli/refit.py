"""``coterie refit``: a saved model fitted anew on later data, its segments and names kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import day, feature_options, input_options, reading_options
from coterie.cli.screen import print_table, say, watching
from coterie.cli.segment import write_timings

if TYPE_CHECKING:
    from coterie.movement import Refit

_HEADINGS = {"customers": "customers", "from": "from", "to": "to", "cause": "cause"}
MOST_SHOWN = 10


@click.command("refit")
@click.argument("model", type=click.Path(path_type=Path, file_okay=False))
@input_options
@feature_options
@click.option(
    "--random-state", type=int, default=0, show_default=True, help="Seed of methods that start afresh."
)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Result folder.")
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of the table.")
def refit_command(model: Path, out: Path, as_json: bool, **options: Any) -> None:
    """Fit MODEL (the model folder of a result) anew on the customers in FILE...

    Segments that are still the same keep their names. The folder holds what 'coterie segment' writes, and
    moves.csv: everybody who is in another segment now, and why.
    """
    from coterie import delivery, river

    delivery.refuse_foreign_folder(out)
    loaded = river.load_model(model)
    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=as_json) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        end = day(options.pop("observation_end"))
        result, done = river.refit(loaded, dataset, observation_end=end, progress=progress, **options)
        river.report(result, out, progress=progress)
    delivery.write_csv(done.moves(), out / "moves.csv")
    write_timings(out, progress.seconds)
    if as_json:
        click.echo((out / "summary.json").read_text(encoding="utf-8"), nl=False)
    else:
        _show(done, out=out)


def _show(done: Refit, *, out: Path) -> None:
    flows = done.movement.causes().rename(columns={"n_customers": "customers"})
    shown = flows.head(MOST_SHOWN).assign(customers=flows["customers"].map("{:,}".format))
    rows = [dict(zip(_HEADINGS, row, strict=True)) for row in shown[list(_HEADINGS)].to_numpy()]
    print_table("Who moved", _HEADINGS, rows=rows)
    say(f"\n{done.sentence}")
    for sentence in (*done.identity.sentences(done.movement.names), *done.notes):
        say(sentence)
    if done.drift is not None:
        say(done.drift.proposal)
    say(f"\nOpen {out / 'report.html'}; who moved is in {out / 'moves.csv'}")
