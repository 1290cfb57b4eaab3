"""Long work: how it tells of its progress."""

from coterie.jobs.progress import Progress, ignore_progress

__all__ = ["Progress", "ignore_progress"]
