"""Files, databases and frames -> Dataset, IngestReport."""

from coterie.sources.dataset import ROLES, ColumnGuess, Dataset, FileReport, IngestReport, Role
from coterie.sources.read import InputOptions, read
from coterie.sources.sample import write_sample_store
from coterie.sources.saving import load_dataset, save_dataset

__all__ = [
    "ROLES",
    "ColumnGuess",
    "Dataset",
    "FileReport",
    "IngestReport",
    "InputOptions",
    "Role",
    "load_dataset",
    "read",
    "save_dataset",
    "write_sample_store",
]
