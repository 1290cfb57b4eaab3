"""Every bench in one run: ``make bench``. Writes docs/benchmarks.md.

    python -m benchmarks [--quick]

Exits with 1 if a bar is missed, with 2 if data are missing. --quick tries that everything runs, on little
data, and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import coresets, engine, growth, labelled, later_value, mixed, same_k, tpa, weights
from benchmarks.report import document, tell

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BENCHES = (
    labelled.run,
    engine.run,
    growth.run,
    coresets.run,
    mixed.run,
    weights.run,
    later_value.run,
    tpa.run,
    same_k.run,
)


def main() -> int:
    """Run, print and write all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    reports = []
    for bench in BENCHES:
        reports.append(bench(quick=quick))
        tell(reports[-1])
    if not quick:
        DOCUMENT.write_text(document(reports), encoding="utf-8")
    return max(report.exit_code for report in reports)


if __name__ == "__main__":
    sys.exit(main())
