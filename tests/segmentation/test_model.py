"""The fitted rule, and what it is on disk."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from coterie.errors import ConflictError, InputError, NotFoundError, SchemaError
from coterie.features import FeatureTable
from coterie.segmentation import CLUSTERERS, Model, fit_trial, load_model
from tests.segmentation.shops import mixed, shop, table_of

SHOP = shop()
MIXED = mixed()


def fitted(method: str = "kmeans", table: FeatureTable = SHOP) -> Model:
    model = fit_trial(table, method, n_clusters=3).model
    assert model is not None
    return model


KMEANS = fitted()


@pytest.mark.parametrize("method", list(CLUSTERERS))
def test_the_customers_of_the_fit_get_the_segments_of_the_fit(method: str) -> None:
    trial = fit_trial(SHOP, method, n_clusters=4)
    assert trial.model is not None
    assert trial.labels is not None
    assert_array_equal(trial.model.predict(SHOP), trial.labels)


@pytest.mark.parametrize("method", list(CLUSTERERS))
def test_a_customer_gets_the_same_segment_alone(method: str) -> None:
    model = fitted(method)
    alone = [model.predict(SHOP.rows(np.array([i])))[0] for i in range(40)]
    assert_array_equal(alone, model.predict(SHOP)[:40])


@pytest.mark.parametrize("method", list(CLUSTERERS))
def test_a_saved_model_predicts_the_same_bit_for_bit(method: str, tmp_path: Path) -> None:
    model = fitted(method)
    again = load_model(model.save(tmp_path / "model"))
    others = shop(150, seed=5)
    for table in (SHOP, others):
        assert_array_equal(again.predict(table), model.predict(table))
        assert_array_equal(again.margin(table), model.margin(table))
        assert_array_equal(again.transformed(table), model.transformed(table))


@pytest.mark.parametrize("method", ["kmeans", "gmm", "hierarchical", "dbscan"])
def test_a_model_of_categories_survives_saving(method: str, tmp_path: Path) -> None:
    model = fitted(method, MIXED)
    again = load_model(model.save(tmp_path / "model"))
    assert_array_equal(again.predict(MIXED), model.predict(MIXED))


def test_all_else_about_a_model_survives_saving(tmp_path: Path) -> None:
    model = KMEANS.with_names({1: "Œuvre <b>"})
    again = load_model(model.save(tmp_path / "model"))
    for name in ("method", "attributes", "specs", "defaults", "names", "observation_end", "version"):
        assert getattr(again, name) == getattr(model, name)


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = KMEANS.save(tmp_path / "a"), fitted().save(tmp_path / "b")
    for name in ("model.json", "arrays.npz"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_saving_replaces_a_model_but_nothing_else(tmp_path: Path) -> None:
    folder = KMEANS.save(tmp_path / "model")
    fitted("rfm").save(folder)
    assert load_model(folder).method == "rfm"
    (folder / "thesis.txt").write_text("ten years of work")
    with pytest.raises(ConflictError, match="in the way"):
        KMEANS.save(folder)
    assert (folder / "thesis.txt").exists()


def test_a_save_that_fails_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = KMEANS.save(tmp_path / "model")

    def fail(*_: object, **__: object) -> str:
        raise OSError("disk full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk full"):
        patch.setattr("coterie.segmentation.saving.json.dumps", fail)
        fitted("rfm").save(folder)
    assert load_model(folder).method == "kmeans"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_customers_without_net_spend_stay_out_of_every_segment() -> None:
    assert (KMEANS.predict(SHOP)[SHOP.no_net_spend] == -1).all()
    assert np.isnan(KMEANS.margin(SHOP)[SHOP.no_net_spend]).all()
    nobody = replace(SHOP, no_net_spend=np.ones(len(SHOP), dtype=bool))
    assert (KMEANS.predict(nobody) == -1).all()


def test_assigning_gives_each_customer_a_segment_its_name_and_a_margin() -> None:
    frame = KMEANS.with_names({0: "Champions"}).assign(SHOP)
    assert list(frame) == ["customer_id", "segment_id", "segment_name", "margin"]
    assert set(frame.segment_name[frame.segment_id == 0]) == {"Champions"}
    assert set(frame.segment_name[frame.segment_id == -1]) == {"No net spend"}


def test_a_customer_in_no_segment_is_an_outlier_by_name() -> None:
    dense = np.r_[np.linspace(0, 1, 100), np.linspace(10, 11, 100)]
    model = fitted("dbscan", table_of({"x": dense, "y": dense}))
    far = table_of({"x": [500.0], "y": [-500.0]})
    assert model.assign(far).segment_name.tolist() == ["Outliers"]
    assert np.isnan(model.margin(far)).all()


def test_a_name_for_an_unknown_segment_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no segment 9"):
        KMEANS.with_names({9: "Nobody"})


@pytest.mark.parametrize(
    "table", [MIXED, table_of({n: ["a"] for n in SHOP.defaults})], ids=["absent", "text"]
)
def test_a_table_without_the_attributes_is_refused_by_name(table: FeatureTable) -> None:
    with pytest.raises(SchemaError, match="needs the number recency_days"):
        KMEANS.predict(table)


# What others may have done to a model, or put in its place.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return KMEANS.save(tmp_path / "model")


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((folder / "model.json").read_text())
    change(content)
    (folder / "model.json").write_text(json.dumps(content))


def put_arrays(folder: Path, members: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> None:
    """Arrays made by somebody who also knows how to write the right digest."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    (folder / "arrays.npz").write_bytes(packed.getvalue())
    digest = hashlib.sha256(packed.getvalue()).hexdigest()
    rewrite(folder, lambda content: content["arrays"].update(sha256=digest))


