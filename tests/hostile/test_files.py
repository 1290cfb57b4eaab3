"""Hostile files, numbered as in the list of cases; what is decided before any cell has a meaning."""

from __future__ import annotations

import gzip
import io
import json
import resource
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.errors import CoterieError, InputError, SchemaError
from coterie.settings import Settings
from coterie.sources.open import open_raw
from tests.opening import opened, read_to_end

MIB = 2**20


@contextmanager
def bounded(*, mib: int, seconds: float = 10.0) -> Iterator[None]:
    """The block allocates at most so much at any one time, and ends in time."""
    begun = time.process_time()
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < mib * MIB
    assert time.process_time() - begun < seconds


def count(path: Path, settings: Settings | None = None) -> tuple[int, list[tuple[int, str]]]:
    """Rows read, and lines rejected with the reason; holding no batch."""
    table = open_raw(path, settings=settings or Settings())
    n_rows = sum(len(batch) for batch in table.batches)
    return n_rows, [(reject.line, reject.reason) for reject in table.rejected]


def xlsx(cell: str = "x", *, more: Mapping[str, bytes] | None = None) -> bytes:
    """A small workbook with further parts in its archive."""
    book = openpyxl.Workbook()
    book.active.append(["id", "note"])
    book.active.append(["1", cell])
    content = io.BytesIO()
    book.save(content)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (more or {}).items():
            archive.writestr(name, part)
    return content.getvalue()


def with_part(content: bytes, name: str, edit: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part.filename, edit(data) if part.filename == name else data)
    return changed.getvalue()


def test_01_an_empty_file_a_header_alone_and_one_row() -> None:
    with pytest.raises(InputError, match="The file is empty"):
        opened(b"")
    with pytest.raises(InputError, match="no rows"):
        opened("id,amount\n")
    assert opened("id,amount\n1,2").rows == [["1", "2"]]


def test_02_a_byte_order_mark_is_not_part_of_the_header() -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        assert opened("id,amount\n1,2\n".encode(encoding)).columns == ("id", "amount")
    assert opened(b'\xef\xbb\xbf"id","amount"\n1,2\n').columns == ("id", "amount")
    assert opened("\ufeffid,amount\n1,2\n", encoding="utf-8").columns == ("id", "amount")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_03_other_encodings_are_read_and_the_guess_is_shown(encoding: str) -> None:
    found = opened("id,name\n1,Zoé Köln\n2,Straße\n".encode(encoding))
    assert found.column("name") == ["Zoé Köln", "Straße"]
    assert "utf-8" not in found.table.dialect["encoding"]


def test_03_shift_jis_is_read_and_a_guess_can_be_overruled() -> None:
    content = "番号,名前\n1,田中さくら\n2,鈴木一郎\n".encode("shift-jis")
    assert opened(content).column("名前") == ["田中さくら", "鈴木一郎"]
    cyrillic = "id,name\n1,Москва\n".encode("cp1251")
    assert opened(cyrillic, encoding="cp1251").column("name") == ["Москва"]
    with pytest.raises(SchemaError, match="no text in this encoding"):
        opened(cyrillic)


def test_04_invalid_bytes_reject_their_rows_only() -> None:
    lines = ["id,name", *(f"{i},Zoë" for i in range(1, 1000))]
    content = "\n".join(lines).encode()
    for line in (500, 900):
        content = content.replace(f"\n{line},Zoë\n".encode(), f"\n{line},Zo".encode() + b"\xeb\x80\xff\n")
    found = opened(content)
    assert [line for line, _ in found.refusals] == [501, 901]
    assert found.column("name") == ["Zoë"] * 997


def test_05_ragged_rows_are_rejected_with_their_line() -> None:
    found = opened("id,day,amount\n1,2024-01-01,5\n2,2024-01-02\n3,2024-01-03,6,7\n4,2024-01-04,8\n\n5\n")
    assert found.column("id") == ["1", "4"]
    assert found.refusals == [
        (3, "too few cells: 2 instead of 3"),
        (4, "too many cells: 4 instead of 3"),
        (7, "too few cells: 1 instead of 3"),
    ]


def test_06_quotes_line_ends_and_delimiters_in_cells_come_back_exactly() -> None:
    found = opened('id,note\n1,"a ""b"", c"\n2,"d\r\ne\nf"\n3,""""\n4,"x;y\tz|"\n')
    assert found.column("note") == ['a "b", c', "d\r\ne\nf", '"', "x;y\tz|"]
    assert found.lines == [2, 3, 6, 7]


def test_07_an_unclosed_quote_in_a_large_file_costs_one_line_and_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    block = "".join(f"{i},plain text of some length to fill the line\n" for i in range(20_000))
    path.write_text('id,note\n1,"never closed\n' + block * 8)
    assert path.stat().st_size > 7 * MIB
    n_rows, rejected = count(path)
    assert (n_rows, rejected) == (160_000, [(2, "a quote is not closed")])
    path.write_text('id,note\n1,"never closed\n' + block)
    with bounded(mib=40):
        count(path)


