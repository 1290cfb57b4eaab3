"""A finished segmentation, written by hand: what the pages read of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SEGMENTS = (("Champions", 120, 0.12, 0.48), ("Loyal", 300, 0.30, 0.34), ("Lost", 580, 0.58, 0.18))
GLOSSARY = (
    ("days since last order", "recency_days", "Days since the last order"),
    ("orders", "n_orders", "Number of orders"),
    ("spend (GBP)", "monetary", "Sum of all orders less returns"),
)


def write_segmentation(folder: Path) -> None:
    """Write page.json and summary.json of a thousand customers in three segments."""
    (folder / "result").mkdir(parents=True)
    (folder / "page.json").write_text(json.dumps(_page()))
    (folder / "result" / "summary.json").write_text(json.dumps(_summary()))


def _page() -> dict[str, Any]:
    action = {"playbook": "Champions", "strategy": "Thank them: early access", "channel": "Personal e-mail"}
    return {
        "headline": "3 segments; 12% of customers (Champions) bring 48% of revenue",
        "verdict": "Repeated on parts of the customers, these segments come out much the same.",
        "method": "K-Means",
        "glossary": [[*words, ""] for words in GLOSSARY],
        "next_steps": [{"segment": name, **action} for name, *_ in SEGMENTS],
        "segments": [
            {
                "id": i,
                "name": name,
                "traits": ["orders 2.3x the average"],
                "medians": [[label, str(10 * i), "5"] for label, *_ in GLOSSARY],
                "stability": "97%",
                "action": action,
            }
            for i, (name, *_) in enumerate(SEGMENTS)
        ],
    }


def _summary() -> dict[str, Any]:
    return {
        "data": {"n_customers": 1_000, "observation_end": "2026-03-01"},
        "segmentation": {"method": "kmeans", "n_segments": 3, "n_unassigned": 4},
        "segments": [
            {"id": i, "name": name, "n_customers": n, "share": share, "revenue_share": revenue}
            for i, (name, n, share, revenue) in enumerate(SEGMENTS)
        ],
    }
