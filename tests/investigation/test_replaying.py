from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from coterie.errors import InputError, NotFoundError
from coterie.features import Predicate
from coterie.investigation import (
    Edit,
    Lock,
    Merge,
    Move,
    Pin,
    Rename,
    SaveAs,
    Split,
    apply_edit,
    demands_of,
    edits_in_words,
    effect_of,
    read_recipe,
    recipe_of,
    replay,
)
from coterie.segmentation import KMeans, Segmentation, who_moves
from tests.investigation.conftest import segmented


def renumbered(result: Segmentation, order: list[int]) -> Segmentation:
    """The same segments found by a later run under other numbers."""
    place = np.array([*order, -1], dtype=np.int32)
    labels = place[result.labels]
    segments = tuple(
        sorted(
            (replace(s, id=order[s.id], name=f"Found {order[s.id]}") for s in result.segments),
            key=lambda s: s.id,
        )
    )
    names = {s.id: s.name for s in segments}
    model = replace(result.model, order=place[result.model.order], names=names)
    return replace(result, labels=labels, segments=segments, model=model)


def test_no_edits_change_nothing(found: Segmentation) -> None:
    same, conflicts = replay(found, ())
    assert same is found
    assert conflicts == ()


def test_a_merge_that_is_undone_gives_the_same_labels(found: Segmentation) -> None:
    merged = apply_edit(apply_edit(found, Rename(0, "Best")), Merge((1, 2)))
    undone, conflicts = replay(merged, [Rename(0, "Best")])
    assert conflicts == ()
    np.testing.assert_array_equal(undone.labels, found.labels)
    assert undone.names == {**found.names, 0: "Best"}


def test_edits_find_their_segments_in_a_later_run_by_the_members(found: Segmentation) -> None:
    edits = (Rename(0, "Best"), Split(0, 2, names=("Best", "Nearly best")), Merge((1, 4), "Middle"))
    edited = found
    for edit in edits:
        edited = apply_edit(edited, edit)
    recipe = recipe_of(edited)
    later, conflicts = replay(renumbered(found, [2, 0, 3, 1]), recipe.edits, basis=recipe.basis)
    assert conflicts == ()
    for name in ("Best", "Middle"):
        own = {i for i, other in edited.names.items() if other == name}
        same = {i for i, other in later.names.items() if other == name}
        np.testing.assert_array_equal(np.isin(edited.labels, [*own]), np.isin(later.labels, [*same]))


def test_a_segment_that_is_gone_is_a_conflict_in_words(found: Segmentation) -> None:
    other = segmented(k=2)
    recipe = recipe_of(apply_edit(apply_edit(found, Rename(1, "Regulars")), Merge((1, 2))))
    _, conflicts = replay(other, recipe.edits, basis=recipe.basis)
    assert conflicts
    assert all("is not found among the segments of this run" in sentence for sentence in conflicts)


def test_customers_who_are_gone_are_told_by_their_number(found: Segmentation) -> None:
    ids = found.table.customer_ids
    recipe = recipe_of(apply_edit(found, SaveAs("List", tuple(ids[:6].tolist()))))
    rest = np.arange(3, len(ids))
    later = replace(found, table=found.table.rows(rest), labels=found.labels[rest], margin=found.margin[rest])
    edited, conflicts = replay(later, recipe.edits, basis=recipe.basis)
    assert conflicts == ("Save 6 customers as List: 3 customers of the list are no longer in the data.",)
    assert (edited.labels == 4).sum() == 3


def test_a_locked_segment_keeps_its_members_in_a_later_run(found: Segmentation) -> None:
    recipe = recipe_of(apply_edit(found, Lock(1)))
    strays = np.flatnonzero(found.labels == 1)[:4]
    labels = found.labels.copy()
    labels[strays] = 0
    later, conflicts = replay(replace(found, labels=labels), recipe.edits, basis=recipe.basis)
    assert conflicts == ()
    assert (later.labels[strays] == 1).all()
    assert later.edits[-1]["kind"] == "pin"


