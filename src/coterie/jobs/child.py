"""A callable run by a child process: niced, memory-limited, and ended together with whom it starts.

The child writes lines of JSON to its standard output: how far it is, and at last how it ended. Whatever
else is printed goes nowhere, for it may hold a customer's data. A child that dies, by a crash or for want
of memory, is a failure told in a sentence.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from coterie import errors

Watch = Callable[[str, float], bool]
"""Told several times a second what a child is doing and which share of it is done; False ends the child."""

NICENESS = 10
_LOOK_EVERY_S = 0.25
_TOLD_EVERY_S = 0.1


class CancelledError(Exception):
    """Somebody no longer wants the work."""


def run_in_child(
    function: Callable[..., None], arguments: Mapping[str, Any], *, memory_mb: int, watch: Watch
) -> None:
    """Run a function of a module in a child process.

    Parameters
    ----------
    function : callable
        At the top of its module; takes the arguments by name, and `progress`.
    arguments : mapping
        Plain JSON.
    memory_mb : int
        Address space of the child.
    watch : callable
        See `Watch`.

    Raises
    ------
    CoterieError
        What the function raised, or a sentence about how the child died.
    CancelledError
        If `watch` ended it.
    """
    request = {
        "function": name_of(function),
        "arguments": dict(arguments),
        "memory_mb": memory_mb,
    }
    outcome: dict[str, Any] | None = None
    sentence, share = "", 0.0
    with _running(request) as child:
        for told in _lines(child):
            if told is None:
                if not watch(sentence, share):
                    raise CancelledError
            elif "share" in told:
                sentence, share = told["sentence"], told["share"]
            else:
                outcome = told
        child.wait()
    if outcome is None:
        raise death_of(child, memory_mb=memory_mb)
    if outcome["failure"] is not None:
        raise failure_from(outcome["failure"])


@contextlib.contextmanager
def _running(request: Mapping[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """A child at work, which does not outlive the block, nor do those it started."""
    child = start_child(__name__, request)
    try:
        yield child
    finally:
        end_child(child)


def start_child(module: str, request: Mapping[str, Any]) -> subprocess.Popen[bytes]:
    """Start a module as a process of its own, with pipes to it and from it.

    Parameters
    ----------
    module : str
        Its main part reads the request from the first argument.
    request : mapping
        Plain JSON; other users of the machine can see it.

    Returns
    -------
    Popen
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, json.dumps(request)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        process_group=0,
    )


