"""What the commands show while they work and when they are done. Progress goes to standard error."""

from __future__ import annotations

import contextlib
import re
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import click

from coterie.jobs import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

_NOTHING = (None, "")
_FIGURE = re.compile(r"-?\d|-$")
"""Begins with a digit, or stands for no value."""


class StageClock:
    """Passes progress on and measures how long each stage took.

    Attributes
    ----------
    seconds : dict of str to float
        Wall seconds by stage sentence, in the order the stages ran.
    """

    def __init__(self, show: Progress) -> None:
        self._show = show
        self._started = time.monotonic()
        self._stage = ""
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str, share: float) -> None:
        """Note the stage and pass it on."""
        if stage != self._stage:
            self.stop()
            self._stage = stage
        self._show(stage, share)

    def stop(self) -> None:
        """Close the running stage."""
        now = time.monotonic()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._started
        self._started = now
        self._stage = ""


@contextlib.contextmanager
def watching(*, quiet: bool) -> Iterator[StageClock]:
    """Progress bars, one per stage, for the time of the block."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), disable=quiet) as bars:
        clock = StageClock(_one_bar_per_stage(bars))
        yield clock
        clock.stop()
        _fill(bars)


def _one_bar_per_stage(bars: Bars) -> Progress:
    tasks: dict[str, object] = {}

    def show(stage: str, share: float) -> None:
        if stage not in tasks:
            _fill(bars)
            tasks[stage] = bars.add_task(stage, total=1.0)
        bars.update(tasks[stage], completed=share)  # type: ignore[arg-type]

    return show


def _fill(bars: Bars) -> None:
    """Show the stages so far as done."""
    for stage in bars.task_ids:
        bars.update(stage, completed=1.0)


def print_table(title: str, headings: Mapping[str, str], *, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows as a table on standard output.

    Figures stand to the right and are never folded; words fold where the screen is narrow; a column of
    which no row has a value is left out. `headings` holds the words above a column by the row's key.
    """
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    shown = [name for name in headings if any(row[name] not in _NOTHING for row in rows)]
    cells = {name: [_cell(row[name]) for row in rows] for name in shown}
    for name in shown:
        figures = all(_FIGURE.match(text) for text in cells[name])
        side: Literal["right", "left"] = "right" if figures else "left"
        table.add_column(escape(headings[name]), justify=side, no_wrap=figures, overflow="fold")
    for row in zip(*cells.values(), strict=True):
        table.add_row(*map(escape, row))
    say(f"\n{title}\n")
    Console().print(table)


def say(text: str, *, indent: str = "", lead: str = "") -> None:
    """Print a sentence, folded between words at the width of the screen.

    The first line begins with `lead`, all others with as many spaces; a path too long for a line stays whole.
    """
    from rich.console import Console

    width = Console().width
    for line in text.split("\n"):
        folded = textwrap.fill(
            line,
            width,
            initial_indent=indent + lead,
            subsequent_indent=indent + " " * len(lead),
            break_long_words=False,
            break_on_hyphens=False,
        )
        click.echo(folded)


def _cell(value: object) -> str:
    if value in _NOTHING:
        return "-"
    if isinstance(value, float):
        return f"{value:,.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
