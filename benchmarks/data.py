"""Where the public data lie that a bench needs."""

from __future__ import annotations

import os
from pathlib import Path


def public_data(name: str) -> tuple[Path | None, str]:
    """A file or folder of the public data, or None and what is missing."""
    folder = os.environ.get("COTERIE_TEST_DATA")
    if not folder:
        return None, "COTERIE_TEST_DATA does not name the folder of public data"
    path = Path(folder) / name
    return (path, "") if path.exists() else (None, f"there is no {path}")


def online_retail() -> tuple[Path | None, str]:
    """The orders of Online Retail, or None and what is missing."""
    return public_data("online_retail/OnlineRetail.csv.gz")
