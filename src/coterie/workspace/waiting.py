"""Work that somebody waits for: in a child process, for so long and no longer."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from coterie.errors import CoterieError
from coterie.jobs.child import CancelledError, run_in_child
from coterie.workspace.workspace import Workspace


def run_awaited(
    ws: Workspace,
    function: Callable[..., None],
    *,
    arguments: Mapping[str, Any],
    within_s: float,
    too_long: CoterieError,
) -> None:
    """Run a function in a child process while a page waits for it.

    Parameters
    ----------
    ws : Workspace
    function : callable
        See `coterie.jobs.child.run_in_child`.
    arguments : mapping
        `target` is the file or folder it makes; nothing half-made is left beside it.
    within_s : float
    too_long : CoterieError
        Raised when the time is over.

    Raises
    ------
    CoterieError
        What the function raises, or `too_long`.
    """
    end, target = time.monotonic() + within_s, Path(arguments["target"])
    try:
        run_in_child(
            function,
            arguments,
            memory_mb=ws.settings.job_memory_mb,
            watch=lambda _sentence, _share: time.monotonic() < end,
        )
    except CancelledError:
        raise too_long from None
    finally:
        for left in target.parent.glob(f".{target.stem}-*"):
            shutil.rmtree(left, ignore_errors=True)
