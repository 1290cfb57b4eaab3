"""How the cost of each method grows with customers and columns: a table and a chart.

    python -m benchmarks.growth [--quick]

CPU seconds with one thread on `mix`. A method that took longer than the budget at one size is not asked
for the next.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import works
from benchmarks.customers import Data
from benchmarks.measure import Cost, Work, cost
from benchmarks.report import Report, main, table

METHODS: dict[str, Work] = {
    "k-means": works.ours_kmeans,
    "Gaussian mixture": works.ours_gmm,
    "Ward": works.ours_ward,
    "DBSCAN": works.ours_dbscan_default,
    "HDBSCAN": works.ours_hdbscan_default,
    "Genie": works.ours_genie,
    "TPA": works.ours_tpa,
}
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
QUICK_SIZES = (1_000, 3_000)
COLUMNS = (3, 8)
BUDGET_S = 60.0
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "growth.png"

Curves = Mapping[str, Mapping[int, Cost]]


def run(*, quick: bool = False) -> Report:
    """Measure every method at every size and draw the picture; a quick run draws it into the air."""
    sizes = QUICK_SIZES if quick else SIZES
    curves = {d: _curves(sizes, d) for d in COLUMNS}
    with TemporaryDirectory() as nowhere:
        _draw(curves, Path(nowhere) / PICTURE.name if quick else PICTURE)
    failed = [
        f"{method}, {n:,} x {d}: {found.failure}"
        for d in COLUMNS
        for method, costs in curves[d].items()
        for n, found in costs.items()
        if found.failure
    ]
    said = (
        f"CPU seconds of one fit with one thread, eight clusters where a number is asked for, the defaults "
        f"elsewhere. A method that took more than {BUDGET_S:.0f} s is not asked for the next size.\n\n"
        f"![CPU seconds against customers]({Path('images') / PICTURE.name})"
    )
    tables = [f"{d} columns:\n\n{_table(curves[d], sizes)}" for d in COLUMNS]
    return Report("How cost grows", before=said, after="\n\n".join([*tables, *failed]))


def _curves(sizes: tuple[int, ...], d: int) -> Curves:
    found: dict[str, dict[int, Cost]] = defaultdict(dict)
    with TemporaryDirectory() as folder:
        for n in sizes:
            rows = Data("mix", n, d).stored(Path(folder))
            for method, work in METHODS.items():
                if any(known.failure or known.cpu_s > BUDGET_S for known in found[method].values()):
                    continue
                found[method][n] = cost(work, rows, repeats=1)
            print(f"growth, {n:,} x {d}: done", file=sys.stderr, flush=True)
    return found


def _table(curves: Curves, sizes: tuple[int, ...]) -> str:
    lines = [(method, *(_cell(costs.get(n)) for n in sizes)) for method, costs in curves.items()]
    return table(("method", *(f"{n:,}" for n in sizes)), *lines)


def _cell(found: Cost | None) -> str:
    return "" if found is None or found.failure else f"{found.cpu_s:.3g}"


def _draw(curves: Mapping[int, Curves], picture: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    panels = figure.subplots(1, len(curves), sharey=True)
    for panel, (d, methods) in zip(panels, curves.items(), strict=True):
        for (method, costs), marker in zip(methods.items(), "osv^D*X", strict=True):
            sizes = [n for n, found in costs.items() if not found.failure]
            panel.plot(sizes, [costs[n].cpu_s for n in sizes], marker=marker, label=method)
        panel.set(xscale="log", yscale="log", title=f"{d} columns", xlabel="customers")
        panel.grid(visible=True, alpha=0.3)
    panels[0].set_ylabel("CPU time, one thread (seconds)")
    figure.legend(*panels[-1].get_legend_handles_labels(), loc="outside right center", title="method")
    figure.suptitle("Cost of one fit")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=120, metadata={"Software": ""})


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
