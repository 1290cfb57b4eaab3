from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InputError
from coterie.features import Predicate
from coterie.investigation import (
    Annotate,
    Edit,
    Lock,
    Merge,
    Move,
    Pin,
    Rename,
    SaveAs,
    Split,
    edit_from_json,
    edit_to_json,
    edit_words,
)

IDS = st.integers(0, 9)
NAMES = st.text(min_size=1, max_size=20)
LISTS = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4).map(tuple)
CONDITIONS = st.builds(Predicate, st.just("n_orders"), st.just("<="), st.floats(-1e6, 1e6))
EDITS = st.one_of(
    st.builds(Rename, IDS, NAMES),
    st.builds(Merge, st.lists(IDS, min_size=2, max_size=3, unique=True).map(tuple), NAMES),
    st.builds(Split, IDS, st.integers(2, 10), st.none() | CONDITIONS),
    st.builds(Move, LISTS, IDS),
    st.builds(Pin, LISTS, IDS),
    st.builds(Lock, IDS),
    st.builds(Annotate, IDS, st.just("Seen in the shop")),
    st.builds(SaveAs, NAMES, LISTS),
)


@given(EDITS)
def test_an_edit_comes_back_from_json_as_it_was(edit: Edit) -> None:
    assert edit_from_json(json.loads(json.dumps(edit_to_json(edit)))) == edit


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (None, "object with a kind"),
        ([], "object with a kind"),
        ({"kind": 3}, "object with a kind"),
        ({"kind": "explode"}, "no edit of the kind 'explode'"),
        ({"kind": "rename", "segment_id": 1}, "needs 'name'"),
        ({"kind": "rename", "segment_id": "1", "name": "a"}, "segment_id"),
        ({"kind": "rename", "segment_id": True, "name": "a"}, "segment_id"),
        ({"kind": "rename", "segment_id": 1, "name": "a", "colour": "red"}, "no 'colour'"),
        ({"kind": "merge", "segment_ids": [1, 1]}, "two or more"),
        ({"kind": "split", "segment_id": 1, "n_parts": 1}, "2 to 10"),
        ({"kind": "split", "segment_id": 1, "condition": {"feature": "a"}}, "condition needs"),
        ({"kind": "split", "segment_id": 1, "condition": "a > 1"}, "condition needs"),
        ({"kind": "move", "segment_id": 1, "customer_ids": []}, "empty"),
        ({"kind": "move", "segment_id": 1, "customer_ids": [7]}, "customer_ids"),
        ({"kind": "annotate", "segment_id": 1, "text": " "}, "letters"),
    ],
)  # fmt: skip
def test_what_is_no_edit_is_refused_in_a_sentence(stored: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        edit_from_json(stored)


def test_an_edit_is_told_by_the_names_of_the_segments() -> None:
    names = {0: "Best", 1: "Rest"}
    assert edit_words(Merge((0, 1)), names) == "Merge Best and Rest"
    assert edit_words(Move(("ann", "bob"), 1), names) == "Move 2 customers to Rest"
    assert edit_words(Split(0, condition=Predicate("n_orders", ">", 3.0)), names) == "Split Best at n_orders"
