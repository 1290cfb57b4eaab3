"""The grid of recency and frequency as a page shows it, for the cut points its address names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from flask import request

from coterie.errors import CoterieError, ParameterError
from coterie.web.house import workspace
from coterie.web.numbers import number
from coterie.workspace.grid import N_SCORES, Cell, Cuts, check_cuts, count_cells, find_cuts

if TYPE_CHECKING:
    from coterie.web.figures import Figure

STRONGEST = 0.38
"""Of the tint of the fullest cell: letters stay readable on it, by day and by night."""


@dataclass(frozen=True)
class Square:
    """One cell of the grid as it is shown."""

    cell: Cell
    group: str
    group_id: int
    share: float
    strength: float


@dataclass(frozen=True)
class GroupRow:
    """A named group over all its cells."""

    name: str
    group_id: int
    n_customers: int
    share: float
    monetary: float | None


@dataclass(frozen=True)
class Grid:
    """The grid.

    Attributes
    ----------
    rows : list of list of Square
        The most recent on top, the most frequent on the right.
    groups : list of GroupRow
    recency_words, frequency_words : list of str
        What each row and each column stands for.
    typed : dict of str to list of str
        The cut points as the form shows them.
    fixed : bool
        Whether they are those of the address, not the fifths of these customers.
    by : {"customers", "money"}
        What the strength of a cell's colour says.
    wrong : str
        Why the cut points typed cannot be used.
    """

    rows: list[list[Square]]
    groups: list[GroupRow]
    recency_words: list[str]
    frequency_words: list[str]
    typed: dict[str, list[str]]
    fixed: bool
    by: str
    wrong: str
    cuts: Cuts


def asked_grid(segmentation_id: str, figure: Figure | None) -> Grid | None:
    """Make the grid that the address asks for.

    Parameters
    ----------
    segmentation_id : str
    figure : Figure or None
        The grid of the report, whose table names every cell.

    Returns
    -------
    Grid or None
        None if recency and the number of orders are not known.
    """
    fifths = find_cuts(workspace(), segmentation_id) if figure is not None else None
    if figure is None or fifths is None:
        return None
    cuts, typed, wrong = asked_cuts(fifths)
    cells = count_cells(workspace(), segmentation_id, cuts=cuts)
    by = "money" if request.args.get("by") == "money" and cells[0].monetary is not None else "customers"
    squares = _squares(cells, [str(row[2]) for row in figure.table["rows"]], by=by)
    return Grid(
        rows=[squares[start : start + N_SCORES][::-1] for start in range(0, len(squares), N_SCORES)],
        groups=_groups(squares),
        recency_words=_words(cuts.recency_days, "day"),
        frequency_words=_words(cuts.n_orders, "order"),
        typed=typed,
        fixed=request.args.get("cuts") == "fixed",
        by=by,
        wrong=wrong,
        cuts=cuts,
    )


def asked_cuts(fifths: Cuts) -> tuple[Cuts, dict[str, list[str]], str]:
    """Read the cut points of the address; without any, and where they are wrong, the fifths stay.

    Parameters
    ----------
    fifths : Cuts

    Returns
    -------
    Cuts, what the form shows, why they cannot be used
    """
    shown = {name: [f"{bound:g}" for bound in getattr(fifths, name)] for name in ("recency_days", "n_orders")}
    if request.args.get("cuts") != "fixed":
        return fifths, shown, ""
    typed = {name: request.args.getlist(name) or shown[name] for name in shown}
    try:
        return check_cuts(*(_numbers(texts) for texts in typed.values())), typed, ""
    except CoterieError as failure:
        return (
            fifths,
            {name: (texts + shown[name])[: N_SCORES - 1] for name, texts in typed.items()},
            str(failure),
        )


def _numbers(texts: Sequence[str]) -> list[float]:
    try:
        return [float(text.replace(",", ".")) for text in texts]
    except ValueError:
        raise ParameterError("Every cut point is a number", to_do="Correct what is no number") from None


def _squares(cells: Sequence[Cell], names: Sequence[str], *, by: str) -> list[Square]:
    n = max(sum(cell.n_customers for cell in cells), 1)
    weights = [float((cell.monetary or 0.0) if by == "money" else cell.n_customers) for cell in cells]
    heaviest = max(*weights, 1e-300)
    ids = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [
        Square(cell, name, ids[name], cell.n_customers / n, STRONGEST * (max(weight, 0.0) / heaviest) ** 0.5)
        for cell, name, weight in zip(cells, names, weights, strict=True)
    ]


def _groups(squares: Sequence[Square]) -> list[GroupRow]:
    rows = []
    for name in dict.fromkeys(square.group for square in squares):
        own = [square for square in squares if square.group == name]
        spent = [square.cell.monetary for square in own]
        rows.append(
            GroupRow(
                name,
                own[0].group_id,
                sum(square.cell.n_customers for square in own),
                sum(square.share for square in own),
                None if None in spent else sum(value or 0.0 for value in spent),
            )
        )
    return rows


def _words(bounds: Sequence[float], noun: str) -> list[str]:
    """Words for the five intervals between upper bounds; "nobody" where none lies."""
    words = [f"up to {_counted(bounds[0], noun)}"]
    for low, high in pairwise(bounds):
        words.append("nobody" if low == high else f"over {number(low)} to {number(high)}")
    return [*words, f"over {_counted(bounds[-1], noun)}"]


def _counted(value: float, noun: str) -> str:
    return f"{number(value)} {noun if value == 1 else f'{noun}s'}"
