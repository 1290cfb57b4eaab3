"""Files, databases and frames -> Dataset, IngestReport."""

from coterie.sources.dataset import ROLES, ColumnGuess, Dataset, FileReport, IngestReport, Role
from coterie.sources.names import SYNONYMS
from coterie.sources.open import open_raw
from coterie.sources.preview import FilePreview, preview
from coterie.sources.read import GivenTable, InputOptions, read
from coterie.sources.sample import write_sample_store
from coterie.sources.saving import load_dataset, save_dataset

__all__ = [
    "ROLES",
    "SYNONYMS",
    "ColumnGuess",
    "Dataset",
    "FilePreview",
    "FileReport",
    "GivenTable",
    "IngestReport",
    "InputOptions",
    "Role",
    "load_dataset",
    "open_raw",
    "preview",
    "read",
    "save_dataset",
    "write_sample_store",
]
