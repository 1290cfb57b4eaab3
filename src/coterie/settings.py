"""Settings: one frozen value passed as an argument, never a global.

A value comes from the first of these that names it: a command-line flag or keyword, the
environment (``COTERIE_MAX_COLUMNS``), ``coterie.toml`` in the current folder, the default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from coterie.errors import ParameterError


def _setting(default: float | str, unit: str, *, sentence: str) -> Any:
    return field(default=default, metadata={"unit": unit, "sentence": sentence})


@dataclass(frozen=True)
class Settings:
    """All limits and floors, each with a default, a unit and a sentence."""

    max_columns: int = _setting(1_000, "columns", sentence="A table with more columns is refused.")
    max_line_bytes: int = _setting(
        16 * 2**20, "bytes", sentence="A text line longer than this is refused, which bounds memory."
    )
    max_cell_bytes: int = _setting(
        2**20, "bytes", sentence="A cell longer than this is refused; an unclosed quote is found by it."
    )
    max_expanded_bytes: int = _setting(
        64 * 2**30, "bytes", sentence="A compressed file that unpacks to more than this is refused."
    )
    max_expansion: int = _setting(
        200, "times", sentence="A compressed file that unpacks to more than this multiple is refused."
    )
    memory_limit_mb: int = _setting(
        1_024, "MiB", sentence="Memory the analytics engine may use before it spills to disk."
    )
    reader_memory_mb: int = _setting(
        4_096, "MiB", sentence="A Parquet file or workbook that takes more memory to open is refused."
    )
    compare_memory_mb: int = _setting(
        4_096, "MiB", sentence="A method that would need more memory for these customers is not tried."
    )
    max_upload_bytes: int = _setting(
        2 * 2**30, "bytes", sentence="A file larger than this cannot be uploaded to a workspace."
    )
    workspace_quota_mb: int = _setting(
        51_200, "MiB", sentence="A workspace whose uploads take more than this accepts no further ones."
    )
    min_free_disk_mb: int = _setting(
        512, "MiB", sentence="An upload that would leave less room than this on the disk is refused."
    )
    allow_database_sources: str = _setting(
        "",
        "hosts",
        sentence="Hosts, parted by commas, whose databases the web application may read.",
    )
    busy_timeout_s: float = _setting(
        10.0, "seconds", sentence="So long a change waits for another that holds the workspace's database."
    )
    page_memory_mb: int = _setting(
        512, "MiB", sentence="Memory of the engine that pages through the customers of a segmentation."
    )
    job_memory_mb: int = _setting(
        12_288, "MiB", sentence="A step of a job that takes more memory is ended, and the job fails alone."
    )
    parallel_jobs: int = _setting(2, "jobs", sentence="So many jobs of a workspace run at once.")
    silhouette_exact_rows: int = _setting(
        30_000,
        "customers",
        sentence="Up to here the silhouette is exact; above it is sampled, with its error.",
    )
    selection_rows: int = _setting(
        5_000, "customers", sentence="Above this, candidates are judged on a seeded sample of this size."
    )
    min_segment_share: float = _setting(
        0.03, "share", sentence="A chosen segmentation has no segment smaller than this share."
    )
    min_segment_customers: int = _setting(
        30, "customers", sentence="A chosen segmentation has no segment smaller than this."
    )
    max_segment_share: float = _setting(
        0.60, "share", sentence="A chosen segmentation has no segment larger than this share."
    )
    min_mean_jaccard: float = _setting(
        0.75, "share", sentence="Mean recovery of segments in refits on 70% of customers; lower is unstable."
    )
    min_worst_jaccard: float = _setting(
        0.60, "share", sentence="Recovery of the least stable segment in those refits; lower is unstable."
    )
    min_fidelity: float = _setting(
        0.85, "share", sentence="Share of held-out customers a small rule tree must place as the model does."
    )


def describe_settings() -> list[tuple[str, str, str, str]]:
    """Every setting as (name, default, unit, sentence), in order of definition.

    Returns
    -------
    list of tuple of str
    """
    return [
        (f.name, str(f.default) or "none", str(f.metadata["unit"]), str(f.metadata["sentence"]))
        for f in fields(Settings)
    ]


def load_settings(
    folder: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    **overrides: float | str | None,
) -> Settings:
    """Settings from defaults, ``coterie.toml``, the environment and overrides, in that order.

    Parameters
    ----------
    folder : Path, default the current folder
        Where ``coterie.toml`` is looked for.
    environment : mapping of str to str, default os.environ
        ``COTERIE_<NAME>`` entries are used.
    **overrides : int, float or str
        Values by setting name; None means not given.

    Returns
    -------
    Settings

    Raises
    ------
    ParameterError
        If a name is unknown, or a value is not the positive number it has to be.
    """
    environment = os.environ if environment is None else environment
    toml_path = (folder or Path.cwd()) / "coterie.toml"
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    if toml_path.is_file():
        for name, value in _read_toml(toml_path).items():
            values[name] = _checked(name, value, known=known, where=str(toml_path))
    for name in known:
        variable = f"COTERIE_{name.upper()}"
        if variable in environment:
            values[name] = _checked(name, environment[variable], known=known, where=variable)
    for name, override in overrides.items():
        if override is not None:
            values[name] = _checked(name, override, known=known, where=name)
    return Settings(**values)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise ParameterError(f"The settings file is not valid TOML: {cause}", where=str(path)) from cause


def _checked(name: str, value: object, *, known: Mapping[str, Any], where: str) -> float | str:
    if name not in known:
        raise ParameterError(
            f"There is no setting named {name!r}", where=where, to_do="'coterie settings' lists them"
        )
    kind = type(known[name].default)
    if kind is str:
        return str(value).strip()
    try:
        number: float = kind(str(value))
    except ValueError:
        number = -1
    if not number > 0:
        raise ParameterError(
            f"{name} must be a positive {'whole ' if kind is int else ''}number, not {value!r}",
            where=where,
        )
    return number
