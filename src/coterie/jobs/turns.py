"""Turns: what must not be done twice at once to the same thing is done one after the other."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

from coterie.jobs.child import CancelledError

_LOOK_EVERY_S = 0.3


class Turns:
    """One turn at a time for each key, among the threads of this process."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @contextlib.contextmanager
    def turn(self, key: str, *, goes_on: Callable[[], bool]) -> Iterator[None]:
        """Wait for the turn of this key and hold it for as long as the block takes.

        Parameters
        ----------
        key : str
        goes_on : callable
            Asked again and again while waiting: whether to wait longer.

        Yields
        ------
        None

        Raises
        ------
        CancelledError
            If waiting was given up.
        """
        lock = self._locks[key]
        while not lock.acquire(timeout=_LOOK_EVERY_S):
            if not goes_on():
                raise CancelledError
        with contextlib.ExitStack() as held:
            held.callback(lock.release)
            yield
