"""A refit goes on from where the model stands: segments stay themselves, and only the model moves people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coterie.features import Predicate
from coterie.investigation import Merge, effect_of, recipe_of, replay
from coterie.investigation.recipe import recipe_from_json
from coterie.movement import refit
from coterie.segmentation import CLUSTERERS, Cut, Segmentation, finish, fit_trial, load_model, who_moves
from coterie.segmentation.scales import NumberScale
from tests.segmentation.shops import mixed, shop

RFM = ("recency_days", "n_orders", "monetary")


def fitted(method: str = "kmeans", *, k: int = 3, seed: int = 0) -> Segmentation:
    table = shop(600, seed=seed)
    result = finish(fit_trial(table, method, n_clusters=k, attributes=RFM), table)
    model = result.model.with_names({i: f"{name} of old" for i, name in result.names.items()})
    return replace(result, model=model)


@pytest.mark.parametrize("method", sorted(set(CLUSTERERS) - {"kmedoids"}))
def test_every_method_is_refitted_and_keeps_the_segments_that_are_the_same(method: str) -> None:
    old = fitted(method)
    result, done = refit(old.model, shop(700, seed=1))
    assert result.model.revision == 2
    assert result.model.method == method
    assert (result.model.predict(result.table) == result.labels).all()
    for i in done.identity.similarity:
        assert result.names[i] == old.model.names[i]
    assert result.names == dict(result.model.names)
    assert len(set(result.names.values())) == len(result.names)
    assert set(result.names) - set(done.identity.similarity) <= set(done.identity.parents) | set(
        done.identity.births
    )


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_the_same_customers_refitted_stay_where_they_are(method: str) -> None:
    old = fitted(method)
    result, done = refit(old.model, old.table)
    assert done.n_moved <= 0.01 * len(old.table)
    assert set(result.names.values()) == set(old.model.names.values())
    assert done.sentence.startswith("3 segments kept their names; ")


def test_a_warm_start_needs_no_luck_and_keeps_every_cluster_at_its_place() -> None:
    old, later = fitted(k=6), shop(700, seed=1)
    one, other = refit(old.model, later, random_state=1)[0], refit(old.model, later, random_state=2)[0]
    assert (one.labels == other.labels).all()


def test_k_means_learns_its_scales_anew_and_a_mixture_keeps_them() -> None:
    later = shop(3_000, seed=1)
    old = fitted()
    result, done = refit(old.model, later)
    assert not done.kept_transform
    assert result.model.transform != old.model.transform
    assert refit(old.model, later, keep_transform=True)[0].model.transform == old.model.transform
    assert refit(fitted("gmm").model, later)[1].kept_transform


def test_customers_who_spend_three_times_as_much_keep_their_segments_under_new_scales() -> None:
    old, later = fitted(), shop(3_000, seed=1)
    richer = replace(later, X=later.X.assign(monetary=later.X.monetary * 3))
    result, done = refit(old.model, richer)
    assert done.drift is not None
    assert done.drift.scales_moved
    assert set(result.names.values()) == set(old.model.names.values())


def test_a_feature_keeps_its_bend_when_its_scale_is_learned_anew() -> None:
    old, later = fitted(), shop(600, seed=1)
    flat = replace(later, X=later.X.assign(monetary=np.linspace(10.0, 20.0, 600)))
    result, _ = refit(old.model, flat)
    scales = zip(old.model.transform.scales, result.model.transform.scales, strict=True)
    assert all(
        isinstance(then, NumberScale) and isinstance(now, NumberScale) and now.bend == then.bend
        for then, now in scales
    )


def test_parts_split_by_likeness_keep_the_scales_they_are_known_by() -> None:
    from coterie.investigation import Split, apply_edit

    old = apply_edit(fitted(), Split(2, n_parts=2, names=("Early", "Late")))
    result, done = refit(old.model, shop(700, seed=1))
    assert done.kept_transform
    assert {"Early", "Late"} <= set(result.names.values())
    again = refit(old.model, shop(700, seed=1), keep_transform=False)[1]
    assert any("make those changes anew" in note for note in again.notes)


def test_weights_stay_when_scales_are_learned_anew() -> None:
    table = mixed(600)
    weights = {"income": 3.0, "city": 0.5, "channel": 0.0}
    trial = fit_trial(table, "kmeans", n_clusters=3, weights=weights)
    old = finish(trial, table, weights=weights).model
    assert old.transform.weights == pytest.approx({"age_years": 1 * 2 / 3, "income": 2.0, "city": 1 / 3})
    again = refit(old, mixed(600, seed=1), keep_transform=False)[0].model
    assert again.transform.weights == pytest.approx(old.transform.weights)


def test_what_people_changed_stays_with_a_model_that_goes_on_and_is_told_lost_with_another() -> None:
    old = fitted()
    cut = Cut(2, Predicate("recency_days", ">", 100.0), 3)
    edited = old.model.amended(cut, {**old.model.names, 3: "Asleep"})
    result, done = refit(edited, shop(700, seed=1))
    assert result.names[3] == "Asleep"
    assert result.model.amendments == (cut,)
    assert done.notes == ()
    tree = fitted("hierarchical").model
    changed = tree.amended(cut, {**tree.names, 3: "Asleep"})
    assert any("make those changes anew" in note for note in refit(changed, shop(700, seed=1))[1].notes)


def test_a_segment_that_is_another_gets_an_id_never_used_and_edits_still_work(tmp_path: Path) -> None:
    import coterie

    old = fitted(k=4)
    table = shop(700, seed=1)
    result, done = refit(old.model, table.rows(np.flatnonzero(np.arange(700) % 3 != 2)))
    fresh = [i for i in result.names if i not in old.model.names]
    assert fresh
    assert min(fresh) == 4
    assert all(done.identity.parents[i] for i in fresh)
    loaded = load_model(result.model.save(tmp_path / "model"))
    assert (loaded.predict(result.table) == result.labels).all()
    assert loaded.revision == 2
    assert loaded.reference == result.model.reference
    ids = sorted(result.names)
    edited = coterie.apply_edits(
        result,
        [
            {"kind": "split", "segment_id": ids[-1], "n_parts": 2, "names": ["A", "B"]},
            {"kind": "merge", "segment_ids": [ids[0], ids[-1]]},
        ],
    )
    assert (edited.model.predict(edited.table) == edited.labels).all()
    assert "B" in edited.names.values()
    assert who_moves(result, {"recency_days": 3.0}).matrix.shape == (result.n_ids, result.n_ids)
    assert effect_of(result, Merge((ids[0], ids[-1]))).n_moved > 0
    recipe = recipe_from_json(recipe_of(edited).to_json())
    again, conflicts = replay(result, recipe.edits, basis=recipe.basis)
    assert conflicts == ()
    assert (again.labels == edited.labels).all()


def test_moves_are_told_with_their_cause() -> None:
    old = fitted()
    later = shop(600, seed=1)
    _, done = refit(old.model, later, earlier=shop(500))
    moves = done.moves()
    assert list(moves.columns) == ["customer_id", "previous_segment", "segment", "changed_on", "cause"]
    assert (moves.cause != "").all()
    assert len(moves) == (done.movement.customers.cause != "").sum()


def test_a_new_segment_is_not_called_like_one_that_ended() -> None:
    old = fitted(k=4)
    table = shop(700, seed=1)
    names = list(old.model.names.values())
    fewer = table.rows(np.flatnonzero(np.arange(700) % 3 != 2))
    result, _ = refit(old.model, fewer, namer=lambda found: dict(zip(found.names, names, strict=True)))
    fresh = {name for i, name in result.names.items() if i not in old.model.names}
    assert fresh
    assert not fresh & set(names)
