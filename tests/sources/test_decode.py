from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InputError, ParameterError
from coterie.settings import Settings
from coterie.sources.decode import guess_encoding
from tests.opening import opened

WESTERN = "id,name,city\n1,Zoé Müller,Köln\n2,Hélène d’Été,São Paulo\n3,Søren,Århus\n"
JAPANESE = "番号,名前,都市\n1,田中さくら,東京\n2,鈴木一郎,大阪市\n3,Smith,横浜\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_western_text_is_read_in_every_common_encoding(encoding: str) -> None:
    found = opened(WESTERN.encode(encoding))
    assert found.columns == ("id", "name", "city")
    assert found.column("city") == ["Köln", "São Paulo", "Århus"]
    assert not found.rejected


def test_shift_jis_is_recognised() -> None:
    found = opened(JAPANESE.encode("cp932"))
    assert found.column("都市") == ["東京", "大阪市", "横浜"]
    assert found.table.dialect["encoding"] == "Shift-JIS (cp932)"


def test_a_guess_is_told_and_can_be_overruled() -> None:
    assert any("cp1252" in note for note in opened(WESTERN.encode("cp1252")).table.notes)
    found = opened("id,name\n1,Łódź\n".encode("cp1250"), encoding="cp1250")
    assert found.column("name") == ["Łódź"]
    assert found.table.dialect["encoding"] == "cp1250"


def test_utf_8_needs_no_note() -> None:
    assert opened(WESTERN).table.notes == []


@pytest.mark.parametrize("name", ["cp1252", "utf-8"])
def test_the_encoding_is_found_where_the_first_letter_beyond_ascii_stands(name: str) -> None:
    plain = "id,name\n" + f"1,{'Ann' * 99}\n" * 4_000
    found = opened((plain + "2,Zoé\n").encode(name))
    assert found.rows[-1] == ["2", "Zoé"]
    assert found.table.dialect["encoding"] == name


def test_a_letter_cut_by_a_block_is_whole() -> None:
    head = "id,n\n1,é\n"
    for shift in range(4):
        filler = "x" * (2**20 - len(head.encode()) - shift - 3)
        found = opened(f"{head}2,{filler}\n3,日本\n", settings=Settings(max_cell_bytes=2**21))
        assert found.rows[-1] == ["3", "日本"]


def test_invalid_bytes_reject_their_row_only() -> None:
    found = opened("id,name\n1,Zoë\n2,Bad-X\n3,Ann\n".encode().replace(b"X", b"\xff\xfe"))
    assert found.column("name") == ["Zoë", "Ann"]
    assert found.refusals == [(3, "bytes that are no text in this encoding")]
    assert found.rejected[0].value == "Bad-\ufffd\ufffd"


def test_an_encoding_nobody_can_tell_gives_rejected_rows_not_wrong_letters() -> None:
    text = "id,name\n1,Москва\n2,Ann\n3,Санкт-Петербург\n"
    found = opened(text.encode("cp1251"))
    assert found.column("name") == ["Ann"]
    assert opened(text.encode("cp1251"), encoding="cp1251").column("name")[0] == "Москва"


def test_a_mostly_utf_8_text_is_utf_8() -> None:
    assert guess_encoding("Zoë Köln".encode() + b" \xe9") == "utf-8"
    assert guess_encoding("Zoë Köln".encode("cp1252")) == "cp1252"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_valid_utf_8_is_always_taken_for_utf_8(text: str) -> None:
    assert guess_encoding(text.encode()) == "utf-8"


@given(st.binary(max_size=60))
def test_a_guess_never_fails(sample: bytes) -> None:
    assert guess_encoding(sample) in ("utf-8", "cp1252", "cp932")


@pytest.mark.parametrize("name", ["no-such", "rot13", "zlib", "hex", "utf-8\0", ""])
def test_an_unknown_encoding_is_a_wrong_option(name: str) -> None:
    if name:
        with pytest.raises(ParameterError, match="no text encoding"):
            opened(WESTERN, encoding=name)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "zstd": lambda content: pa.Codec("zstd").compress(content, asbytes=True),
}


@pytest.mark.parametrize("compression", PACKERS)
def test_compressed_text_is_read_whatever_its_name(compression: str) -> None:
    found = opened(PACKERS[compression](WESTERN.encode()), name="table.csv")
    assert found.column("city") == ["Köln", "São Paulo", "Århus"]
    assert found.table.dialect["compression"] == compression


@pytest.mark.parametrize("compression", PACKERS)
def test_a_cut_compressed_file_is_damaged(compression: str) -> None:
    packed = PACKERS[compression](("id,x\n" + "".join(f"{i * i},{i}\n" for i in range(9000))).encode())
    with pytest.raises(InputError, match="damaged or cut short"):
        opened(packed[: len(packed) // 2])


def test_a_gzip_of_several_members_is_read_whole() -> None:
    found = opened(gzip.compress(b"id,x\n1,2\n") + gzip.compress(b"3,4\n"))
    assert found.rows == [["1", "2"], ["3", "4"]]


def test_a_compressed_archive_within_is_refused() -> None:
    with pytest.raises(InputError, match="holds a gzip file"):
        opened(gzip.compress(gzip.compress(b"id,x\n1,2\n")))
