"""Where the public data lie that a bench needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

MISSING = 2
"""Exit code of a bench whose data are not there."""


def online_retail(bench: str) -> Path | None:
    """The orders of Online Retail; None, after a sentence about what is missing, if they are not there."""
    folder = os.environ.get("COTERIE_TEST_DATA")
    path = Path(folder or ".") / "online_retail" / "OnlineRetail.csv.gz"
    if folder and path.is_file():
        return path
    what = (
        f"there is no file {path}" if folder else "COTERIE_TEST_DATA does not name the folder of public data"
    )
    print(f"{bench}: not run, {what}.", file=sys.stderr)
    return None
