from __future__ import annotations

import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import CoterieError, InputError, SchemaError
from coterie.settings import Settings
from tests.opening import opened

CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, [*range(32), 127]))),
    max_size=8,
) | st.sampled_from(["a\nb", "a\r\nb", 'say "x"', "a,b", "a;b", "00123", "NA", "1E5", " spaced ", "'", "\t"])


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_writes_is_read_back_exactly(rows: list[list[str]], end: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["customer", "product", "note"], *rows])
    found = opened(text.getvalue())
    assert not found.rejected
    assert found.rows == [[cell or None for cell in row] for row in rows]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    try:
        found = opened(b"id,amount\n1,2\n" + content)
    except CoterieError:
        return
    assert all(len(row) == len(found.columns) for row in found.rows)


@given(st.lists(st.text('ab,;"\t ', max_size=12), max_size=12))
def test_every_line_is_read_or_rejected(lines: list[str]) -> None:
    content = "\n".join(["id,amount,day", "1,2,3", "4,5,6", "7,8,9", "1,2,3", *lines])
    found = opened(content)
    begun = set(found.lines) | {reject.line for reject in found.rejected}
    within_a_row = sum(cell.count("\n") for row in found.rows for cell in row if cell)
    n_filled = sum(bool(line.strip()) for line in lines) + 4
    assert len(begun) == len(found.rows) + len(found.rejected)
    assert n_filled <= len(begun) + within_a_row


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")]
)
def test_the_delimiter_is_found(delimiter: str, name: str) -> None:
    rows = [["id", "day", "net", "note"], ["00123", "2024-01-02", "1", "x"], ["9", "2024-01-03", "2", "y"]]
    found = opened("\n".join(delimiter.join(row) for row in rows))
    assert found.columns == ("id", "day", "net", "note")
    assert found.rows == rows[1:]
    assert found.table.dialect["delimiter"] == name


def test_a_decimal_comma_is_no_delimiter() -> None:
    found = opened("id;net;gross\n1;1.234,56;2,0\n2;1,5;3,0\n")
    assert found.rows == [["1", "1.234,56", "2,0"], ["2", "1,5", "3,0"]]


def test_commas_in_a_column_of_text_make_no_columns() -> None:
    found = opened("name\nSmith, Ann\nJones, Bob\n\nPlain\n")
    assert found.column("name") == ["Smith, Ann", "Jones, Bob", "Plain"]


def test_a_list_of_names_is_one_column() -> None:
    assert opened("Ann Smith\nBob Jones\nCat Hill\n").columns == ("Ann Smith",)


def test_columns_set_apart_by_white_space_are_read_with_a_header() -> None:
    found = opened(
        " customer_id  date cds  value\r\n 00001 19970101  1   11.77\r\n 00002 19970112  1  12.00\r\n"
    )
    assert found.columns == ("customer_id", "date", "cds", "value")
    assert found.rows[0] == ["00001", "19970101", "1", "11.77"]


def test_columns_set_apart_by_white_space_are_read_without_a_header() -> None:
    found = opened(" 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n")
    assert found.columns == ("#1", "#2", "#3", "#4", "#5")
    assert found.table.has_header is False
    assert found.lines == [1, 2]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;;;", "sep="])
def test_excels_first_line_names_the_delimiter_and_is_no_row(first: str) -> None:
    found = opened(f"{first}\nid;amount\n1;2,5\n")
    assert found.columns == ("id", "amount")
    assert found.lines == [3]
    assert not found.rejected


def test_a_declared_delimiter_is_taken_at_its_word() -> None:
    assert opened("sep=^\na^b\n1^2\n").rows == [["1", "2"]]


def test_without_a_header_columns_are_numbered() -> None:
    found = opened("17850,2010-12-01,2.55\n17851,2010-12-02,3.0\n")
    assert found.columns == ("#1", "#2", "#3")
    assert len(found.rows) == 2
    assert "named #1, #2" in found.table.notes[0]


def test_years_as_names_of_columns_are_a_header() -> None:
    found = opened("customer,2023,2024\n1,10,20\n2,30,40\n")
    assert found.columns == ("customer", "2023", "2024")


def test_line_ends_of_all_systems_may_mix() -> None:
    found = opened(b"id,amount\r1,2\n3,4\r\n5,6\r\r\n7,8")
    assert found.column("id") == ["1", "3", "5", "7"]
    assert found.lines == [2, 3, 4, 6]


def test_an_embedded_line_end_counts_as_a_line_but_not_as_a_row() -> None:
    found = opened('id,note\n1,"two\nlines"\n2,x\n')
    assert found.rows == [["1", "two\nlines"], ["2", "x"]]
    assert found.lines == [2, 4]


def test_blank_lines_do_not_count() -> None:
    found = opened("id,amount\n\n1,2\n   \n\n3,4\n\n")
    assert (found.lines, found.rejected) == ([3, 6], [])


def test_blank_lines_do_not_count_in_a_single_column() -> None:
    found = opened('id\n1\n\n""\n2\n')
    assert found.rows == [["1"], [None], ["2"]]


