"""What the commands show while they work and when they are done. Progress goes to standard error."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from coterie.jobs import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars


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


def _one_bar_per_stage(bars: Bars) -> Progress:
    tasks: dict[str, object] = {}

    def show(stage: str, share: float) -> None:
        if stage not in tasks:
            for earlier in bars.task_ids:
                bars.update(earlier, completed=1.0)
            tasks[stage] = bars.add_task(stage, total=1.0)
        bars.update(tasks[stage], completed=share)  # type: ignore[arg-type]

    return show


def print_table(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows as a table on standard output; numbers to the right."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left", title_style="bold")
    for column in columns:
        numeric = all(isinstance(row[column], int | float) for row in rows) and bool(rows)
        table.add_column(escape(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row[column])) for column in columns))
    Console().print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
