"""The clustering methods by name."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import numpy as np
import pytest

from coterie.errors import InputError, NotFoundError
from coterie.segmentation import CLUSTERERS, Clusterer, KMeans, fit_trial, registry
from tests.segmentation.shops import shop

PLUG_IN = Clusterer(
    "halves",
    "Halves",
    "Cuts the customers in two.",
    build=lambda n_clusters, random_state: KMeans(2, random_state=random_state),
    restore=KMeans.restore,
    takes_n_clusters=False,
)


def installed(monkeypatch: pytest.MonkeyPatch, **points: str) -> registry.Clusterers:
    """The methods there would be with packages that declare these entry points."""
    monkeypatch.setattr(
        registry,
        "entry_points",
        lambda group: [EntryPoint(name, value, group) for name, value in points.items()],
    )
    return registry.Clusterers()


@pytest.fixture
def plug_in_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plug_in", SimpleNamespace(halves=PLUG_IN, nothing=7))


def test_the_six_methods_are_there_in_order() -> None:
    assert list(CLUSTERERS)[:6] == ["kmeans", "gmm", "hierarchical", "dbscan", "tpa", "rfm"]
    assert len(CLUSTERERS) >= 6


@pytest.mark.parametrize("name", list(CLUSTERERS))
def test_each_method_has_a_title_a_sentence_and_builds(name: str) -> None:
    clusterer = CLUSTERERS[name]
    assert clusterer.name == name
    assert clusterer.title
    assert clusterer.sentence.endswith(".")
    estimator = clusterer.build(4 if clusterer.takes_n_clusters else None, 0)
    for promised in ("fit", "predict", "margin", "export", "restore"):
        assert callable(getattr(estimator, promised))


@pytest.mark.parametrize("name", [n for n in CLUSTERERS if CLUSTERERS[n].takes_n_clusters])
def test_a_method_that_takes_a_number_gives_it_to_its_estimator(name: str) -> None:
    assert 4 in CLUSTERERS[name].build(4, 0).get_params().values()  # type: ignore[attr-defined]


def test_an_unknown_method_is_answered_with_the_known_ones() -> None:
    assert "magic" not in CLUSTERERS
    with pytest.raises(NotFoundError, match=r"'magic'.*kmeans"):
        CLUSTERERS["magic"]


def test_an_installed_package_adds_a_method(monkeypatch: pytest.MonkeyPatch, plug_in_module: None) -> None:
    methods = installed(monkeypatch, halves="plug_in:halves")
    assert list(methods)[-1] == "halves"
    assert methods["halves"] is PLUG_IN


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("plug_in:missing", "AttributeError"),
        ("no_such_package:x", "ModuleNotFoundError"),
        ("plug_in:nothing", "not a Clusterer"),
    ],
)
def test_a_broken_package_is_reported_where_it_would_run_and_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, plug_in_module: None, value: str, reason: str
) -> None:
    methods = installed(monkeypatch, broken=value)
    with pytest.raises(InputError, match=reason):
        methods["broken"].build(3, 0)
    monkeypatch.setattr("coterie.segmentation.fit.CLUSTERERS", methods)
    trial = fit_trial(shop(60), "broken", n_clusters=3)
    assert reason in trial.failure
    assert fit_trial(shop(60), "kmeans", n_clusters=3).failure == ""


def test_a_package_cannot_take_over_a_built_in_name(
    monkeypatch: pytest.MonkeyPatch, plug_in_module: None
) -> None:
    assert installed(monkeypatch, kmeans="plug_in:halves")["kmeans"] is CLUSTERERS["kmeans"]


def test_an_added_method_clusters_like_the_others(
    monkeypatch: pytest.MonkeyPatch, plug_in_module: None
) -> None:
    methods = installed(monkeypatch, halves="plug_in:halves")
    monkeypatch.setattr("coterie.segmentation.fit.CLUSTERERS", methods)
    monkeypatch.setattr("coterie.segmentation.model.CLUSTERERS", methods)
    trial = fit_trial(shop(60), "halves")
    assert trial.labels is not None
    assert trial.n_clusters == 2
    assert set(np.unique(trial.labels)) == {-1, 0, 1}


def test_importing_the_stage_imports_no_learning_library() -> None:
    script = "import coterie.segmentation, sys; print({'sklearn', 'pandas', 'scipy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_every_promised_name_can_be_had() -> None:
    from coterie import segmentation

    for name in segmentation.__all__:
        assert getattr(segmentation, name) is not None
    with pytest.raises(AttributeError):
        _ = segmentation.NoSuchName


@pytest.mark.parametrize("name", list(CLUSTERERS))
def test_the_memory_a_method_needs_grows_with_rows_and_with_its_own_attributes_if_it_has_them(
    name: str,
) -> None:
    clusterer = CLUSTERERS[name]
    assert clusterer.bytes_needed(2_000_000, 3) > clusterer.bytes_needed(1_000_000, 3) > 0
    wider = clusterer.bytes_needed(1_000_000, 9) > clusterer.bytes_needed(1_000_000, 3)
    assert wider != bool(clusterer.attributes)
