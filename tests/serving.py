"""``coterie serve`` as a child of the tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path


def start_server(folder: Path, *options: str, **variables: str) -> tuple[subprocess.Popen[str], str]:
    """Start it on a free port and wait until it says where it is; raise what it says if it ends before.

    Its standard error goes to ``serve.log`` beside the workspace.
    """
    log = folder.parent / "serve.log"
    command = [sys.executable, "-m", "coterie", "serve", "--port", "0", "--workspace", str(folder), *options]
    with log.open("w", encoding="utf-8") as errors:
        child = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
        )
    assert child.stdout is not None
    for line in child.stdout:
        found = re.search(r"http://\S+", line)
        if found:
            return child, found[0]
    raise subprocess.CalledProcessError(child.wait(), command, stderr=log.read_text(encoding="utf-8"))
