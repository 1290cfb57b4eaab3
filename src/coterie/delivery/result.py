"""Writes a whole result into one folder, complete or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.delivery.document import build_document, print_charts
from coterie.delivery.export import customers_frame, rejected_frame
from coterie.delivery.figures import draw_charts, draw_map_3d, metric_charts
from coterie.delivery.html import write_html
from coterie.delivery.pdf import write_pdf
from coterie.delivery.summary import summarise, summarise_comparison
from coterie.errors import ConflictError
from coterie.investigation import RECIPE_FILE, recipe_of
from coterie.jobs import Progress, ignore_progress
from coterie.knowledge import Knowledge
from coterie.segmentation import Segmentation, can_be_sql, scoring_sql
from coterie.store import replacing, write_csv

if TYPE_CHECKING:
    from coterie.charts import Chart
    from coterie.selection import Comparison

MARK = "summary.json"

OWN = frozenset(
    {MARK, "comparison.csv", "customers.csv", "rejected.csv", "timings.json", "moves.csv", RECIPE_FILE}
    | {"scoring.sql", "segments.sql"}
    | {"report.html", "report.pdf", "charts", "model"}
)
"""What a result consists of: a folder that holds nothing else, and MARK, may be replaced."""

CHAFF = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file browsers leave in any folder they open."""


def write_result(
    result: Segmentation, knowledge: Knowledge, *, out: Path, progress: Progress = ignore_progress
) -> Path:
    """Write report, tables, charts, rules and model into a folder.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge
    out : Path
        A new or empty folder, or one with an earlier result, which is replaced as a whole.
    progress : callable, optional

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    ConflictError
        If `out` is a file or holds anything but an earlier result.
    """
    refuse_foreign_folder(out)
    with replacing(out) as draft:
        draft.mkdir()
        charts = write_charts(result, knowledge, folder=draft / "charts", progress=progress)
        write_report(result, knowledge, charts=charts, folder=draft, progress=progress)
    return out


def write_charts(
    result: Segmentation,
    knowledge: Knowledge,
    *,
    folder: Path,
    drawings: Path | None = None,
    progress: Progress = ignore_progress,
) -> list[dict[str, Any]]:
    """Draw every chart of a result into a folder.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge
    folder : Path
    drawings : Path, optional
        Where the drawings to touch go, a JSON file each, the map in space with its picture, and what a
        page says beside that in words.json; default: nowhere.
    progress : callable, optional

    Returns
    -------
    list of dict
        What the report prints of each chart, in reading order.
    """
    charts = draw_charts(result, knowledge)
    for number, chart in enumerate(charts):
        progress("Drawing charts", number / len(charts))
        chart.save(folder)
    if drawings is not None:
        _write_drawings(charts, result, knowledge=knowledge, folder=drawings)
    progress("Drawing charts", 1.0)
    return print_charts(charts, result, currency=knowledge.currency)


def _write_drawings(
    charts: Sequence[Chart], result: Segmentation, *, knowledge: Knowledge, folder: Path
) -> None:
    folder.mkdir()
    in_space = draw_map_3d(result, knowledge)
    only_here = [] if in_space is None else [in_space]
    for chart in only_here:
        chart.save(folder)
    for chart in (*charts, *only_here):
        drawing = chart.interactive()
        if drawing is not None:
            text = json.dumps(drawing, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            (folder / f"{chart.name}.json").write_text(text, encoding="utf-8")
    _write_json(print_charts(only_here, result, currency=knowledge.currency), folder / "words.json")


def write_report(
    result: Segmentation,
    knowledge: Knowledge,
    *,
    charts: Sequence[Mapping[str, Any]],
    folder: Path,
    progress: Progress = ignore_progress,
) -> dict[str, Any]:
    """Write all of a result but its charts, which `write_charts` wrote into `folder` / "charts".

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge
    charts : sequence of dict
        What `write_charts` gave.
    folder : Path
    progress : callable, optional

    Returns
    -------
    dict
        The words and figures of the report.
    """
    progress("Writing the report", 0.0)
    _write_tables(result, knowledge, folder=folder)
    document = build_document(result, knowledge, charts=charts)
    _write_reports(document, [str(chart["name"]) for chart in charts], folder=folder)
    result.model.save(folder / "model")
    progress("Writing the report", 1.0)
    return document


def write_comparison(comparison: Comparison, out: Path) -> Path:
    """Write the comparison table and its charts into a folder.

    Parameters
    ----------
    comparison : Comparison
    out : Path
        As in `write_result`.

    Returns
    -------
    Path
        `out`, with comparison.csv, summary.json (the same rows) and charts/.
    """
    refuse_foreign_folder(out)
    with replacing(out) as draft:
        draft.mkdir()
        write_csv(comparison.frame(), draft / "comparison.csv")
        _write_json({"comparison": summarise_comparison(comparison.trials)}, draft / MARK)
        chosen = comparison.chosen
        among = ~comparison.table.no_net_spend
        for chart in metric_charts(comparison.trials, (chosen.method, chosen.n_clusters), among=among):
            chart.save(draft / "charts")
    return out


def refuse_foreign_folder(out: Path) -> None:
    """Check that writing to `out` destroys nothing but an earlier result.

    Parameters
    ----------
    out : Path

    Raises
    ------
    ConflictError
        If it would.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise ConflictError("The result folder is a file", where=str(out), to_do="Choose another name")
    if Path.cwd().is_relative_to(out.resolve()):
        raise ConflictError(
            "The current folder cannot be replaced", where=str(out), to_do="Name a folder inside it"
        )
    found = {entry.name for entry in out.iterdir()} - CHAFF
    foreign = sorted(found - OWN) if MARK in found else sorted(found)
    if foreign:
        raise ConflictError(
            f"The folder holds other files, {foreign[0]!r} for one",
            where=str(out),
            to_do="Choose a new or an empty folder",
        )


def _write_tables(result: Segmentation, knowledge: Knowledge, *, folder: Path) -> None:
    write_csv(customers_frame(result), folder / "customers.csv")
    write_csv(rejected_frame(result), folder / "rejected.csv")
    (folder / "segments.sql").write_text(knowledge.tree.sql(), encoding="utf-8")
    if can_be_sql(result.model):
        (folder / "scoring.sql").write_text(scoring_sql(result.model), encoding="utf-8")
    if result.edits:
        _write_json(recipe_of(result).to_json(), folder / RECIPE_FILE)
    _write_json(summarise(result, knowledge), folder / MARK)


def _write_json(content: object, path: Path) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_reports(document: dict[str, Any], charts: Sequence[str], *, folder: Path) -> None:
    vector = {name: (folder / "charts" / f"{name}.svg").read_text(encoding="utf-8") for name in charts}
    pixels = {name: (folder / "charts" / f"{name}.png").read_bytes() for name in charts}
    write_html(document, vector, path=folder / "report.html")
    write_pdf(document, pixels, path=folder / "report.pdf")
