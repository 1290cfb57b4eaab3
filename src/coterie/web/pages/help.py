"""How to begin, and what the words mean."""

from __future__ import annotations

from flask import Blueprint, Response

from coterie.web.house import workspace
from coterie.web.rendering import render

page = Blueprint("help", __name__, url_prefix="/help")


@page.get("")
def show() -> Response:
    """Explain."""
    from coterie.knowledge import EVIDENCE_MEANS, PLAYBOOKS
    from coterie.segmentation import CLUSTERERS

    return render(
        "help.html",
        features=_features(),
        methods=list(CLUSTERERS.values()),
        playbooks=list(PLAYBOOKS.values()),
        evidence=EVIDENCE_MEANS,
    )


def _features() -> list[list[str]]:
    """What the segmentation in use knows of each customer: label, name, sentence, what fills gaps."""
    known = workspace().segmentations
    current = known.load_current()
    glossary: list[list[str]] = [] if current is None else known.page(current.id)["glossary"]
    return glossary
