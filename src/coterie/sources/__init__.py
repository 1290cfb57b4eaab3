"""Files, databases and frames -> Dataset, IngestReport."""

from coterie.sources.dataset import ROLES, ColumnGuess, Dataset, FileReport, IngestReport, Role
from coterie.sources.read import InputOptions, read
from coterie.sources.sample import write_sample_store

__all__ = [
    "ROLES",
    "ColumnGuess",
    "Dataset",
    "FileReport",
    "IngestReport",
    "InputOptions",
    "Role",
    "read",
    "write_sample_store",
]
