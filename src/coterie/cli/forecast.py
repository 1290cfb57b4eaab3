"""``coterie forecast``: what each customer will do next."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.cli.options import day, feature_options, input_options, reading_options
from coterie.cli.screen import print_table, say, watching

if TYPE_CHECKING:
    from coterie.knowledge import Outlook
    from coterie.prediction import Forecast

HEADINGS = {"what": "", "expected": "expected", "low": "from", "high": "to"}
GROUPS = {"group": "", "high": "high", "middle": "middle", "low": "low"}


@click.command("forecast")
@input_options
@feature_options
@click.option(
    "--horizon-days",
    type=click.IntRange(1, 3_650),
    metavar="N",
    help="How far to look ahead. Default: twice the usual time between orders, at least 90 days.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="CSV file, a row per customer.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def forecast_command(horizon_days: int | None, out: Path | None, as_json: bool, **options: Any) -> None:
    """Say what the customers in FILE... will order and spend, and who is about to leave."""
    from coterie import delivery, knowledge, river

    reading = reading_options(options)
    tables = {role: options.pop(role) for role in ("customers", "events", "feedback")}
    with watching(quiet=as_json) as progress:
        dataset = river.read(*options.pop("files"), **tables, options=reading, progress=progress)
        made = river.forecast(
            dataset,
            horizon_days=horizon_days,
            keep_duplicates=options.pop("keep_duplicates"),
            observation_end=day(options.pop("observation_end")),
            progress=progress,
        )
    outlook = knowledge.outlook_of_all(made, currency=dataset.currency)
    if out is not None:
        delivery.write_csv(made.customers, out)
    if as_json:
        click.echo(json.dumps(_told(made, outlook), indent=2, default=str))
        return
    _show(made, outlook)
    if out is not None:
        say(f"\nA row for each of {len(made.customers):,} customers is in {out}")


def _told(made: Forecast, outlook: Outlook) -> dict[str, Any]:
    from coterie.knowledge import past_sentence
    from coterie.prediction import past_test_to_json

    return {
        "family": made.family,
        "horizon_days": made.horizon_days,
        "observation_end": made.observation_end,
        "parameters": dict(made.parameters),
        "is_calibrated": made.is_calibrated,
        "outlook": asdict(outlook),
        "test": None if made.test is None else past_test_to_json(made.test),
        "past": past_sentence(made),
        "notes": made.notes,
    }


def _show(made: Forecast, outlook: Outlook) -> None:
    from coterie.knowledge import RANGES, past_sentence

    rows = [
        {
            "what": what,
            **{name: f"{value:,.0f}" for name, value in zip(("expected", "low", "high"), of, strict=True)},
        }
        for what, of in (
            ("orders", (outlook.expected_orders, outlook.orders_low, outlook.orders_high)),
            ("spend", (outlook.expected_spend, outlook.spend_low, outlook.spend_high)),
        )
    ]
    print_table(
        f"The {made.horizon_days} days after {made.observation_end}, {outlook.n_buyers:,} buyers, "
        f"by {made.family}",
        HEADINGS,
        rows=rows,
    )
    bands = {("middle" if name == "medium" else name): n for name, n in outlook.risk_bands.items()}
    groups = [
        {"group": group, **{name: "fewer than 5" if n is None else f"{n:,}" for name, n in counts.items()}}
        for group, counts in (("risk of no order", bands), ("expected value", outlook.value_tiers))
    ]
    print_table("Customers by risk and by value", GROUPS, rows=groups)
    click.echo()
    for sentence in (*outlook.sentences[1:], past_sentence(made), *made.notes, RANGES):
        say(f"{sentence}.", lead="- ")
