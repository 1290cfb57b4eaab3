"""Events of the stages, and what turns them on; without that Coterie is silent, as a library should be.

An event says how much was done and how long it took, never whose data it was: counts, names of methods.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterator
from typing import TextIO

Facts = dict[str, int | str]


class _OneLine(logging.Formatter):
    """Keeps an event on its line, whatever was put into it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Write line ends as they are typed in Python."""
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what is standard error now: progress bars put themselves in its place while they run."""

    @property
    def stream(self) -> TextIO:
        """Standard error."""
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        """Leave standard error where it is."""


def configure(level: str = "WARNING") -> None:
    """Send Coterie's events to standard error, one line each; called only by the doors (cli, web).

    Parameters
    ----------
    level : str
        A level name of the logging module.
    """
    handler = _StandardError()
    handler.setFormatter(_OneLine("%(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("coterie")
    logger.handlers[:] = [handler]
    logger.setLevel(level)


@contextlib.contextmanager
def event(logger: logging.Logger, stage: str) -> Iterator[Facts]:
    """Log one event when the block is done: stage, what the block noted, seconds, as key=value.

    Parameters
    ----------
    logger : Logger
        Of the module the stage is run from.
    stage : str
        One word.

    Yields
    ------
    dict of int or str by key
        To be filled with counts and names of methods; never with a customer's data.
    """
    started = time.monotonic()
    facts: Facts = {}
    yield facts
    told = {"stage": stage, **facts, "seconds": f"{time.monotonic() - started:.3f}"}
    logger.info(" ".join(f"{key}={value}" for key, value in told.items()))
