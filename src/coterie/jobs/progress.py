"""How long work tells of its progress."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with a stage's sentence and the share of it that is done, 0 to 1.

Raising from it (KeyboardInterrupt, say) cancels the work.
"""


def ignore_progress(stage: str, share: float) -> None:
    """Progress for callers who do not watch.

    Parameters
    ----------
    stage : str
    share : float
    """
