"""Every bench in one run: ``make bench``. Exits with 1 if one misses its bar, 2 if data are missing."""

from __future__ import annotations

import sys

from benchmarks import later_value, mixed, same_k

if __name__ == "__main__":
    sys.exit(max(bench.main() for bench in (mixed, later_value, same_k)))
