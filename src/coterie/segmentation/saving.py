"""Models on disk: model.json and arrays.npz in one folder, read without ever running what they hold.

The JSON carries everything but the estimator's arrays, and their SHA-256. Loading refuses what does
not look exactly like a model: another schema, altered or compressed arrays, Python objects.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from coterie.errors import ConflictError, InputError, NotFoundError
from coterie.features import FeatureSpec
from coterie.segmentation.amendments import from_state, targets, to_state
from coterie.segmentation.model import Model
from coterie.segmentation.reference import Reference
from coterie.segmentation.registry import CLUSTERERS, Estimator
from coterie.segmentation.result import UNASSIGNED
from coterie.segmentation.transform import Transform
from coterie.store import replacing

SCHEMA = 3
"""Raised whenever a file of an earlier version could be misread."""

MODEL_FILE, ARRAYS_FILE = "model.json", "arrays.npz"

MAX_JSON_BYTES = 64 * 2**20
"""No model needs more: large state lies in the arrays."""

_Arrays = dict[str, npt.NDArray[Any]]

_UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, MemoryError)
"""What reading crooked content raises; InputError is a ValueError, too."""


def save_model(model: Model, folder: Path) -> Path:
    """Write a model into a folder, which appears complete or not at all.

    Parameters
    ----------
    model : Model
    folder : Path
        Made, or replaced if it holds a model.

    Returns
    -------
    Path

    Raises
    ------
    ConflictError
        If something else is there.
    """
    if folder.exists() and not _may_be_replaced(folder):
        raise ConflictError("Something that is not a model is in the way", where=str(folder))
    state = model.estimator.export()
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    scalars = {name: value for name, value in state.items() if name not in arrays}
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    content = _content(model, scalars) | {
        "arrays": {"names": sorted(arrays), "sha256": hashlib.sha256(packed.getvalue()).hexdigest()}
    }
    with replacing(folder) as draft:
        draft.mkdir()
        (draft / ARRAYS_FILE).write_bytes(packed.getvalue())
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False, default=plain)
        (draft / MODEL_FILE).write_text(text + "\n", encoding="utf-8")
    return folder


def load_model(folder: str | Path) -> Model:
    """Read a model that `Model.save` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Model
        Predicts what the saved one predicts, bit for bit.

    Raises
    ------
    NotFoundError
        If there is no such folder, or the model's method is not installed.
    InputError
        If the folder is not a model, or its content is not what a model may hold.
    ConflictError
        If the arrays were changed after saving, or another version of Coterie wrote the model.
    """
    folder = Path(folder)
    if not folder.exists():
        raise NotFoundError("There is no such model", where=str(folder))
    if not (folder / MODEL_FILE).is_file() or not (folder / ARRAYS_FILE).is_file():
        raise InputError(
            "This is not a model", where=str(folder), to_do="Name the folder 'model' of a result"
        )
    content = _read_json(folder / MODEL_FILE)
    packed = (folder / ARRAYS_FILE).read_bytes()
    try:
        _require_unchanged(content, packed, folder=folder)
        arrays = _read_arrays(packed, expected=content["arrays"]["names"])
        model = _model(content, arrays)
        _try_out(model)
    except (NotFoundError, ConflictError):
        raise
    except _UNREADABLE as cause:
        raise InputError(f"The model is damaged: {cause}", where=str(folder)) from cause
    return model


def _content(model: Model, scalars: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "version": model.version,
        "method": model.method,
        "attributes": model.attributes,
        "defaults": model.defaults,
        "observation_end": model.observation_end and model.observation_end.isoformat(),
        "names": {str(segment_id): name for segment_id, name in model.names.items()},
        "order": model.order.tolist(),
        "specs": [asdict(spec) for spec in model.specs],
        "transform": model.transform.to_state(),
        "estimator": dict(scalars),
        "amendments": [to_state(amendment) for amendment in model.amendments],
        "reference": model.reference and model.reference.to_state(),
        "revision": model.revision,
    }


def _model(content: Mapping[str, Any], arrays: _Arrays) -> Model:
    method = str(content["method"])
    estimator: Estimator = CLUSTERERS[method].restore({**content["estimator"], **arrays})
    end, reference = content["observation_end"], content.get("reference")
    return Model(
        method=method,
        transform=Transform.from_state(content["transform"]),
        estimator=estimator,
        order=np.array(list(content["order"]), dtype=np.int32),
        attributes=tuple(map(str, content["attributes"])),
        specs=tuple(FeatureSpec(**spec) for spec in content["specs"]),
        defaults=tuple(map(str, content["defaults"])),
        names={int(segment_id): str(name) for segment_id, name in content["names"].items()},
        observation_end=None if end is None else date.fromisoformat(end),
        version=str(content["version"]),
        amendments=tuple(from_state(state) for state in content["amendments"]),
        reference=None if reference is None else Reference.from_state(reference),
        revision=int(content.get("revision", 1)),
    )


def _try_out(model: Model) -> None:
    """Place one made-up customer, so that parts that do not fit together are found now."""
    import pandas as pd

    reached = {int(i) for i in model.order} - {UNASSIGNED}
    made = {i for amendment in model.amendments for i in targets(amendment)}
    if not (reached | made >= set(model.names) >= made) or (reached != set(model.names) and not made):
        raise ValueError("its clusters are not its segments")
    specs = {spec.name: spec for spec in model.specs}
    row = {name: [specs[name].fill] for name in model.attributes}
    seen = model.seen(pd.DataFrame(row))
    if len(model.estimator.predict(seen)) != 1 or len(model.estimator.margin(seen)) != 1:
        raise ValueError("its parts do not fit together")


def _read_json(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_JSON_BYTES:
        raise InputError("The model file is too large to be one", where=str(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        schema = content["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as cause:
        raise InputError("This is not a model file", where=str(path)) from cause
    if schema != SCHEMA:
        raise ConflictError(
            f"The model has schema {schema!r}, this version of Coterie reads schema {SCHEMA}",
            where=str(path),
            to_do="Make the model again, or use the version that made it",
        )
    return dict(content)


def _require_unchanged(content: Mapping[str, Any], packed: bytes, *, folder: Path) -> None:
    if hashlib.sha256(packed).hexdigest() != content["arrays"]["sha256"]:
        raise ConflictError(
            "The arrays of the model are not those that were saved",
            where=str(folder / ARRAYS_FILE),
            to_do="Restore the folder, or make the model again",
        )


def _read_arrays(packed: bytes, *, expected: list[str]) -> _Arrays:
    """The arrays in memory; nothing is unpacked to disk, so their names can point nowhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as cause:
        raise ValueError("its arrays cannot be read") from cause
    if sorted(member.filename for member in members) != sorted(f"{name}.npy" for name in expected):
        raise ValueError("its arrays are not those it lists")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("its arrays are compressed, which Coterie never does")
    with np.load(io.BytesIO(packed), allow_pickle=False) as loaded:
        return {name: loaded[name] for name in expected}


def _may_be_replaced(folder: Path) -> bool:
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= {MODEL_FILE, ARRAYS_FILE}


def plain(value: object) -> object:
    """Turn a numpy scalar into a Python number, for JSON."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be saved in a model")
