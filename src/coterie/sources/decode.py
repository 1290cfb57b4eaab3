"""Bytes -> text: compression and encoding, told by content; what is no text is marked, never garbled."""

from __future__ import annotations

import bz2
import codecs
import gzip
import itertools
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from coterie.errors import InputError, ParameterError
from coterie.settings import Settings

BLOCK_BYTES = 2**20

UNREADABLE = "\ufdd0"
"""Stands for bytes that are no text in the file's encoding (a Unicode noncharacter)."""

COMPRESSIONS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd"}

_RATIO_FLOOR_BYTES = 64 * 2**20
"""A small file may expand by any factor: a bomb is one that also gets large."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHOWN = {"utf-8-sig": "utf-8 with byte order mark", "cp932": "Shift-JIS (cp932)"}
_NOT_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d\xff"
_GOOD_WEIGHT = 4
"""Letters of another encoding hardly ever form valid UTF-8, so one that does counts for so many."""

_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_WIDE_RUN = re.compile("[\u3000-\u9fff\uff00-\uffef]{2,}")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return UNREADABLE, error.end
    raise error


codecs.register_error("coterie.unreadable", _mark)


def compression_of(head: bytes) -> str:
    """Name of the compression the first bytes of a file show; "" if none."""
    return next((name for magic, name in COMPRESSIONS.items() if head.startswith(magic)), "")


def byte_blocks(path: Path, compression: str, *, settings: Settings) -> Iterator[bytes]:
    """The file's content in blocks of up to 1 MiB, unpacked.

    Raises
    ------
    InputError
        If the compressed file is damaged or unpacks to more than the settings allow.
    """
    with path.open("rb") as packed:
        stream = _unpacker(packed, compression)
        n_bytes = 0
        while block := _next_block(stream, path.name):
            n_bytes += len(block)
            if compression:
                refuse_bomb(n_bytes, packed.tell(), name=path.name, settings=settings)
            yield block


def _unpacker(packed: BinaryIO, compression: str) -> Any:
    if compression == "gzip":
        return gzip.GzipFile(fileobj=packed)
    if compression == "bzip2":
        return bz2.BZ2File(packed)
    if compression == "zstd":
        import pyarrow as pa

        return pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), "zstd")
    return packed


def _next_block(stream: Any, name: str) -> bytes:
    try:
        return bytes(stream.read(BLOCK_BYTES))
    except (EOFError, OSError, zlib.error) as cause:
        raise InputError(
            "The file is damaged or cut short", where=name, to_do="Copy or download it again"
        ) from cause


def refuse_bomb(n_bytes: int, n_packed: int, *, name: str, settings: Settings) -> None:
    """Raise InputError if `n_packed` bytes unpacking to `n_bytes` is more than the settings allow."""
    too_much = n_bytes > settings.max_expanded_bytes
    too_dense = n_bytes > _RATIO_FLOOR_BYTES and n_bytes > settings.max_expansion * n_packed
    if too_much or too_dense:
        raise InputError(
            f"The compressed file unpacks to more than {n_bytes // 2**20} MiB, which is refused",
            where=name,
            to_do="If it is not a trap, unpack it first or raise max_expansion or max_expanded_bytes",
        )


def checked_encoding(encoding: str) -> str:
    """The name of a text encoding the user gave, if Python knows it.

    Raises
    ------
    ParameterError
        If there is no such text encoding.
    """
    try:
        if "a,1\n".encode(encoding).decode(encoding, "coterie.unreadable") == "a,1\n":
            return encoding
    except (LookupError, UnicodeError, ValueError):
        pass
    raise ParameterError(
        f"There is no text encoding named {encoding!r}", where="encoding", to_do="Try utf-8 or cp1252"
    )


def text_blocks(
    blocks: Iterable[bytes], *, encoding: str | None, dialect: dict[str, str], notes: list[str]
) -> Iterator[str]:
    """Blocks of bytes as text; undecodable bytes come out as `UNREADABLE`.

    Without `encoding` the decision waits for the first byte beyond ASCII. It is written to
    `dialect`, and to `notes` if it was a guess.
    """
    blocks = iter(blocks)
    head = next(blocks, b"")
    encoding = encoding or _encoding_by_head(head)
    dialect["encoding"] = _SHOWN.get(encoding or "utf-8", encoding or "utf-8")
    for block in itertools.chain([head], blocks):
        if encoding is None and block.isascii():
            yield block.decode("ascii")
            continue
        if encoding is None:
            encoding = guess_encoding(block)
            _tell_guess(encoding, dialect=dialect, notes=notes)
        yield from _decoded(itertools.chain([block], blocks), encoding)


def _decoded(blocks: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("coterie.unreadable")
    at_start = True
    for block in blocks:
        text = decoder.decode(block)
        yield text.removeprefix("\ufeff") if at_start else text
        at_start = False
    yield decoder.decode(b"", True)


def _encoding_by_head(head: bytes) -> str | None:
    """The encoding a byte order mark or a regular pattern of NUL bytes gives away."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    even, odd = head[0:4096:2], head[1:4096:2]
    half = len(odd) * 0.4
    if odd.count(0) > half and not even.count(0):
        return "utf-16-le"
    if even.count(0) > half and not odd.count(0):
        return "utf-16-be"
    return None


def guess_encoding(sample: bytes) -> str:
    """The likeliest encoding of bytes that carry no mark: utf-8, cp932 (Shift-JIS) or cp1252.

    Text is taken for UTF-8 unless most of what is not ASCII fails to be; then each failing row is
    rejected. So is every row that no guess makes sense of, rather than read as the wrong letters.
    """
    text = codecs.getincrementaldecoder("utf-8")("coterie.unreadable").decode(sample)
    n_bad = text.count(UNREADABLE)
    n_good = sum(character > "\x7f" for character in text) - n_bad if n_bad else 0
    if n_good * _GOOD_WEIGHT >= n_bad:
        return "utf-8"
    if _reads_as_japanese(sample):
        return "cp932"
    return "cp1252" if _reads_as_western(sample) else "utf-8"


def _reads_as_japanese(sample: bytes) -> bool:
    """Whether it is Shift-JIS: wide characters stand in runs, kana or level-1 kanji, in order."""
    text = codecs.getincrementaldecoder("cp932")("coterie.unreadable").decode(sample)
    n_beyond = sum(character > "\x7f" for character in text)
    runs = "".join(_WIDE_RUN.findall(text))
    n_common = sum(character.encode("cp932", "replace") < b"\x98" for character in runs)
    return text.count(UNREADABLE) * 20 <= n_beyond and n_common * 2 > n_beyond


def _reads_as_western(sample: bytes) -> bool:
    """Whether it is Windows-1252 or Latin-1: accented letters stand among plain ones."""
    runs = _HIGH_RUN.findall(sample)
    n_high = sum(map(len, runs))
    n_in_long_runs = sum(len(run) for run in runs if len(run) > 2)
    n_undefined = sum(sample.count(byte) for byte in _NOT_IN_CP1252)
    return n_in_long_runs * 2 < n_high and n_undefined * 10 <= n_high


def _tell_guess(encoding: str, *, dialect: dict[str, str], notes: list[str]) -> None:
    dialect["encoding"] = _SHOWN.get(encoding, encoding)
    if encoding != "utf-8":
        notes.append(
            f"The text is not UTF-8; it was read as {dialect['encoding']}. If names look wrong, say "
            "which encoding it is."
        )
