"""One segmentation: its segments, the map of its customers, its pictures, its tree and its grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from coterie.errors import CoterieError, ParameterError
from coterie.web.cards import segment_cards
from coterie.web.figures import IN_SPACE, Figure, find_figures, read_drawing
from coterie.web.house import workspace
from coterie.web.numbers import counted
from coterie.web.rendering import render
from coterie.web.rfm import asked_cuts, asked_grid
from coterie.web.trees import Tree, read_tree
from coterie.workspace.choosing import Choice, chosen_ids, list_chosen, one_by_one, within
from coterie.workspace.grid import N_SCORES, find_cuts, in_cell

if TYPE_CHECKING:
    from coterie.workspace import SegmentationRecord

page = Blueprint("segmentation", __name__, url_prefix="/segmentations")

SHOWN = ("recency_days", "n_orders", "monetary", "margin")
"""What stands beside a customer in a list, if it is known."""
MOST_IDS = 200
"""So many can be named in an address."""
ROWS = 25
DENSE_FROM = 50_000
"""From so many customers on the map in space shows a sample."""


@page.get("/<segmentation_id>")
def show(segmentation_id: str) -> Response:
    """Show all of it, with what its address asks for: an area, a cut, cut points, a cell."""
    record = workspace().segmentations.load(segmentation_id)
    if record.state != "ready":
        return _show_unfinished(record)
    figures = find_figures(segmentation_id)
    words, summary = (
        workspace().segmentations.page(segmentation_id),
        workspace().segmentations.summary(segmentation_id),
    )
    return render(
        "segmentation.html",
        record=record,
        words=words,
        cards=segment_cards(words, summary),
        n_customers=summary["data"]["n_customers"],
        n_unassigned=summary["segmentation"]["n_unassigned"],
        figures=figures,
        tree=_tree(segmentation_id, figures.get("dendrogram"), n_segments=len(words["segments"])),
        grid=asked_grid(segmentation_id, figures.get("rfm_grid")),
        currency=_currency(record),
        labels={name: label for label, name, *_ in words["glossary"]} | {"margin": "margin"},
        **_chosen(segmentation_id),
    )


@page.get("/<segmentation_id>/map-3d")
def show_in_space(segmentation_id: str) -> Response:
    """Show the map in space; it has a page of its own because it needs a bundle of its own."""
    record = workspace().segmentations.load(segmentation_id)
    return render(
        "map_3d.html",
        record=record,
        chart=find_figures(segmentation_id).get(IN_SPACE),
        is_dense=record.n_customers > DENSE_FROM,
    )


def _currency(record: SegmentationRecord) -> str | None:
    report = workspace().datasets.load(record.dataset_id).report or {}
    currency: str | None = report.get("currency")
    return currency


def _show_unfinished(record: SegmentationRecord) -> Response:
    jobs = [job for job in workspace().jobs.list() if job.target_id == record.id]
    return render("unfinished.html", record=record, job=jobs[0] if jobs else None)


def _chosen(segmentation_id: str) -> dict[str, Any]:
    """Who is chosen by the address; a wrong one is told, not failed on."""
    try:
        choice, told = _asked_choice(segmentation_id)
        if choice is None:
            return {"chosen": None, "chosen_by": "", "chosen_words": "", "wrong": "", "handed_on": None}
        found = list_chosen(
            workspace(), segmentation_id, choice=choice, columns=SHOWN, page=_page(), n_rows=ROWS
        )
        ids = chosen_ids(workspace(), segmentation_id, choice=choice) if "save" in request.args else None
    except CoterieError as failure:
        return {
            "chosen": None,
            "chosen_by": "map",
            "chosen_words": "",
            "wrong": str(failure),
            "handed_on": None,
        }
    return {
        "chosen": found,
        "chosen_by": "grid" if "cell" in request.args else "map",
        "chosen_words": f"{counted(found.n_members, 'customer')} {told}",
        "wrong": "",
        "handed_on": ids,
    }


def _page() -> int:
    asked = request.args.get("page", "1")
    return int(asked[:6]) if asked.isascii() and asked.isdigit() else 1


def _asked_choice(segmentation_id: str) -> tuple[Choice | None, str]:
    """Read from the address which customers are chosen, and how to say it."""
    if request.args.get("within"):
        return within(_corners(request.args["within"])), "in the area you drew"
    if request.args.get("ids"):
        ids = [line.strip() for line in request.args["ids"].splitlines()][:MOST_IDS]
        return one_by_one(ids), "of those you named"
    if request.args.get("cell"):
        recency, frequency = _cell(request.args["cell"])
        cuts = find_cuts(workspace(), segmentation_id)
        if cuts is not None:
            asked = in_cell(workspace(), segmentation_id, cuts=asked_cuts(cuts)[0], cell=(recency, frequency))
            return asked, f"with recency score {recency} and frequency score {frequency}"
    return None, ""


def _corners(text: str) -> list[tuple[float, float]]:
    try:
        values = [float(part) for part in text.split(",")]
        return list(zip(values[::2], values[1::2], strict=True))
    except ValueError:
        raise ParameterError("The area of the map cannot be read", to_do="Draw it again") from None


def _cell(text: str) -> tuple[int, int]:
    scores = [int(part) for part in text.split("-") if part.isascii() and part.isdigit() and len(part) == 1]
    if len(scores) != 2 or not all(1 <= score <= N_SCORES for score in scores):
        raise ParameterError("There is no such cell", to_do="Choose one of the grid")
    return scores[0], scores[1]


def _tree(segmentation_id: str, figure: Figure | None, *, n_segments: int) -> dict[str, Any] | None:
    """The tree with the cut of the address."""
    if figure is None or not figure.drawing:
        return None
    tree = read_tree(read_drawing(segmentation_id, figure.name))
    asked = request.args.get("cut", "")
    n_groups = int(asked[:3]) if asked.isascii() and asked.isdigit() else n_segments
    n_groups = min(max(n_groups, 2), tree.most_groups)
    return _cut(tree, n_groups)


def _cut(tree: Tree, n_groups: int) -> dict[str, Any]:
    height = tree.height(n_groups)
    groups = tree.groups(n_groups)
    return {
        "n_groups": n_groups,
        "most": tree.most_groups,
        "height": height,
        "level": tree.level(height),
        "above": tree.path(height, below=False),
        "below": tree.path(height, below=True),
        "groups": groups,
        "n_customers": sum(group.n_customers for group in groups),
    }
