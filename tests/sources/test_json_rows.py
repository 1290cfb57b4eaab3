from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InputError, SchemaError
from coterie.settings import Settings
from tests.opening import opened

LINES = '{"id": "00123", "amount": 1.50, "n": 12345678901234567890}\n{"id": "NA", "paid": true, "n": null}\n'


def test_json_lines_keep_every_digit() -> None:
    found = opened(LINES, name="orders.jsonl")
    assert found.columns == ("id", "amount", "n", "paid")
    assert found.rows == [["00123", "1.50", "12345678901234567890", None], ["NA", None, None, "true"]]
    assert found.lines == [1, 2]
    assert found.table.dialect["format"] == "JSON Lines"


def test_a_json_array_gives_the_line_each_object_starts_on() -> None:
    content = "[\n" + ",\n".join(LINES.strip().split("\n")) + "\n]\n"
    found = opened(content, name="orders.json")
    assert found.rows == opened(LINES).rows
    assert found.lines == [2, 3]


def test_a_pretty_printed_array_is_read() -> None:
    found = opened(json.dumps([{"id": "a", "x": 1}, {"id": "b", "x": 2}], indent=2))
    assert found.rows == [["a", "1"], ["b", "2"]]
    assert found.lines == [2, 6]


VALUES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"])) | st.integers()


@given(st.lists(st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1), min_size=1, max_size=5))
def test_an_array_and_lines_of_the_same_objects_read_the_same(objects: list[dict[str, object]]) -> None:
    array, lines = opened(json.dumps(objects)), opened("\n".join(map(json.dumps, objects)))
    assert (array.columns, array.rows) == (lines.columns, lines.rows)
    key = array.columns[0]
    assert array.column(key) == [None if o.get(key, "") == "" else str(o[key]) for o in objects]


def test_inner_objects_are_flattened_once_and_the_rest_is_left_out() -> None:
    found = opened('{"id": 1, "place": {"city": "Köln", "geo": {"lat": 1}}, "tags": ["a"]}\n')
    assert found.columns == ("id", "place.city")
    assert found.rows == [["1", "Köln"]]
    assert len([note for note in found.table.notes if "left out" in note]) == 2


def test_a_bad_line_is_rejected_by_its_number() -> None:
    bad = [
        '{"id": 2,',
        '{"id": NaN}',
        '{"id": 3, "id": 4}',
        "[1]",
        '{"id": 5} {"id": 6}',
        '{"p": {"x": Infinity}}',
    ]
    found = opened('{"id": 1}\n\n' + "\n".join(bad) + '\n{"id": 9}\n')
    assert found.column("id") == ["1", "9"]
    assert found.refusals == [
        (3, "not a JSON object"),
        (4, "NaN is not a number"),
        (5, "the same key twice"),
        (6, "not a JSON object"),
        (7, "more than one value in a line"),
        (8, "Infinity is not a number"),
    ]


def test_in_an_array_too_only_the_bad_object_is_rejected() -> None:
    found = opened('[{"id": 1}, {"id": NaN}, {"id": 2, "id": 3}, 7, {"id": 4}]')
    assert found.column("id") == ["1", "4"]
    assert len(found.rejected) == 3


def test_an_array_longer_than_a_block_is_read_whole() -> None:
    objects = [{"id": str(i), "note": "é" * 50} for i in range(20_000)]
    found = opened(json.dumps(objects, ensure_ascii=False))
    assert found.column("id") == [str(i) for i in range(20_000)]


@pytest.mark.parametrize(
    "content",
    [
        '[{"id": 1}, {"id": 2',
        '[{"id": 1} nonsense',
        '{"orders": [{"id": 1}]}',
        '{\n  "id": 1\n}',
        "[]",
        "{}",
        "[1, 2]",
    ],
)
def test_what_is_no_list_of_rows_is_refused(content: str) -> None:
    with pytest.raises(InputError):
        opened(content)


def test_too_many_keys_are_refused() -> None:
    with pytest.raises(SchemaError, match="101 columns"):
        opened(json.dumps([{f"k{i}": 1 for i in range(101)}]), settings=Settings(max_columns=100))


def test_an_object_without_end_is_refused_in_bounded_memory() -> None:
    with pytest.raises(InputError, match="not valid JSON"):
        opened('[{"id": "' + "x" * 6_000_000, settings=Settings(max_line_bytes=2**20))
