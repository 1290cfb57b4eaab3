"""Files are stored under numbers; what is told of them calls them by the names their owner knows."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.errors import CoterieError

if TYPE_CHECKING:
    from coterie.sources import Dataset


@contextlib.contextmanager
def called_by_name(names: Mapping[str, str]) -> Iterator[None]:
    """Files are stored under numbers; messages call them by the names their owner knows."""
    try:
        yield
    except CoterieError as failure:
        what, where, to_do = (_by_name(text, names) for text in (failure.what, failure.where, failure.to_do))
        raise type(failure)(what, where=where, to_do=to_do) from failure


def _by_name(text: str, names: Mapping[str, str]) -> str:
    stored = "|".join(map(re.escape, names))
    return re.sub(rf"(?<![\w.-])({stored})(?![\w.-])", lambda found: names[found[1]], text)


def renamed(dataset: Dataset, names: Mapping[str, str]) -> Dataset:
    """The dataset whose report calls the files by their names.

    Parameters
    ----------
    dataset : Dataset
    names : mapping of str to str
        The owner's name by the stored one.

    Returns
    -------
    Dataset
    """
    report = dataset.report
    files = tuple(replace(one, source=_by_name(one.source, names)) for one in report.files)
    sources = {old.source: new.source for old, new in zip(report.files, files, strict=True)}
    rejected = report.rejected.mutate(source=report.rejected.source.substitute(sources))
    return replace(dataset, report=replace(report, files=files, rejected=rejected))
