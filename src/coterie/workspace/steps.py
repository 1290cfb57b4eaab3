"""The steps of a job, each run by a child process: folders in, a folder out that is whole or not there."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.jobs import Progress
from coterie.settings import Settings
from coterie.store import Store, link_or_copy, read_json, replacing, write_csv
from coterie.workspace import foretelling
from coterie.workspace.advising import write_advice
from coterie.workspace.naming import called_by_name, renamed
from coterie.workspace.reading import ATTRIBUTES, attributes, given_tables, input_options

if TYPE_CHECKING:
    from coterie.segmentation import Segmentation
    from coterie.sources import Dataset

EDITS_FILE = "edits.json"


def import_files(
    files: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    *,
    settings: Mapping[str, Any],
    describe: bool,
    target: str,
    progress: Progress,
) -> None:
    """Read and clean uploaded files.

    Parameters
    ----------
    files : sequence of mapping
        path, name (as the user calls it), role ("" to find out, "-" to leave the file out) and mapping.
    options : mapping
        Of the dataset.
    settings : mapping
    describe : bool
        Whether to find out what can be known of the customers: see `attributes`.
    target : str
        Folder: what `save_dataset` writes, report.json, quality.json, rejected.csv, and attributes.json.
    progress : callable
    """
    from coterie import features, river, sources

    limits = Settings(**settings)
    names = {Path(file["path"]).name: file["name"] for file in files}
    with called_by_name(names), replacing(Path(target)) as draft:
        with scratch(draft, limits) as store:
            dataset = sources.read(
                *given_tables(files), options=input_options(options, limits), store=store, progress=progress
            )
            cleaned, quality = river.clean(
                dataset, keep_duplicates=bool(options.get("keep_duplicates")), progress=progress
            )
            kept = renamed(cleaned, names)
            progress("Keeping the tables", 0.9)
            sources.save_dataset(kept, draft)
            write_csv(kept.report.rejected.order_by(["source", "line"]).to_pandas(), draft / "rejected.csv")
            if describe:
                progress("Describing the customers", 0.95)
                write_json(attributes(features.build_features(kept, quality=quality)), draft / ATTRIBUTES)
        write_json(_account(kept), draft / "report.json")
        write_json(asdict(quality), draft / "quality.json")


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
    with replacing(Path(target)) as draft, scratch(draft, Settings(**settings)) as store:
        read = sources.load_dataset(Path(dataset), store=store)
        quality = preprocessing.quality_from(read_json(Path(dataset) / "quality.json"))
        end = river.as_date(observation_end)
        table = features.build_features(read, observation_end=end, quality=quality)
        if table.dataset is not None:
            sources.save_dataset(table.dataset, draft / "dataset")
        features.save_features(table, draft / "table")
        if observation_end is None:
            with replacing(Path(dataset) / ATTRIBUTES) as path:
                write_json(attributes(table), path)
    progress("Building features", 1.0)


def segment(
    features: str,
    request: Mapping[str, Any],
    *,
    recipe: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any],
    target: str,
    progress: Progress,
) -> None:
    """Find the segments.

    Parameters
    ----------
    features : str
        Folder that `build_table` wrote.
    request : mapping
        Keywords of `river.segment`.
    recipe : mapping, optional
        Edits of an earlier segmentation to make anew: edits, path (of its file of edits) and id, which
        begins the ids they get.
    settings : mapping
    target : str
        Folder: what `save_segmentation` writes, and edits.json if there is a recipe.
    progress : callable
    """
    from coterie import river
    from coterie.features import load_features
    from coterie.segmentation import save_segmentation

    limits = Settings(**settings)
    with replacing(Path(target)) as draft, scratch(draft, limits) as store:
        table = load_features(Path(features) / "table", dataset=known_dataset(Path(features), store))
        result = river.segment(table, **request, settings=limits, progress=progress)
        save_segmentation(result, draft)
        if recipe is not None:
            write_json(_replayed(result, recipe), draft / EDITS_FILE)


def foretell(features: str, *, settings: Mapping[str, Any], target: str, progress: Progress) -> None:
    """Look ahead for each customer.

    Parameters
    ----------
    features : str
        Folder that `build_table` wrote.
    settings : mapping
    target : str
        Folder: what `foretelling.foretell` writes.
    progress : callable
    """
    from coterie.features import load_features

    with replacing(Path(target)) as draft, scratch(draft, Settings(**settings)) as store:
        table = load_features(Path(features) / "table", dataset=known_dataset(Path(features), store))
        foretelling.foretell(table, draft, progress=progress)


def draw(
    features: str,
    segmentation: str,
    *,
    edits: str = "",
    settings: Mapping[str, Any],
    target: str,
    progress: Progress,
) -> None:
    """Draw the charts.

    Parameters
    ----------
    features, segmentation : str
        Folders of the steps before.
    edits : str
        File of the edits made, if there are any.
    settings : mapping
    target : str
        Folder: pictures/, drawings/ and charts.json, what the report prints beside them.
    progress : callable
    """
    from coterie import delivery, river

    with replacing(Path(target)) as draft, scratch(draft, Settings(**settings)) as store:
        made = {"features": features, "segmentation": segmentation, "edits": edits}
        result = load_edited(made, store=store)
        charts = delivery.write_charts(
            result,
            river.profile(result, progress=progress),
            folder=draft / "pictures",
            drawings=draft / "drawings",
            progress=progress,
        )
        write_json(charts, draft / "charts.json")


def write(
    folders: Mapping[str, str], *, settings: Mapping[str, Any], target: str, progress: Progress
) -> None:
    """Write the folder of a finished segmentation.

    Parameters
    ----------
    folders : mapping
        features, segmentation, forecast, charts: folders of the steps before; edits, if there are any: a
        file. An older segmentation has no forecast.
    settings : mapping
    target : str
        Folder: result/, charts/, page.json, members.parquet, outlook.json, advice.json; forecast.parquet,
        edges.parquet and those of products if there are any; and archive/ for later changes by hand.
    progress : callable
    """
    from coterie import delivery, river

    made = {name: Path(folder) for name, folder in folders.items()}
    with replacing(Path(target)) as draft, scratch(draft, Settings(**settings)) as store:
        result = load_edited(folders, store=store)
        _copy(made["charts"] / "pictures", draft / "result" / "charts")
        _copy(made["charts"] / "drawings", draft / "charts")
        for name in ("features", "segmentation", "forecast"):
            if name in made and made[name].is_dir():
                _copy(made[name], draft / "archive" / name)
        knowledge = river.profile(result, progress=progress)
        page = delivery.write_report(
            result,
            knowledge,
            charts=read_json(made["charts"] / "charts.json"),
            folder=draft / "result",
            progress=progress,
        )
        write_json({**page, **_account_of_edits(folders)}, draft / "page.json")
        ahead = draft / "archive" / "forecast"
        beside = foretelling.columns_beside(ahead)
        delivery.write_members(result, draft / "members.parquet", beside=beside)
        foretelling.write_outlook(result, ahead, target=draft)
        write_advice(result, knowledge, folder=draft, forecast=foretelling.known_forecast(ahead))


def try_edit(
    folders: Mapping[str, str],
    edit: Mapping[str, Any],
    *,
    target: str,
    progress: Progress,
) -> None:
    """Say what an edit would do, and do nothing.

    Parameters
    ----------
    folders : mapping
        segmentation: folder of a step before; edits: a file with those made already.
    edit : mapping
        As JSON.
    target : str
        Folder: effect.json.
    progress : callable
        Not told anything: it is quick.
    """
    from coterie.investigation import edit_from_json, effect_of

    with replacing(Path(target)) as draft:
        draft.mkdir()
        effect = effect_of(load_edited(folders), edit_from_json(edit))
        write_json(effect.to_json(), draft / "effect.json")


@contextlib.contextmanager
def scratch(draft: Path, settings: Settings) -> Iterator[Store]:
    """A store inside the folder in the making, gone before that is finished.

    Parameters
    ----------
    draft : Path
        Made if it does not exist.
    settings : Settings

    Yields
    ------
    Store
    """
    draft.mkdir(exist_ok=True)
    store = Store(draft / "scratch", settings=settings)
    try:
        yield store
    finally:
        store.close()
        shutil.rmtree(store.folder)


def _account(dataset: Dataset) -> dict[str, Any]:
    report = dataset.report
    return {
        "files": [asdict(one) for one in report.files],
        "rows_read": report.rows_read,
        "rows_accepted": report.rows_accepted,
        "rows_rejected": report.rows_rejected,
        "currency": dataset.currency,
    }


def known_dataset(features: Path, store: Store) -> Dataset | None:
    """The orders and events that customers were described from.

    Parameters
    ----------
    features : Path
        Folder that `build_table` wrote.
    store : Store

    Returns
    -------
    Dataset or None
    """
    from coterie.sources import load_dataset

    folder = features / "dataset"
    return load_dataset(folder, store=store) if folder.is_dir() else None


def load_edited(folders: Mapping[str, str], *, store: Store | None = None) -> Segmentation:
    """The segmentation as the edits leave it.

    Parameters
    ----------
    folders : mapping
        segmentation and, if there are any, edits; features, with a store.
    store : Store, optional
        Without it, orders and events are left aside.

    Returns
    -------
    Segmentation
    """
    from coterie.investigation import edit_from_json, replay
    from coterie.segmentation import load_segmentation

    known = None if store is None else known_dataset(Path(folders["features"]), store)
    result = load_segmentation(Path(folders["segmentation"]), dataset=known)
    edits = [edit_from_json(one["edit"]) for one in _edits(folders)["edits"]]
    return replay(result, edits)[0] if edits else result


def _edits(folders: Mapping[str, str]) -> dict[str, Any]:
    """The edits to make, and what is to be said of those that could not be made."""
    path = Path(folders.get("edits", ""))
    return read_json(path) if path.is_file() else {"edits": [], "conflicts": []}


def _account_of_edits(folders: Mapping[str, str]) -> dict[str, Any]:
    edits = _edits(folders)
    return {"edit_ids": [one["id"] for one in edits["edits"]], "conflicts": edits["conflicts"]}


def _replayed(result: Segmentation, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The edits of an earlier segmentation in terms of this one."""
    from coterie.investigation import edit_from_json, read_recipe, replay

    path = Path(recipe["path"])
    basis = read_recipe(path).basis if path.is_file() else None
    edits = [edit_from_json(edit) for edit in recipe["edits"]]
    edited, conflicts = replay(result, edits, basis=basis)
    made = [{"id": f"{recipe['id']}-{n:03d}", "edit": dict(edit)} for n, edit in enumerate(edited.edits)]
    return {"edits": made, "conflicts": list(conflicts)}


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    link_or_copy(Path(source), Path(target))


def write_json(content: Any, path: Path) -> None:
    """Write plain JSON into a folder in the making.

    Parameters
    ----------
    content : object
    path : Path
    """
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
