"""What a bench says: a table of rows, each with what was measured and whether its bar is met."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MISSED, MISSING = 1, 2
"""Exit codes: a bar was missed; data are missing."""

PACKAGES = ("coterie", "numpy", "scipy", "scikit-learn", "duckdb", "ibis-framework", "pandas")
PEERS = ("scikit-learn-intelex", "faiss-cpu", "fastcluster", "hdbscan", "fast-hdbscan", "genieclust")
OTHER_PEERS = ("kmedoids", "kmodes", "stepmix")


@dataclass(frozen=True)
class Row:
    """One comparison; `met` is None where nothing was promised."""

    name: str
    ours: str
    peer: str
    value: str
    bar: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "MISSED"}[self.met]


@dataclass(frozen=True)
class Report:
    """Rows under a title, with Markdown around them; `missing` says which data a bench did not find."""

    title: str
    rows: tuple[Row, ...] = ()
    before: str = ""
    after: str = ""
    missing: str = ""

    @property
    def exit_code(self) -> int:
        if self.missing:
            return MISSING
        return MISSED if any(row.met is False for row in self.rows) else 0

    def markdown(self) -> str:
        """The whole section."""
        said = f"Not run, {self.missing}." if self.missing else ""
        parts = [f"## {self.title}", self.before, said, self._rows(), self.after]
        return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"

    def _rows(self) -> str:
        if not self.rows:
            return ""
        heads = ("what", "Coterie", "peer", "value", "bar", "")
        cells = [(r.name, r.ours, r.peer, r.value, r.bar, r.verdict) for r in self.rows]
        return table(heads, *cells)


def table(heads: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    """A Markdown table."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def tell(report: Report) -> int:
    """Print a report, and what is missing to stderr; gives the exit code."""
    if report.missing:
        print(f"{report.title}: not run, {report.missing}.", file=sys.stderr)
    else:
        print(report.markdown(), flush=True)
    return report.exit_code


def main(run: Callable[..., Report], told: str | None) -> int:
    """Run one bench from the command line, print its table and give its exit code."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    return tell(run(quick=parser.parse_args().quick))


def document(reports: list[Report]) -> str:
    """All reports as docs/benchmarks.md, with the machine and the versions but no date."""
    intro = (
        "# Benchmarks\n\nWritten by `make bench`: everything in one run, each measurement in a process "
        "of its own with one thread. Costs are medians: CPU seconds, wall clock, and the peak of memory "
        "beyond the rows. "
        "Compare within a table: absolute seconds are those of the machine."
    )
    return "\n\n".join([intro, machine(), *(report.markdown().strip("\n") for report in reports)]) + "\n"


def machine() -> str:
    """CPU, cores, memory and versions, as a Markdown table."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(_versions())
    return table(
        ("machine", ""),
        ("CPU", f"{_cpu_model()}, {os.cpu_count()} cores"),
        ("memory", f"{gib:.0f} GiB"),
        ("system", f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"),
        ("versions", packages),
    )


def _versions() -> Iterator[str]:
    for name in (*PACKAGES, *PEERS, *OTHER_PEERS):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} not installed"


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
