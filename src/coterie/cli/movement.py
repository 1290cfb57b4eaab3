"""``coterie movement``: who moved between two days by a saved model, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import day, input_options, reading_options
from coterie.cli.screen import print_table, say, watching

if TYPE_CHECKING:
    from coterie.movement import Movement

_DAY = click.DateTime(["%Y-%m-%d"])
MOST_SAID = 10


@click.command("movement")
@click.argument("model", type=click.Path(path_type=Path, file_okay=False))
@input_options
@click.option("--keep-duplicates", is_flag=True, help="Do not drop rows that repeat another row.")
@click.option("--start", type=_DAY, required=True, help="The first day.")
@click.option("--end", type=_DAY, help="The last day. Default: the day of the last order.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for three files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def movement_command(model: Path, out: Path | None, as_json: bool, **options: Any) -> None:
    """Say who moved between two days, by MODEL (the model folder of a result), and why.

    The customers in FILE... are looked at as of both days. The folder gets movement.csv (everybody, with
    where they were and are), matrix.csv and flows.svg.
    """
    from coterie import delivery, river

    loaded = river.load_model(model)
    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    days = {name: day(options.pop(name)) for name in ("start", "end")}
    with watching(quiet=as_json) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        moved = river.movement(loaded, dataset, **days, progress=progress, **options)
    told = delivery.summarise_movement(moved)
    if out is not None:
        _write(moved, told, out=out)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _show(told, out=out)


def _write(moved: Movement, told: Mapping[str, Any], *, out: Path) -> None:
    from coterie import delivery
    from coterie.store import replacing

    delivery.write_csv(moved.customers, out / "movement.csv")
    delivery.write_csv(delivery.named_matrix(told), out / "matrix.csv")
    with replacing(out / "flows.svg") as draft:
        draft.write_text(delivery.movement_charts(told)[0].svg_text(), encoding="utf-8")


def _show(told: Mapping[str, Any], *, out: Path | None) -> None:
    from coterie.delivery import named_matrix

    matrix = named_matrix(told)
    headings = {"from": "from", **{name: name for name in matrix.columns[1:]}}
    rows: list[dict[str, object]] = [
        {name: str(row[name]) if name == "from" else f"{row[name]:,}" for name in headings}
        for row in matrix.to_dict("records")
    ]
    print_table(f"Who went where, {told['start']} to {told['end']}", headings, rows=rows)
    say("")
    for change in told["changes"][:MOST_SAID]:
        say(change["sentence"], lead="- ", indent="  ")
    if len(told["changes"]) > MOST_SAID:
        say(f"And {len(told['changes']) - MOST_SAID} smaller changes.", indent="  ")
    if not told["changes"]:
        say("Everybody is where they were.")
    if out is not None:
        say(f"\nEverybody is in {out / 'movement.csv'}; the picture is {out / 'flows.svg'}")
