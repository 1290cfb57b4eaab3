"""A child process that stays: what it has loaded for one question it has at hand for the next.

Questions go to its standard input and answers come from its standard output, a line of JSON each. It is
niced and memory-limited like every child, ends when nobody has asked for a while, and with its parent.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from coterie.errors import ConflictError
from coterie.jobs.child import (
    become_modest,
    death_of,
    end_child,
    failure_from,
    failure_told,
    name_of,
    named_function,
    start_child,
)

IDLE_S = 300.0


class WarmChild:
    """Answers questions one after the other; started by the first.

    Parameters
    ----------
    memory_mb : int
        Address space of the child.
    """

    def __init__(self, *, memory_mb: int) -> None:
        self._memory_mb = memory_mb
        self._child: subprocess.Popen[bytes] | None = None
        self._asking = threading.Lock()
        self._idle = threading.Timer(IDLE_S, self.close)

    def ask(self, function: Callable[..., Any], arguments: Mapping[str, Any], *, within_s: float) -> Any:
        """Call a function in the child.

        Parameters
        ----------
        function : callable
            At the top of its module; takes the arguments by name.
        arguments : mapping
            Plain JSON.
        within_s : float
            A child that takes longer is ended.

        Returns
        -------
        object
            What the function gives: plain JSON.

        Raises
        ------
        CoterieError
            What the function raised, or a sentence about how the child died.
        ConflictError
            If it takes too long.
        """
        ends_at = time.monotonic() + within_s
        if not self._asking.acquire(timeout=within_s):
            raise _too_long()
        try:
            self._idle.cancel()
            told = self._answer({"function": name_of(function), "arguments": dict(arguments)}, ends_at)
            self._idle = threading.Timer(IDLE_S, self.close)
            self._idle.daemon = True
            self._idle.start()
        finally:
            self._asking.release()
        if told["failure"] is not None:
            raise failure_from(told["failure"])
        return told["answer"]

    def close(self) -> None:
        """End the child; the next question starts another."""
        with self._asking:
            self._idle.cancel()
            self._end()

    def _answer(self, question: Mapping[str, Any], ends_at: float) -> dict[str, Any]:
        if self._child is None:
            self._child = start_child(__name__, {"memory_mb": self._memory_mb})
        child, unread = self._child, b""
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(json.dumps(question).encode() + b"\n")
            child.stdin.flush()
            while not unread.endswith(b"\n"):
                left = max(0.0, ends_at - time.monotonic())
                if not select.select([child.stdout], [], [], left)[0]:
                    raise _too_long()
                block = os.read(child.stdout.fileno(), 2**16)
                if not block:
                    raise BrokenPipeError
                unread += block
        except BrokenPipeError as cause:
            self._end()
            raise death_of(child, memory_mb=self._memory_mb) from cause
        except ConflictError:
            self._end()
            raise
        told: dict[str, Any] = json.loads(unread)
        return told

    def _end(self) -> None:
        if self._child is not None:
            end_child(self._child)
            self._child = None


def _too_long() -> ConflictError:
    return ConflictError("It takes too long to say", to_do="Try again when fewer jobs run")


def main(request: str) -> None:
    """Be the child."""
    told = become_modest(json.loads(request)["memory_mb"])
    for line in sys.stdin:
        question, answer, failure = json.loads(line), None, None
        try:
            answer = named_function(question["function"])(**question["arguments"])
        except Exception as raised:
            failure = failure_told(raised)
        told.write(json.dumps({"answer": answer, "failure": failure}) + "\n")
        told.flush()


if __name__ == "__main__":
    main(sys.argv[1])