def test_08_headers_are_renamed_visibly_never_overwritten() -> None:
    found = opened(f"id,id,Name,name ,,{'h' * 10_000}\n1,2,3,4,5,6\n")
    assert found.columns == ("id", "id (2)", "Name", "name", "column 5", "h" * 200 + "…")
    assert found.rows == [["1", "2", "3", "4", "5", "6"]]
    assert len(found.table.notes) == 4


def test_09_hostile_names_are_only_names() -> None:
    names = [
        "<script>alert(1)</script>",
        '"; DROP TABLE x; --',
        "a]b",
        "__proto__",
        "=cmd()",
        "${7*7}",
        "a'b",
    ]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    found = opened(f"{header}\n{','.join('1234567')}\n")
    assert found.columns == tuple(names)
    assert found.rows == [list("1234567")]


@pytest.mark.parametrize("make", ["csv", "json", "parquet"])
def test_10_ten_thousand_columns_are_refused_in_no_time(make: str) -> None:
    names = [f"c{i}" for i in range(10_000)]
    if make == "csv":
        content = (",".join(names) + "\n" + ",".join("1" * 10_000) + "\n").encode()
    elif make == "json":
        content = json.dumps([dict.fromkeys(names, 1)]).encode()
    else:
        packed = io.BytesIO()
        pq.write_table(pa.table({name: [1] for name in names[:2_000]}), packed)
        content = packed.getvalue()
    begun = time.process_time()
    with pytest.raises(SchemaError, match=r"(10,000|2,000|10000) columns"):
        opened(content)
    assert time.process_time() - begun < 2


