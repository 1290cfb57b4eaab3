"""Turns logging on; called only by the doors (cli, web). As a library Coterie is silent."""

from __future__ import annotations

import logging
import sys


def configure(level: str = "WARNING") -> None:
    """Send Coterie's events to standard error, one line each.

    Parameters
    ----------
    level : str
        A level name of the logging module.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("coterie")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
