"""Options that several commands share."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coterie.errors import ParameterError
from coterie.settings import Settings, load_settings

if TYPE_CHECKING:
    from coterie.sources import InputOptions

Command = Callable[..., Any]


def input_options(command: Command) -> Command:
    """Add the options that say where the data are and how to read them."""
    options = [
        click.argument("files", nargs=-1, required=True, metavar="FILE..."),
        click.option("--customers", metavar="FILE", help="Table with one row per customer."),
        click.option("--events", metavar="FILE", help="Web, app or social-media events."),
        click.option("--feedback", metavar="FILE", help="Reviews or survey answers."),
        click.option(
            "--map",
            "pairs",
            multiple=True,
            metavar="NAME=COLUMN",
            help="Say which column is which: customer_id=CustomerID; #1 is the first column.",
        ),
        click.option("--map-file", type=click.Path(path_type=Path), help="The same as lines of a TOML file."),
        click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Settles 01/02/2024."),
        click.option("--encoding", help="Text encoding, when the guess is wrong."),
        click.option(
            "--decimal", type=click.Choice([".", ","]), help="Decimal mark, when the guess is wrong."
        ),
        click.option("--time-zone", help="Zone of times that name none, as Europe/Berlin. Default: UTC."),
    ]
    return _apply(command, options)


def store_options(command: Command) -> Command:
    """Add the options that say which sample store is made."""
    options = [
        click.option(
            "--customers",
            "n_customers",
            type=click.IntRange(min=60),
            default=5_000,
            show_default=True,
            help="How many customers the store has.",
        ),
        click.option(
            "--random-state",
            type=int,
            default=0,
            show_default=True,
            help="Seed: the same one, the same store.",
        ),
    ]
    return _apply(command, options)


def feature_options(command: Command) -> Command:
    """Add the options that say which customers and features are looked at."""
    options = [
        click.option("--keep-duplicates", is_flag=True, help="Do not drop rows that repeat another row."),
        click.option(
            "--observation-end",
            type=click.DateTime(["%Y-%m-%d"]),
            help="Look at the customers as of this day; later orders are left out.",
        ),
    ]
    return _apply(command, options)


def segmentation_options(command: Command) -> Command:
    """Add the options that steer a segmentation."""
    options = [
        click.option("--attributes", metavar="A,B,...", help="Features that form the segments."),
        click.option(
            "--weights", metavar="A=2,...", help="How much a feature counts; 1 is normal, 0 drops it."
        ),
        click.option(
            "--truth", metavar="COLUMN", help="Known groups to compare with; they do not take part."
        ),
        click.option(
            "--random-state", type=int, default=0, show_default=True, help="Seed of every random step."
        ),
        click.option(
            "--compare-memory-mb",
            type=click.IntRange(min=1),
            metavar="MIB",
            help="A method that would need more memory is not tried."
            f" Default: the setting, {Settings().compare_memory_mb}.",
        ),
    ]
    return _apply(command, options)


def workspace_option(command: Command) -> Command:
    """Add the option that says where the workspace lies."""
    option = click.option(
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        default="coterie-workspace",
        envvar="COTERIE_WORKSPACE",
        show_default=True,
        show_envvar=True,
        help="Folder with the data, results and users; made if it does not exist.",
    )
    return _apply(command, [option])


def _apply(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def reading_options(options: dict[str, Any]) -> InputOptions:
    """Take the reading options out of a command's options."""
    from coterie.sources import InputOptions

    return InputOptions(
        mapping=_mapping(options.pop("pairs"), options.pop("map_file")),
        date_order=options.pop("date_order"),
        encoding=options.pop("encoding"),
        decimal=options.pop("decimal"),
        time_zone=options.pop("time_zone"),
        settings=load_settings(compare_memory_mb=options.pop("compare_memory_mb", None)),
    )


def _mapping(pairs: Sequence[str], path: Path | None) -> dict[str, str]:
    mapping: dict[str, str] = {}
    if path is not None:
        try:
            mapping.update(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
            raise ParameterError(
                "The mapping file cannot be used",
                where=str(path),
                to_do='Write lines such as customer_id = "ID"',
            ) from cause
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not (name and equals and column):
            raise ParameterError(f"{pair!r} is not NAME=COLUMN", where="--map")
        mapping[name.strip()] = column.strip()
    return mapping


def attribute_names(text: str | None) -> tuple[str, ...] | None:
    """Split ``a,b,c``."""
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else None


def weights_by_name(text: str | None) -> dict[str, float] | None:
    """Split ``a=2,b=0.5`` into numbers by name."""
    if not text:
        return None
    weights = {}
    for pair in text.split(","):
        name, _, number = pair.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError:
            raise ParameterError(f"{pair!r} is not NAME=NUMBER", where="--weights") from None
    return weights


def number_of_segments(text: str) -> int | None:
    """Turn ``auto`` into None and digits into a number."""
    if text == "auto":
        return None
    if not (text.isascii() and text.isdigit()):
        raise ParameterError(
            f"{text!r} is not a number of segments", where="--n-segments", to_do="Say auto or 2 to 50"
        )
    return int(text)


def day(moment: datetime | None) -> Any:
    """Give the date of a click.DateTime value."""
    return moment.date() if moment else None
