"""Parquet files and workbooks -> RawTable, opened by a child process with bounded memory.

Their parsers are compiled code, which a crafted file may crash or make ask for more memory than there
is: then the child dies, and the file cannot be read. The child writes the rows to its standard output as
a stream of Arrow batches: the head of the table is in the metadata of the stream, what was rejected or
noted since the batch before in that of each batch; the last batch has no rows. What the child refuses,
it tells as a line of JSON on standard error.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from coterie import errors
from coterie.jobs.child import end_with_parent, limit_memory
from coterie.settings import Settings
from coterie.sources.batches import text_batch
from coterie.sources.columnar import read_parquet
from coterie.sources.raw import RawTable, RejectedLine
from coterie.sources.workbook import read_workbook

if TYPE_CHECKING:
    import pyarrow as pa

_REFUSED = 3
"""Exit code of a child that says why it refuses the file."""

_KEY = b"coterie"
_WORDS = {"parquet": "Parquet file", "workbook": "workbook"}


def read_in_child(
    path: Path, *, kind: Literal["parquet", "workbook"], sheet: str = "", settings: Settings
) -> RawTable:
    """What `read_parquet` or `read_workbook` gives, read by a child process.

    Parameters
    ----------
    path : Path
    kind : {"parquet", "workbook"}
    sheet : str
        Of a workbook.
    settings : Settings
        `reader_memory_mb` bounds the child, the others bound the table.

    Returns
    -------
    RawTable
        The child lives until its batches are read or forgotten.

    Raises
    ------
    InputError
        If the file is damaged or refused, or the child dies of it.
    NotFoundError
        If there is no such sheet.
    """
    asked = {"path": str(path), "kind": kind, "sheet": sheet, "settings": asdict(settings)}
    parts = _received(asked, path.name)
    head, _ = next(parts)
    table = RawTable(head["source"], tuple(head["columns"]), head["has_header"], iter(()), head["dialect"])
    table.batches = _accounted(parts, table)
    return table


def _accounted(parts: Iterator[tuple[Any, Any]], table: RawTable) -> Iterator[pa.RecordBatch]:
    for account, batch in parts:
        table.rejected += [RejectedLine(*line) for line in account["rejected"]]
        table.notes += account["notes"]
        if len(batch):
            yield batch


def _received(asked: Mapping[str, Any], name: str) -> Iterator[tuple[Any, Any]]:
    """The head of the table, then each batch after its account."""
    with tempfile.TemporaryFile() as said, _running(asked, said) as child:
        import pyarrow as pa  # slow, and so is the child to begin with: they do it side by side

        assert child.stdout is not None
        is_whole = False
        with contextlib.suppress(pa.ArrowException, OSError):
            yield from _parts(child.stdout)
            is_whole = True
        child.stdout.close()
        if child.wait() or not is_whole:
            raise _failure(child.returncode, said, asked=asked, name=name)


@contextlib.contextmanager
def _running(asked: Mapping[str, Any], said: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A child at work, which does not outlive the block."""
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", __name__, json.dumps(asked)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        process_group=0,  # Ctrl-C is for us: we end the child
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdin is not None
        child.stdin.close()


def _parts(stream: IO[bytes]) -> Iterator[tuple[Any, Any]]:
    import pyarrow as pa

    reader = pa.ipc.open_stream(stream)
    yield json.loads(reader.schema.metadata[_KEY]), None
    with contextlib.suppress(StopIteration):
        while True:
            batch, account = reader.read_next_batch_with_custom_metadata()
            batch.validate(full=True)
            yield json.loads(account[_KEY]), batch


def _failure(code: int, said: IO[bytes], *, asked: Mapping[str, Any], name: str) -> errors.CoterieError:
    said.seek(0)
    words = said.read().decode("utf-8", "replace").strip()
    if code == _REFUSED:
        refusal = json.loads(words.splitlines()[-1])
        kind: type[errors.CoterieError] = getattr(errors, refusal.pop("kind"))
        return kind(**refusal)
    failure = errors.InputError(
        f"The {_WORDS[asked['kind']]} cannot be read: it is damaged, or takes more than"
        f" {asked['settings']['reader_memory_mb']:,} MiB of memory to open",
        where=name,
        to_do="Export the table as CSV, or allow more by COTERIE_READER_MEMORY_MB",
    )
    failure.__cause__ = ChildProcessError(f"exit code {code}: {words}")
    return failure


def main(request: str) -> None:
    """Be the child: read what is asked for and write it to standard output."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.meta_path.insert(0, _NoPandas())
    asked = json.loads(request)
    settings = Settings(**asked["settings"])
    limit_memory(settings.reader_memory_mb)
    path = Path(asked["path"])
    try:
        if asked["kind"] == "workbook":
            table = read_workbook(path, sheet=asked["sheet"], settings=settings)
        else:
            table = read_parquet(path, settings=settings)
        _send(table, sys.stdout.buffer)
    except errors.CoterieError as failure:
        told = {"what": failure.what, "where": failure.where, "to_do": failure.to_do}
        print(json.dumps({"kind": type(failure).__name__, **told}), file=sys.stderr)
        sys.exit(_REFUSED)


class _NoPandas(MetaPathFinder):
    """Keeps pyarrow from loading pandas, which it does merely to see that a list is no Series."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Refuse pandas, leave all else to the other finders."""
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not needed here", name=fullname)


def _send(table: RawTable, sink: IO[bytes]) -> None:
    import pyarrow as pa

    head = {name: getattr(table, name) for name in ("source", "columns", "has_header", "dialect")}
    no_rows = text_batch([], ([] for _ in table.columns))
    n_rejected = n_notes = 0

    def account() -> dict[bytes, bytes]:
        nonlocal n_rejected, n_notes
        rejected = [(one.line, one.reason, one.value) for one in table.rejected[n_rejected:]]
        news = {"rejected": rejected, "notes": table.notes[n_notes:]}
        n_rejected, n_notes = len(table.rejected), len(table.notes)
        return {_KEY: json.dumps(news).encode()}

    with pa.ipc.new_stream(sink, no_rows.schema.with_metadata({_KEY: json.dumps(head)})) as writer:
        for batch in table.batches:
            writer.write_batch(batch, custom_metadata=account())
        writer.write_batch(no_rows, custom_metadata=account())


if __name__ == "__main__":
    main(sys.argv[1])
