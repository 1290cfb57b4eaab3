"""Files that are written whole or not at all, and CSV that no spreadsheet runs."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
"""First characters a spreadsheet takes for a formula (OWASP ASVS 1.2.10, CWE-1236)."""


_DRAFT = re.compile(r"\..*-[0-9a-f]{32}(\.\w+)?")


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary path beside `target` that takes its place only if the block succeeds.

    Parameters
    ----------
    target : Path
        File or folder to make or replace; its parent is created. An old folder stays whole until the
        new one stands in its place.

    Yields
    ------
    Path
        A name that does not exist yet, with the suffix of `target`.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft, old = (target.with_name(f".{target.stem}-{uuid.uuid4().hex}{target.suffix}") for _ in range(2))
    try:
        yield draft
        if target.is_dir():
            target.replace(old)
        draft.replace(target)
    finally:
        if old.is_dir() and not target.exists():
            old.replace(target)
        for left in (draft, old):
            if left.is_dir():
                shutil.rmtree(left)
            left.unlink(missing_ok=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file that never changes a second name; where the file system cannot do that, copy it.

    Parameters
    ----------
    source, target : Path
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def remove_drafts(folder: Path) -> None:
    """Remove what `replacing` left half-written in a folder when its process was killed.

    Parameters
    ----------
    folder : Path
        In which nobody is writing now; it need not exist.
    """
    for left in folder.glob(".*") if folder.is_dir() else ():
        if _DRAFT.fullmatch(left.name):
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()


def harmless(cell: object) -> object:
    """Put a quote before text that a spreadsheet would run.

    Parameters
    ----------
    cell : object

    Returns
    -------
    object
        The cell itself unless it is text that starts like a formula.

    Examples
    --------
    >>> harmless("=HYPERLINK(...)"), harmless(-2.5), harmless("Anna")
    ("'=HYPERLINK(...)", -2.5, 'Anna')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as UTF-8 CSV, text cells and headers made harmless, complete or not at all.

    Parameters
    ----------
    frame : DataFrame
    path : Path
    """
    with replacing(path) as draft:
        draft.write_text(csv_text(frame), encoding="utf-8", newline="")


def csv_text(frame: pd.DataFrame, *, header: bool = True) -> str:
    """Print a frame as CSV, text cells and headers made harmless.

    Parameters
    ----------
    frame : DataFrame
    header : bool
        Whether the names of the columns stand first.

    Returns
    -------
    str
        Lines end in a line feed; numbers have up to ten digits. Headers that become equal are numbered.
    """
    safe = frame.set_axis(range(frame.shape[1]), axis=1)
    for i in safe.columns:
        if not _is_number(safe[i]):
            safe[i] = _harmless_column(safe[i])
    safe.columns = _harmless_headers(frame.columns)
    text: str = safe.to_csv(index=False, header=header, lineterminator="\n", float_format="%.10g")
    return text


def _harmless_headers(columns: Iterable[object]) -> list[object]:
    headers: list[object] = []
    for header in map(harmless, columns):
        numbered = (f"{header} ({i})" if i > 1 else header for i in itertools.count(1))
        headers.append(next(one for one in numbered if one not in headers))
    return headers


def _is_number(column: pd.Series) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return bool(is_numeric_dtype(column) or is_bool_dtype(column))


def _harmless_column(column: pd.Series) -> pd.Series:
    """Only distinct values are looked at, so that a million rows cost little."""
    values: Iterable[object] = column.dropna().unique()
    unsafe = {value: safe for value in values if (safe := harmless(value)) is not value}
    return column.astype(object).replace(unsafe) if unsafe else column


def read_json(path: Path) -> Any:
    """Read a file that one of us wrote.

    Parameters
    ----------
    path : Path

    Returns
    -------
    object
        As JSON has it.
    """
    return json.loads(path.read_text(encoding="utf-8"))
