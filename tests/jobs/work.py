"""Work for children: each function is run by a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from coterie.errors import SchemaError
from coterie.jobs import Progress


def tell(path: str, progress: Progress) -> None:
    import resource

    progress("Half way", 0.5)
    print("a customer's name")
    told = {
        "niceness": os.nice(0),
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "leads_its_group": os.getpgid(0) == os.getpid(),
    }
    Path(path).write_text(json.dumps(told))


def refuse(progress: Progress) -> None:
    raise SchemaError("There is no amount", where="orders.csv", to_do="Name one")


def stumble(progress: Progress) -> None:
    raise KeyError("ann@example.org")


def die(progress: Progress) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def swell(progress: Progress) -> None:
    bytearray(2**40)


def dally(path: str, progress: Progress) -> None:
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(path).write_text(f"{os.getpid()} {grandchild.pid}")
    while True:
        progress("Waiting", 0.1)
        time.sleep(0.05)


def my_pid() -> int:
    return os.getpid()


def fail_with(words: str) -> None:
    raise SchemaError(words, where="orders.csv")


def end_suddenly() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sleep(seconds: float) -> None:
    time.sleep(seconds)