def test_24_text_of_any_script_survives() -> None:
    cells = ["Þórður", "田中さくら", "محمد", "😀👨‍👩‍👧", "שלום", "Ñandú", "e\u0301", "\u202eabc", "a\u200bb"]
    found = opened("id,顧客 😀\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert found.columns[1] == "顧客 😀"
    assert found.column("顧客 😀") == cells
    assert opened(("id,n\n" + "".join(f"1,{c}\n" for c in cells)).encode("utf-16")).column("n") == cells


def test_25_a_cell_of_50_mb_is_rejected_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    path.write_bytes(b"id,note\n1,a\n2," + b"x" * (50 * MIB) + b"\n3,b\n")
    with bounded(mib=150):
        n_rows, rejected = count(path)
    assert n_rows == 2
    assert rejected == [(3, "the line is longer than 16,777,216 bytes")]
    path.write_bytes(b"id,note\n1,a\n2," + b"x" * (2 * MIB) + b"\n3,b\n")
    assert count(path) == (2, [(3, "a cell longer than 1,048,576 bytes")])


def test_25_a_line_of_200_mb_is_rejected_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(b"id,note\n1,a\n")
        for _ in range(200):
            file.write(b"1,2345678" * (MIB // 9))
        file.write(b"\n3,b\n")
    with bounded(mib=150):
        n_rows, rejected = count(path)
    assert (n_rows, [line for line, _ in rejected]) == (2, [3])
    path.write_bytes(b"x" * (40 * MIB))
    with bounded(mib=150), pytest.raises(InputError):
        count(path)


def test_25_many_long_cells_do_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"id,note\n")
        for i in range(150):
            file.write(b"%d,%s\n" % (i, b"x" * (MIB - 100)))
    with bounded(mib=120):
        assert count(path) == (150, [])


def test_25_many_long_values_in_json_do_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        for _ in range(150):
            file.write(b'{"id": "1", "note": "%s"}\n' % (b"x" * (MIB - 100)))
    with bounded(mib=120):
        assert count(path) == (150, [])


def test_26_nul_and_control_characters_reject_their_rows() -> None:
    found = opened(b"id,name\n1,Ann\n2,B\0b\n3,C\x07t\n4,D\x7fn\n5,E\x1b[31m\n6,tab\there\n")
    assert found.column("id") == ["1", "6"]
    assert found.refusals == [(line, "a control character") for line in (3, 4, 5, 6)]
    assert all(c >= " " for reject in found.rejected for c in reject.value)


def test_26_a_control_character_in_any_source_rejects_its_row() -> None:
    assert opened('{"id": "1"}\n{"id": "a\\u0000b"}\n').refusals == [(2, "a control character")]
    assert read_to_end(pa.table({"id": ["1", "a\0b"]})).refusals == [(2, "a control character")]


def test_27_a_name_that_lies_is_not_believed() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("orders.csv", "id\n1\n")
    for content, what in (
        (archive.getvalue(), "a zip archive"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"<html><table></table></html>", "an HTML page"),
    ):
        for name in ("orders.csv", "orders.xlsx", "orders.parquet"):
            with pytest.raises(InputError, match=what):
                opened(content, name=name)
    assert opened(xlsx(), name="orders.csv").rows == [["1", "x"]]
    assert opened("id,amount\n1,2\n", name="orders.xlsx").rows == [["1", "2"]]


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_28_a_bomb_is_refused_while_it_unpacks(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bomb.csv.gz"
    line = b"1," + b"a" * 4_000 + b"\n"
    if kind == "gzip":
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        body = packer.compress(b"id,note\n") + b"".join(packer.compress(line * 256) for _ in range(200))
        path.write_bytes(body + packer.flush())
    else:
        path.write_bytes(pa.Codec("zstd").compress(b"id,note\n" + line * 50_000, asbytes=True))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    with pytest.raises(InputError, match=r"unpacks to more than 6\d MiB"):
        count(path)
    assert time.process_time() - begun < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024


def test_28_a_file_is_refused_at_the_size_that_is_allowed() -> None:
    content = gzip.compress(b"id,x\n" + b"".join(b"%d,1\n" % i for i in range(100_000)))
    with pytest.raises(InputError, match="unpacks to more"):
        opened(content, settings=Settings(max_expanded_bytes=MIB // 4))


def test_28_a_workbook_that_declares_far_too_much_is_refused_unopened() -> None:
    with pytest.raises(InputError, match="unpacks to more"):
        opened(xlsx(more={"xl/worksheets/sheet2.xml": b" " * (100 * MIB)}), name="bomb.xlsx")


def test_28_a_workbook_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(xlsx(more={"xl/media/image.bin": b" " * (3 * MIB)}))
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        name = content.rfind(b"xl/media/image.bin")
        at = content.rfind(mark, 0, name if mark == b"PK\x01\x02" else content.find(b"xl/media/image.bin"))
        assert struct.unpack_from("<I", content, at + offset)[0] == 3 * MIB
        struct.pack_into("<I", content, at + offset, 10)
    with pytest.raises(InputError, match="larger than it declares"):
        opened(bytes(content), name="liar.xlsx")


def test_28_a_workbook_of_too_many_parts_is_refused() -> None:
    parts = {f"xl/worksheets/sheet{i}.xml": b"<worksheet/>" for i in range(2, 10_000)}
    with pytest.raises(InputError, match="parts"):
        opened(xlsx(more=parts), name="many.xlsx")


def test_28_an_archive_within_an_archive_is_not_followed() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("orders.csv", "id\n1\n")
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as file:
        file.writestr("inner.zip", inner.getvalue())
    with pytest.raises(InputError, match="a zip archive"):
        opened(outer.getvalue())
    with pytest.raises(InputError):
        opened(gzip.compress(outer.getvalue()))


def test_29_a_workbook_gives_values_only() -> None:
    link = '=HYPERLINK("http://127.0.0.1:9/")'
    found = opened(xlsx(link, more={"xl/vbaProject.bin": b"macro"}), name="b.xlsm")
    assert found.rows == [["1", None]]


def test_29_entities_of_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("planted-secret")
    bomb = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "lol"><!ENTITY file SYSTEM "file://{secret}">{bomb}]>'

    def attack(part: bytes) -> bytes:
        head, mark, rest = part.partition(b"<sst") if b"<sst" in part else part.partition(b"<worksheet")
        return head + doctype.encode() + mark + rest.replace(b">x<", b">&file;&e9;<")

    for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
        with bounded(mib=100):
            try:
                found = opened(with_part(xlsx(), name, attack), name="b.xlsx")
            except CoterieError:
                continue
        assert "planted-secret" not in str(found.rows)
        assert len(str(found.rows)) < 1000


def test_30_a_damaged_parquet_file_cannot_be_read() -> None:
    packed = io.BytesIO()
    pq.write_table(pa.table({"id": [str(i) for i in range(3000)], "x": list(range(3000))}), packed)
    content = packed.getvalue()
    for damaged in (
        content[: len(content) // 2],
        b"PAR1" + b"\xff" * 500 + b"PAR1",
        b"PAR1" + content[4:-8] + b"\xff\xff\xff\x7fPAR1",
        content[:-200] + b"\0" * 100 + content[-100:],
    ):
        with pytest.raises(InputError):
            opened(damaged, name="orders.parquet")


def test_30_an_extension_type_with_a_pickle_inside_is_data(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    pickled = f"cos\nsystem\n(S'touch {witness}'\ntR.".encode()
    metadata = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickled}
    field = pa.field("id", pa.int64(), metadata=metadata)
    packed = io.BytesIO()
    pq.write_table(pa.table([pa.array([1, 2])], schema=pa.schema([field])), packed)
    assert opened(packed.getvalue()).rows == [["1"], ["2"]]
    assert not witness.exists()


def test_31_hostile_json_is_refused_quickly() -> None:
    begun = time.process_time()
    with pytest.raises(InputError, match="nested too deeply"):
        opened("[" * 100_000 + "]" * 100_000)
    deep = opened('{"id": 1}\n{"id": ' + "[" * 100_000 + "]" * 100_000 + "}\n")
    assert deep.refusals == [(2, "nested too deeply")]
    found = opened('[{"id": NaN}, {"id": 1, "id": 2}, {"id": -Infinity}, {"id": 3}]')
    assert (found.rows, len(found.rejected)) == ([["3"]], 3)
    digits = "9" * 100_000
    assert opened(f'[{{"id": {digits}}}]').rows == [[digits]]
    assert time.process_time() - begun < 3