def test_trailing_commas_on_every_line_are_harmless() -> None:
    found = opened("id,amount,,\n1,2,,\n3,4,,\n")
    assert found.columns == ("id", "amount")
    assert found.rows == [["1", "2"], ["3", "4"]]


def test_a_value_beyond_the_last_column_is_not_harmless() -> None:
    found = opened("id,amount\n1,2,\n3,4,5\n6,7\n8,9\n")
    assert found.column("id") == ["1", "6", "8"]
    assert found.refusals == [(3, "too many cells: 3 instead of 2")]


def test_a_title_above_the_header_is_rejected_not_taken_for_it() -> None:
    found = opened("Sales 2024\nid,day,amount\n1,2024-01-02,3\n2,2024-01-02,4\n")
    assert found.columns == ("id", "day", "amount")
    assert found.refusals == [(1, "too few cells: 1 instead of 3")]


def test_a_header_that_comes_again_is_rejected() -> None:
    found = opened("id,amount\n1,2\nid,amount\n3,4\n")
    assert found.refusals == [(3, "the header again")]


def test_marks_of_a_merge_conflict_are_rejected_lines() -> None:
    half = "1,2024-01-02,3\n2,2024-01-02,4\n"
    found = opened(f"<<<<<<< HEAD\nid,day,amount\n{half}=======\nid,day,amount\n{half}>>>>>>> c001\n")
    assert found.column("id") == ["1", "2", "1", "2"]
    assert [line for line, _ in found.refusals] == [1, 5, 6, 9]


def test_quotes_in_tab_separated_text_may_be_plain_characters() -> None:
    found = opened('"Nice" he said, and "left\t1\nA 5" pipe\t0\n')
    assert found.rows == [['"Nice" he said, and "left', "1"], ['A 5" pipe', "0"]]
    assert found.table.dialect["quotes"] == "none"


def test_a_quote_within_a_plain_cell_is_a_character() -> None:
    assert opened('id,item\n1,5" pipe\n2,x\n').column("item") == ['5" pipe', "x"]


def test_a_quote_that_is_not_closed_costs_one_line() -> None:
    found = opened('id,note\n1,a\n2,"open\n3,c\n4,"d"\n5,e\n')
    assert found.column("id") == ["1", "3", "4", "5"]
    assert found.refusals == [(3, "a quote is not closed")]


def test_text_after_a_closing_quote_costs_one_line() -> None:
    found = opened('id,note\n1,"a"b\n2,c\n3,"d"\n')
    assert found.refusals == [(2, "text after a closing quote")]
    assert found.column("id") == ["2", "3"]


def test_many_unclosed_quotes_cost_one_line_each() -> None:
    content = "id,note\n" + "".join(f'{i},"x{i}\n{i},y\n' for i in range(1000))
    found = opened(content)
    assert (len(found.rows), len(found.rejected)) == (1000, 1000)


def test_unclosed_quotes_without_end_stop_with_the_line() -> None:
    filler = "1,plain text without any quote\n" * 40
    content = "id,note\n" + "".join(f'2,"\n{filler}' for _ in range(2000))
    with pytest.raises(SchemaError, match=r"quotes in the file are not closed \(table.csv, line \d+\)"):
        opened(content.replace('2,"\n', '2,"a""\n'), settings=Settings(max_cell_bytes=10_000))


def test_a_large_file_comes_in_bounded_batches() -> None:
    rows = "".join(f"{i},{i % 7}\n" for i in range(150_000))
    found = opened("id,amount\n" + rows)
    assert found.column("id") == [str(i) for i in range(150_000)]
    assert found.lines == list(range(2, 150_002))


def test_a_file_in_which_no_line_fits_is_refused_with_the_first_reason() -> None:
    with pytest.raises(SchemaError, match=r"too many cells: 3 instead of 2 \(table.csv, line 2\)"):
        opened("id,amount\n1,2,3\n4,5,6\n")


def test_a_file_of_mostly_garbage_stops() -> None:
    content = "id,day,amount\n" + "1,2,3\n" * 300 + "x\n" * 200_500
    with pytest.raises(SchemaError, match="cannot be read as rows"):
        opened(content)


def test_a_header_alone_has_no_rows() -> None:
    for content in ("id,amount", "id,amount\n", "id,amount\r\n\r\n"):
        with pytest.raises(InputError, match="no rows"):
            opened(content)


def test_ids_stay_text() -> None:
    ids = ["00123", "NA", "null", "12345678901234567890", "1E5", "9007199254740993", "1.0", "Ä\u200d", "nan"]
    found = opened("id,x\n" + "".join(f"{i},1\n" for i in ids))
    assert found.column("id") == ids


def test_reading_the_same_file_twice_gives_the_same() -> None:
    pick = random.Random(0)
    content = "id,x\n" + "".join(pick.choice(['1,"a\n', "2,b\n", "3\n", '4,"c,d"\n']) for _ in range(500))
    first, second = opened(content), opened(content)
    assert (first.rows, first.rejected) == (second.rows, second.rejected)
