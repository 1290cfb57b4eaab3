"""Movement, drift and their pictures, each worked out by a child process: folders in, a folder out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.settings import Settings
from coterie.store import read_json, replacing
from coterie.workspace.steps import known_dataset, load_edited, scratch, write_json

if TYPE_CHECKING:
    from coterie.movement import Movement
    from coterie.segmentation import Model

TOLD, WORDS, CUSTOMERS, EVENTS = "movement.json", "charts.json", "customers.parquet", "events.parquet"


def move(
    folders: Mapping[str, str],
    names: Mapping[str, str],
    *,
    days: tuple[str, str],
    currency: str,
    settings: Mapping[str, Any],
    target: str,
) -> None:
    """Say who moved between two days.

    Parameters
    ----------
    folders : mapping
        features and model of a finished segmentation.
    names : mapping
        What its segments are called now, by id.
    days : tuple of (str, str)
        ISO dates; the later is at most that of the features.
    currency : str
    settings : mapping
    target : str
        Folder: movement.json, charts.json (what stands beside each picture of people and of money),
        customers.parquet and events.parquet, who entered and left each segment.
    """
    from coterie.movement import between_snapshots, snapshot_on, take_snapshot

    if Path(target).is_dir():
        return
    start, end = map(date.fromisoformat, days)
    with replacing(Path(target)) as draft, scratch(draft, Settings(**settings)) as store:
        dataset = known_dataset(Path(folders["features"]), store)
        assert dataset is not None, "who has dated orders has a dataset"
        model = _named(Path(folders["model"]), names)
        table = _described(Path(folders["features"]), dataset)
        before = snapshot_on(model, dataset, on=start)
        is_last = table.observation_end == end
        after = take_snapshot(model, table) if is_last else snapshot_on(model, dataset, on=end)
        _write(between_snapshots(before, after), draft, currency=currency)


def compare(
    old: Mapping[str, str], new: Mapping[str, str], *, currency: str, settings: Mapping[str, Any], target: str
) -> None:
    """Say who moved from one segmentation to another, and whom the model alone moved.

    Parameters
    ----------
    old, new : mapping
        features, segmentation and edits of each.
    currency : str
    settings : mapping
    target : str
        Folder: as of `move`.
    """
    from coterie.movement import movement_between

    if Path(target).is_dir():
        return
    with replacing(Path(target)) as draft, scratch(draft, Settings(**settings)) as store:
        moved = movement_between(load_edited(old), load_edited(new, store=store))
        _write(moved, draft, currency=currency)


def draw(folder: str, of: str, *, target: str) -> None:
    """Draw a movement.

    Parameters
    ----------
    folder : str
        What `move` or `compare` wrote.
    of : str
        "people" or "money".
    target : str
        Folder: picture, figures and drawing of each chart.
    """
    from coterie.delivery import movement_charts

    if Path(target).is_dir():
        return
    currency = read_json(Path(folder) / WORDS)["currency"]
    with replacing(Path(target)) as draft:
        for chart in movement_charts(read_json(Path(folder) / TOLD), of=of, currency=currency):
            chart.save(draft)
            write_json(chart.interactive(), draft / f"{chart.name}.json")


def drift(
    folders: Mapping[str, str], names: Mapping[str, str], *, settings: Mapping[str, Any], target: str
) -> None:
    """Say whether a model still fits.

    Parameters
    ----------
    folders : mapping
        model, and what it is held against: features, or dataset, which a dataset was imported into.
    names : mapping
        What the segments are called now, by id.
    settings : mapping
    target : str
        Folder: drift.json.
    """
    from coterie.delivery import summarise_drift
    from coterie.movement import find_drift
    from coterie.preprocessing import quality_from
    from coterie.sources import load_dataset

    if Path(target).is_dir():
        return
    with replacing(Path(target)) as draft, scratch(draft, Settings(**settings)) as store:
        model = _named(Path(folders["model"]), names)
        if "dataset" in folders:
            path = Path(folders["dataset"])
            quality = quality_from(read_json(path / "quality.json"))
            table = model.described(load_dataset(path, store=store), quality=quality)
        else:
            features = Path(folders["features"])
            table = _described(features, known_dataset(features, store))
        day = table.observation_end
        told = {**summarise_drift(find_drift(model, table)), "observation_end": day and day.isoformat()}
        write_json(told, draft / "drift.json")


def _named(folder: Path, names: Mapping[str, str]) -> Model:
    from coterie import river

    model = river.load_model(folder)
    known = {int(number): name for number, name in names.items() if int(number) in model.names}
    return model.with_names(known)


def _described(features: Path, dataset: Any) -> Any:
    from coterie.features import load_features

    return load_features(features / "table", dataset=dataset)


def _write(moved: Movement, draft: Path, *, currency: str) -> None:
    from coterie.delivery import summarise_movement
    from coterie.movement import enter_leave

    told = summarise_movement(moved)
    write_json(told, draft / TOLD)
    write_json(_words(told, currency), draft / WORDS)
    moved.customers.to_parquet(draft / CUSTOMERS)
    enter_leave(moved).to_parquet(draft / EVENTS)


def _words(told: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """What stands beside the pictures, which are drawn when somebody looks."""
    from coterie.delivery import movement_charts, printed_table

    return {"currency": currency} | {
        of: [
            {
                "name": chart.name,
                "title": chart.title,
                "alt": chart.alt,
                "table": printed_table(chart.table, {}),
            }
            for chart in movement_charts(told, of=of, currency=currency)
        ]
        for of in ("people", "money")
        if told[of] is not None
    }