def npy(values: Any, *, allow_pickle: bool = False) -> bytes:
    data = io.BytesIO()
    np.save(data, values, allow_pickle=allow_pickle)
    return data.getvalue()


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("unpickled",))


def test_a_missing_folder_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["model.json", "arrays.npz"])
def test_a_folder_without_the_files_of_a_model_is_none(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match="not a model"):
        load_model(folder)


def test_a_file_in_place_of_the_folder_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(pickle.dumps(1))
    with pytest.raises(InputError, match="not a model"):
        load_model(tmp_path / "model")


def test_changed_arrays_are_noticed(folder: Path) -> None:
    data = bytearray((folder / "arrays.npz").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "arrays.npz").write_bytes(data)
    with pytest.raises(ConflictError, match="not those that were saved"):
        load_model(folder)


@pytest.mark.parametrize("schema", [0, 1, 2, "3", None])
def test_another_schema_is_refused(folder: Path, schema: object) -> None:
    rewrite(folder, lambda content: content.update(schema=schema))
    with pytest.raises(ConflictError, match="schema"):
        load_model(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"schema"', "[" * 100_000, "\x80"])
def test_a_json_that_is_no_model_is_refused(folder: Path, text: str) -> None:
    (folder / "model.json").write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match="not a model file"):
        load_model(folder)


@pytest.mark.parametrize(
    "key", ["method", "attributes", "names", "order", "specs", "transform", "estimator", "arrays"]
)
@pytest.mark.parametrize("value", [None, 3, "x", [1, [2]]])
def test_a_part_that_is_missing_or_nonsense_is_refused(folder: Path, key: str, value: object) -> None:
    rewrite(folder, lambda content: content.pop(key) if value is None else content.update({key: value}))
    with pytest.raises((InputError, NotFoundError, ConflictError)):
        load_model(folder)


def test_a_method_that_is_not_installed_is_not_found(folder: Path) -> None:
    rewrite(folder, lambda content: content.update(method="magic"))
    with pytest.raises(NotFoundError, match="'magic'"):
        load_model(folder)


@pytest.mark.parametrize("data", [pickle.dumps(Bomb()), npy(np.array([Bomb()]), allow_pickle=True)])
def test_python_objects_in_place_of_arrays_are_refused_unopened(folder: Path, data: bytes) -> None:
    put_arrays(folder, {"cluster_centers_.npy": data})
    with pytest.raises(InputError, match="damaged"):
        load_model(folder)


@pytest.mark.parametrize("name", ["../evil.npy", "/tmp/evil.npy", "other.npy"])
def test_arrays_of_other_names_are_refused(folder: Path, name: str) -> None:
    good = npy(np.zeros((3, 4)))
    put_arrays(folder, {"cluster_centers_.npy": good, name: good})
    with pytest.raises(InputError, match="not those it lists"):
        load_model(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_compressed_arrays_are_refused_before_they_are_unpacked(folder: Path) -> None:
    zeros = npy(np.zeros((3, 4)))
    put_arrays(folder, {"cluster_centers_.npy": zeros}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(InputError, match="compressed"):
        load_model(folder)


@pytest.mark.parametrize("values", [np.zeros((3, 9)), np.zeros(0), np.array("text"), np.array([1 + 2j])])
def test_arrays_that_do_not_fit_the_model_are_refused(folder: Path, values: np.ndarray) -> None:
    put_arrays(folder, {"cluster_centers_.npy": npy(values)})
    with pytest.raises(InputError, match="damaged"):
        load_model(folder)


def test_an_array_that_claims_to_be_huge_is_refused(folder: Path) -> None:
    header = npy(np.zeros((3, 4))).replace(b"(3, 4), }          ", b"(300000000000, 4), }")
    put_arrays(folder, {"cluster_centers_.npy": header})
    with pytest.raises(InputError, match="damaged"):
        load_model(folder)
