"""How long work tells of its progress."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with a stage's sentence and the share of it that is done, 0 to 1.

Raising from it (KeyboardInterrupt, say) cancels the work.
"""

_TELLING_SHARE = 0.05
"""Of the work; before so much of it is done, nothing can be said about the rest."""


def ignore_progress(stage: str, share: float) -> None:
    """Progress for callers who do not watch.

    Parameters
    ----------
    stage : str
    share : float
    """


class Stopwatch:
    """Says how long work will take from how long its beginning took.

    Parameters
    ----------
    share : float
        Of the work that was done before.
    """

    def __init__(self, share: float = 0.0) -> None:
        self._share, self._started = share, time.monotonic()

    def seconds_left(self, share: float) -> float | None:
        """How long the rest will take.

        Parameters
        ----------
        share : float
            Of the work that is done now.

        Returns
        -------
        float or None
            None if too little is done to say.
        """
        done = share - self._share
        if done < _TELLING_SHARE:
            return None
        return (time.monotonic() - self._started) * (1.0 - share) / done
