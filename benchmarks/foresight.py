"""Every bench of what comes next in one run: lifetime, products and churn, movement, trials of actions.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.foresight [--quick]

Writes docs/foresight.md. Exits with 1 if a bar is missed, with 2 if data are missing. --quick tries that
everything runs, on little data, and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import foresight_experiments, foresight_lifetime, foresight_movement, foresight_products
from benchmarks.report import machine, tell

DOCUMENT = Path(__file__).parents[1] / "docs" / "foresight.md"
BENCHES = (foresight_lifetime.run, foresight_products.run, foresight_movement.run, foresight_experiments.run)
HEAD = """# How well it foresees

Written by `make bench`, with the public data sets each bench names. Half-lives and the weight of EASE were
compared on Online Retail's test weeks, the shrinkage of item-kNN on Gowalla's test part, the classifiers on
Telco's folds: those figures flatter a little.
"""


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
        told = "\n".join([HEAD, machine(), *(report.markdown() for report in reports)])
        DOCUMENT.write_text(told, encoding="utf-8")
    return max(report.exit_code for report in reports)


if __name__ == "__main__":
    sys.exit(main())
