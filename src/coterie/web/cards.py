"""Segments at a glance, for the pages that show a whole segmentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TYPICAL = ("recency_days", "n_orders", "monetary")
"""Features whose typical value stands on a card, if the data have them."""


@dataclass(frozen=True)
class Card:
    """A segment at a glance.

    Attributes
    ----------
    id : int
    name : str
    n_customers : int
    share, revenue_share : float or None, 0-1
    traits : list of str
    typical : list of (label, value)
    stability : str
        Share of its members found again when it is made anew; empty if unknown.
    action : str
        What to do about it, in a sentence; empty if nothing is known.
    """

    id: int
    name: str
    n_customers: int
    share: float
    revenue_share: float | None
    traits: list[str]
    typical: list[tuple[str, str]]
    stability: str
    action: str


def segment_cards(page: dict[str, Any], summary: dict[str, Any]) -> list[Card]:
    """Join the words and the figures of each segment.

    Parameters
    ----------
    page, summary : dict
        What `ws.segmentations.page` and `.summary` give.

    Returns
    -------
    list of Card
    """
    figures = {segment["id"]: segment for segment in summary["segments"]}
    labels = {name: label for label, name, *_ in page["glossary"]}
    typical = [labels[name] for name in TYPICAL if name in labels]
    return [_card(words, figures[words["id"]], typical=typical) for words in page["segments"]]


def _card(words: dict[str, Any], figures: dict[str, Any], *, typical: list[str]) -> Card:
    medians = {label: own for label, own, _ in words["medians"]}
    return Card(
        id=words["id"],
        name=words["name"],
        n_customers=figures["n_customers"],
        share=figures["share"],
        revenue_share=figures["revenue_share"],
        traits=words["traits"],
        typical=[(label, medians[label]) for label in typical if label in medians],
        stability=words["stability"],
        action=words["action"]["strategy"] if words["action"] else "",
    )