def end_child(child: subprocess.Popen[bytes]) -> None:
    """End a child and those it started.

    Parameters
    ----------
    child : Popen
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def _lines(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any] | None]:
    """What the child tells until it ends, and None whenever it is time to look whether it shall go on."""
    assert child.stdout is not None
    unread, look_at = b"", time.monotonic()
    while True:
        if time.monotonic() >= look_at:
            yield None
            look_at = time.monotonic() + _LOOK_EVERY_S
        if not select.select([child.stdout], [], [], _LOOK_EVERY_S)[0]:
            continue
        block = os.read(child.stdout.fileno(), 2**16)
        if not block:
            return
        *lines, unread = (unread + block).split(b"\n")
        yield from map(json.loads, lines)


def death_of(child: subprocess.Popen[bytes], *, memory_mb: int) -> errors.CoterieError:
    """Say that a child died, which has been waited for.

    Parameters
    ----------
    child : Popen
    memory_mb : int
        What it might use.

    Returns
    -------
    CoterieError
    """
    failure = errors.CoterieError(
        f"The work ended by itself: it crashed, or needs more than {memory_mb:,} MiB of memory",
        to_do="Try fewer customers or a simpler method, or allow more by COTERIE_JOB_MEMORY_MB",
    )
    failure.__cause__ = ChildProcessError(f"exit code {child.returncode}")
    return failure


def failure_told(failure: BaseException) -> dict[str, str]:
    """An error as plain JSON; of one nobody expected only its kind and place, as its words may hold data.

    Parameters
    ----------
    failure : BaseException

    Returns
    -------
    dict
        kind, what, where, to_do.
    """
    kind = type(failure).__name__
    if isinstance(failure, errors.CoterieError):
        return {"kind": kind, "what": failure.what, "where": failure.where, "to_do": failure.to_do}
    if isinstance(failure, MemoryError):
        what, to_do = "There is not enough memory for this", "Try fewer customers or a simpler method"
        return {"kind": "CoterieError", "what": what, "where": "", "to_do": to_do}
    if isinstance(failure, OSError):
        what, to_do = "A file cannot be written or read", "Check that the disk has room and may be written"
        return {"kind": "StorageError", "what": what, "where": "", "to_do": to_do}
    return {
        "kind": "CoterieError",
        "what": f"The work stopped by a fault in Coterie ({kind})",
        "where": _place(failure),
        "to_do": "Report it with this line; the data need not leave this machine",
    }


def failure_from(told: Mapping[str, str]) -> errors.CoterieError:
    """The error that `failure_told` told.

    Parameters
    ----------
    told : mapping

    Returns
    -------
    CoterieError
    """
    kind: type[errors.CoterieError] = getattr(errors, told["kind"], errors.CoterieError)
    return kind(told["what"], where=told["where"], to_do=told["to_do"])


def _place(failure: BaseException) -> str:
    """The last line of Coterie the error went through."""
    place, trace = "", failure.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("coterie."):
            place = f"{module}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place


def main(request: str) -> None:
    """Be the child.

    Parameters
    ----------
    request : str
        JSON: function, arguments and memory_mb.
    """
    threading.Thread(target=end_with_parent, daemon=True).start()
    asked = json.loads(request)
    told = become_modest(asked["memory_mb"])
    try:
        function = named_function(asked["function"])
        function(**asked["arguments"], progress=_Teller(told))
        outcome = None
    except Exception as failure:
        outcome = failure_told(failure)
    _tell(told, {"failure": outcome})


def become_modest(memory_mb: int) -> IO[str]:
    """Give way to the server, bound the memory, and print to nobody but the parent.

    Parameters
    ----------
    memory_mb : int

    Returns
    -------
    file
        What was the standard output; whatever else prints, prints to nowhere.
    """
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    limit_memory(memory_mb)
    return told


def name_of(function: Callable[..., Any]) -> str:
    """Name a function at the top of its module so that a child finds it.

    Parameters
    ----------
    function : callable

    Returns
    -------
    str
        "module:function".
    """
    return f"{function.__module__}:{function.__qualname__}"


def named_function(name: str) -> Callable[..., Any]:
    """The function that `name_of` named.

    Parameters
    ----------
    name : str

    Returns
    -------
    callable
    """
    module, _, own = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), own)
    return found


class _Teller:
    """A Progress that tells the parent, not too often."""

    def __init__(self, told: IO[str]) -> None:
        self._told, self._next, self._sentence = told, 0.0, ""

    def __call__(self, stage: str, share: float) -> None:
        if stage == self._sentence and time.monotonic() < self._next:
            return
        self._next, self._sentence = time.monotonic() + _TOLD_EVERY_S, stage
        _tell(self._told, {"sentence": stage, "share": min(1.0, max(0.0, float(share)))})


def _tell(told: IO[str], content: Mapping[str, Any]) -> None:
    told.write(json.dumps(content) + "\n")
    told.flush()


def end_with_parent() -> None:
    """End as soon as our input is closed, which it is however the parent ends."""
    os.read(0, 1)
    os._exit(1)


def limit_memory(memory_mb: int) -> None:
    """Bound the address space where the platform can; a crash leaves no core file.

    Parameters
    ----------
    memory_mb : int
    """
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, memory_mb * 2**20), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


if __name__ == "__main__":
    main(sys.argv[1])
