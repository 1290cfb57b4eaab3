"""Where the public data lie that a bench needs."""

from __future__ import annotations

import os
from pathlib import Path


def online_retail() -> tuple[Path | None, str]:
    """The orders of Online Retail, or None and what is missing."""
    folder = os.environ.get("COTERIE_TEST_DATA")
    path = Path(folder or ".") / "online_retail" / "OnlineRetail.csv.gz"
    if folder and path.is_file():
        return path, ""
    if folder:
        return None, f"there is no file {path}"
    return None, "COTERIE_TEST_DATA does not name the folder of public data"
