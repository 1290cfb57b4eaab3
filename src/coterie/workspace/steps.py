"""The steps of a job, each run by a child process: folders in, a folder out that is whole or not there."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import CoterieError
from coterie.jobs import Progress
from coterie.settings import Settings
from coterie.store import Store, link_or_copy, replacing

if TYPE_CHECKING:
    from coterie.segmentation import Segmentation
    from coterie.sources import Dataset

READING_OPTIONS = ("mapping", "date_order", "encoding", "decimal", "time_zone")


def import_files(
    files: Sequence[Mapping[str, str]],
    options: Mapping[str, Any],
    *,
    settings: Mapping[str, Any],
    target: str,
    progress: Progress,
) -> None:
    """Read and clean uploaded files.

    Parameters
    ----------
    files : sequence of mapping
        path, name (as the user calls it) and role ("" to find out).
    options : mapping
        Of the dataset.
    settings : mapping
    target : str
        Folder: what `save_dataset` writes, report.json and quality.json.
    progress : callable
    """
    from coterie import river, sources

    asked = {name: options[name] for name in READING_OPTIONS if options.get(name)}
    limits = Settings(**settings)
    given: dict[str, str] = {file["role"]: file["path"] for file in files if file["role"]}
    guessed = [file["path"] for file in files if not file["role"]]
    if "transactions" in given:
        guessed.insert(0, given.pop("transactions"))
    names = {Path(file["path"]).name: file["name"] for file in files}
    with _called_by_name(names), replacing(Path(target)) as draft:
        with _scratch(draft, limits) as store:
            dataset = sources.read(
                *guessed,
                **given,
                options=sources.InputOptions(**asked, settings=limits),
                store=store,
                progress=progress,
            )
            cleaned, quality = river.clean(
                dataset, keep_duplicates=bool(options.get("keep_duplicates")), progress=progress
            )
            kept = _renamed(cleaned, names)
            progress("Keeping the tables", 0.9)
            sources.save_dataset(kept, draft)
        _write_json(_account(kept), draft / "report.json")
        _write_json(asdict(quality), draft / "quality.json")


def build_table(
    dataset: str, observation_end: str | None, *, settings: Mapping[str, Any], target: str, progress: Progress
) -> None:
    """Describe the customers of an imported dataset.

    Parameters
    ----------
    dataset : str
        Folder that `import_files` wrote.
    observation_end : str or None
        ISO date.
    settings : mapping
    target : str
        Folder: dataset/ (as it was known on that day) and table/.
    progress : callable
    """
    from coterie import features, preprocessing, river, sources

    progress("Building features", 0.0)
    with replacing(Path(target)) as draft, _scratch(draft, Settings(**settings)) as store:
        read = sources.load_dataset(Path(dataset), store=store)
        quality = preprocessing.quality_from(_read_json(Path(dataset) / "quality.json"))
        end = river.as_date(observation_end)
        table = features.build_features(read, observation_end=end, quality=quality)
        if table.dataset is not None:
            sources.save_dataset(table.dataset, draft / "dataset")
        features.save_features(table, draft / "table")
    progress("Building features", 1.0)


def segment(
    features: str, request: Mapping[str, Any], *, settings: Mapping[str, Any], target: str, progress: Progress
) -> None:
    """Find the segments.

    Parameters
    ----------
    features : str
        Folder that `build_table` wrote.
    request : mapping
        Keywords of `river.segment`.
    settings : mapping
    target : str
        Folder: what `save_segmentation` writes.
    progress : callable
    """
    from coterie import river
    from coterie.features import load_features
    from coterie.segmentation import save_segmentation

    limits = Settings(**settings)
    with replacing(Path(target)) as draft, _scratch(draft, limits) as store:
        table = load_features(Path(features) / "table", dataset=_known(Path(features), store))
        result = river.segment(table, **request, settings=limits, progress=progress)
        save_segmentation(result, draft)


def draw(
    features: str, segmentation: str, *, settings: Mapping[str, Any], target: str, progress: Progress
) -> None:
    """Draw the charts.

    Parameters
    ----------
    features, segmentation : str
        Folders of the steps before.
    settings : mapping
    target : str
        Folder: pictures/, drawings/ and charts.json, what the report prints beside them.
    progress : callable
    """
    from coterie import delivery, river

    with replacing(Path(target)) as draft, _scratch(draft, Settings(**settings)) as store:
        result = _loaded(Path(features), Path(segmentation), store=store)
        charts = delivery.write_charts(
            result,
            river.profile(result, progress=progress),
            folder=draft / "pictures",
            drawings=draft / "drawings",
            progress=progress,
        )
        _write_json(charts, draft / "charts.json")


def write(
    folders: Mapping[str, str], *, settings: Mapping[str, Any], target: str, progress: Progress
) -> None:
    """Write the folder of a finished segmentation.

    Parameters
    ----------
    folders : mapping
        features, segmentation, charts: folders of the steps before.
    settings : mapping
    target : str
        Folder: result/, charts/, page.json, members.parquet, and archive/ for later changes by hand.
    progress : callable
    """
    from coterie import delivery, river

    made = {name: Path(folder) for name, folder in folders.items()}
    with replacing(Path(target)) as draft, _scratch(draft, Settings(**settings)) as store:
        result = _loaded(made["features"], made["segmentation"], store=store)
        _copy(made["charts"] / "pictures", draft / "result" / "charts")
        _copy(made["charts"] / "drawings", draft / "charts")
        for name in ("features", "segmentation"):
            _copy(made[name], draft / "archive" / name)
        page = delivery.write_report(
            result,
            river.profile(result, progress=progress),
            charts=_read_json(made["charts"] / "charts.json"),
            folder=draft / "result",
            progress=progress,
        )
        _write_json(page, draft / "page.json")
        delivery.write_members(result, draft / "members.parquet")


@contextlib.contextmanager
def _scratch(draft: Path, settings: Settings) -> Iterator[Store]:
    """A store inside the folder in the making, gone before that is finished."""
    draft.mkdir(exist_ok=True)
    store = Store(draft / "scratch", settings=settings)
    try:
        yield store
    finally:
        store.close()
        shutil.rmtree(store.folder)


@contextlib.contextmanager
def _called_by_name(names: Mapping[str, str]) -> Iterator[None]:
    """Files are stored under numbers; messages call them by the names their owner knows."""
    try:
        yield
    except CoterieError as failure:
        what, where, to_do = (_by_name(text, names) for text in (failure.what, failure.where, failure.to_do))
        raise type(failure)(what, where=where, to_do=to_do) from failure


def _by_name(text: str, names: Mapping[str, str]) -> str:
    stored = "|".join(map(re.escape, names))
    return re.sub(rf"(?<![\w.-])({stored})(?![\w.-])", lambda found: names[found[1]], text)


def _renamed(dataset: Dataset, names: Mapping[str, str]) -> Dataset:
    report = dataset.report
    files = tuple(replace(one, source=_by_name(one.source, names)) for one in report.files)
    sources = {old.source: new.source for old, new in zip(report.files, files, strict=True)}
    rejected = report.rejected.mutate(source=report.rejected.source.substitute(sources))
    return replace(dataset, report=replace(report, files=files, rejected=rejected))


def _account(dataset: Dataset) -> dict[str, Any]:
    report = dataset.report
    return {
        "files": [asdict(one) for one in report.files],
        "rows_read": report.rows_read,
        "rows_accepted": report.rows_accepted,
        "rows_rejected": report.rows_rejected,
        "currency": dataset.currency,
    }


def _known(features: Path, store: Store) -> Dataset | None:
    from coterie.sources import load_dataset

    folder = features / "dataset"
    return load_dataset(folder, store=store) if folder.is_dir() else None


def _loaded(features: Path, segmentation: Path, *, store: Store) -> Segmentation:
    from coterie.segmentation import load_segmentation

    return load_segmentation(segmentation, dataset=_known(features, store))


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    link_or_copy(Path(source), Path(target))


def _write_json(content: Any, path: Path) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