def test_a_recipe_comes_back_from_its_file(found: Segmentation, tmp_path: Path) -> None:
    edited = apply_edit(apply_edit(found, Merge((0, 1))), Split(0, condition=Predicate("n_orders", ">", 9.0)))
    path = tmp_path / "edits.json"
    path.write_text(json.dumps(recipe_of(edited).to_json()))
    recipe = read_recipe(path)
    assert recipe.basis is not None
    np.testing.assert_array_equal(recipe.basis.labels, found.labels)
    np.testing.assert_array_equal(replay(found, recipe.edits, basis=recipe.basis)[0].labels, edited.labels)
    assert edits_in_words(edited) == ["Merge Segment 1 and Segment 2", "Split Segment 1 at n_orders"]


CROOKED = {"customer_ids": ["a"], "labels": [4], "edited": [0], "names": {"0": "x"}}


@pytest.mark.parametrize(
    "text", ["", "7", "{}", '{"schema": 9, "edits": []}', '{"schema": 1, "edits": [], "basis": {}}',
             json.dumps({"schema": 1, "edits": [], "basis": CROOKED}),
             "[" * 100_000],
)  # fmt: skip
def test_a_file_that_is_no_recipe_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "edits.json"
    path.write_text(text)
    with pytest.raises(InputError):
        read_recipe(path)
    with pytest.raises(NotFoundError):
        read_recipe(tmp_path / "nothing.json")


def test_an_effect_is_told_before_anything_is_changed(found: Segmentation) -> None:
    effect = effect_of(found, Merge((0, 1), "Both"))
    sizes = {s.name: s.n_customers for s in found.segments}
    assert [(s.name, s.n_before, s.n_after) for s in effect.segments] == [
        ("Segment 1", sizes["Segment 1"], None),
        ("Segment 2", sizes["Segment 2"], None),
        ("Both", None, sizes["Segment 1"] + sizes["Segment 2"]),
    ]
    assert effect.n_moved == min(sizes["Segment 1"], sizes["Segment 2"])
    before, after = effect.segments[:2], effect.segments[2]
    assert sum(s.revenue_before or 0 for s in before) == pytest.approx(after.revenue_after)
    assert effect.silhouette_before is not None
    assert effect.sentence.startswith("Merge Segment 1 and Segment 2: ")
    assert json.dumps(effect.to_json(), allow_nan=False)
    assert (
        effect_of(found, Rename(0, "Best")).sentence
        == "Rename Segment 1 to Best: nobody changes the segment."
    )


def test_pins_reach_an_algorithm_that_heeds_them(found: Segmentation) -> None:
    ids = found.table.customer_ids
    one, other = tuple(ids[:3].tolist()), tuple(ids[3:5].tolist())
    demands = demands_of([Pin(one, 0), Move(other, 2), Rename(0, "a")], ids)
    assert demands.pinned[:6].tolist() == [0, 0, 0, 1, 1, -1]
    assert demands.must_link.tolist() == [[0, 1], [1, 2], [3, 4]]
    assert demands.cannot_link.tolist() == [[0, 3]]
    Z = found.model.transformed(found.table)
    labels = KMeans(4, random_state=0).fit(Z, **vars(demands)).labels_
    assert labels[:5].tolist() == [0, 0, 0, 1, 1]


def test_the_same_weights_move_nobody_and_others_are_told_in_a_matrix(found: Segmentation) -> None:
    assert len(who_moves(found, {"recency_days": 1.0}).customer_ids) == 0
    movers = who_moves(found, {"recency_days": 8.0, "ltv": 0.2})
    assert len(movers.customer_ids) > 0
    assert movers.matrix.sum() == (found.labels >= 0).sum()
    np.testing.assert_array_equal(movers.matrix.sum(axis=1), [s.n_customers for s in found.segments])
    assert movers.matrix.sum() - np.trace(movers.matrix) == len(movers.customer_ids)
    assert (movers.from_ids != movers.to_ids).all()
    assert "would change the segment" in movers.sentence


def test_a_preview_is_quick_on_many_customers() -> None:
    large = segmented(100_000)
    edits: list[Edit] = [
        Merge((0, 1)),
        Split(0),
        Split(0, condition=Predicate("n_orders", ">", 20.0)),
        SaveAs("List", tuple(large.table.customer_ids[:20_000].tolist())),
    ]
    previews: list[Callable[[], object]] = [partial(effect_of, large, edit) for edit in edits]
    previews.append(partial(who_moves, large, {"recency_days": 3.0}))
    for preview in previews:
        started = time.process_time()
        preview()
        assert time.process_time() - started < 2.0
