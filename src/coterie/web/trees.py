"""How groups merge, to be cut anywhere: the drawing of a dendrogram read back as branches and groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

WIDTH, HEIGHT = 1000.0, 320.0
"""Of the picture, in its own units."""
LEAF_WIDTH = 10.0
"""Of a leaf in the drawing."""
HEADROOM = 1.04
MOST_CUT = 30

Bracket = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Group:
    """What hangs below one branch that the cut goes through: its customers, and where it stands."""

    n_customers: int
    left: float
    right: float


@dataclass(frozen=True)
class Tree:
    """A tree of branches.

    Attributes
    ----------
    feet : tuple of float
        Where its leaves stand, from the left.
    counts : tuple of int
        Customers of each leaf.
    brackets : tuple of (four x, four y)
        One a merge.
    """

    feet: tuple[float, ...]
    counts: tuple[int, ...]
    brackets: tuple[Bracket, ...]

    @property
    def most_groups(self) -> int:
        """Into so many it can be cut."""
        return min(len(self.feet), MOST_CUT)

    def height(self, n_groups: int) -> float:
        """Give the height half way between the last merge that is kept and the first that is undone."""
        tops = [*sorted((up[1] for _, up in self.brackets), reverse=True), 0.0]
        return tops[0] * HEADROOM if n_groups == 1 else (tops[n_groups - 2] + tops[n_groups - 1]) / 2

    def groups(self, n_groups: int) -> list[Group]:
        """Give the groups of a cut, from the left."""
        kept = self._merges[: len(self.feet) - n_groups]
        group_of = list(range(len(self.feet)))
        for leaves in kept:
            for leaf in leaves:
                group_of[leaf] = leaves[0]
        members: dict[int, list[int]] = {}
        for leaf, group in enumerate(group_of):
            members.setdefault(group, []).append(leaf)
        return [self._group(leaves) for leaves in members.values()]

    def _group(self, leaves: Sequence[int]) -> Group:
        n = sum(self.counts[leaf] for leaf in leaves)
        left, right = self.feet[leaves[0]] - 0.4 * LEAF_WIDTH, self.feet[leaves[-1]] + 0.4 * LEAF_WIDTH
        return Group(n, self._across(left), self._across(right))

    @cached_property
    def _merges(self) -> list[list[int]]:
        """The leaves below every merge, the lowest merge first; a merge waits for those below it."""
        standing = {round(foot, 6): [leaf] for leaf, foot in enumerate(self.feet)}
        waiting = sorted(self.brackets, key=lambda bracket: bracket[1][1])
        merges = []
        while waiting:
            across, up = next(b for b in waiting if {round(b[0][0], 6), round(b[0][3], 6)} <= standing.keys())
            waiting.remove((across, up))
            joined = sorted(standing.pop(round(across[0], 6)) + standing.pop(round(across[3], 6)))
            standing[round((across[0] + across[3]) / 2, 6)] = joined
            merges.append(joined)
        return merges

    def path(self, cut: float, *, below: bool) -> str:
        """Draw the branches below, or above, a cut as the path of a picture."""
        chosen = [bracket for bracket in self.brackets if (bracket[1][1] <= cut) == below]
        return "".join(self._drawn(bracket) for bracket in chosen)

    def _drawn(self, bracket: Bracket) -> str:
        points = [f"{self._across(x):.1f} {self.level(y):.1f}" for x, y in zip(*bracket, strict=True)]
        return f"M{'L'.join(points)}"

    def level(self, height: float) -> float:
        """Where a height lies in the picture, from its top."""
        highest = max(up[1] for _, up in self.brackets) * HEADROOM or 1.0
        return HEIGHT * (1 - height / highest)

    def _across(self, x: float) -> float:
        return WIDTH * x / (LEAF_WIDTH * len(self.feet))


def read_tree(drawing: dict[str, Any]) -> Tree:
    """Read the drawing of a dendrogram.

    Parameters
    ----------
    drawing : dict
        "data" as `coterie.charts.dendrogram` makes it.

    Returns
    -------
    Tree
    """
    [leaves] = [trace for trace in drawing["data"] if trace.get("customdata")]
    brackets = [
        bracket
        for trace in drawing["data"]
        if trace.get("hoverinfo") == "skip"
        for bracket in _brackets(trace)
    ]
    return Tree(tuple(leaves["x"]), tuple(leaves["customdata"]), tuple(brackets))


def _brackets(trace: dict[str, Any]) -> Iterator[Bracket]:
    """Brackets of four points, parted by gaps."""
    for start in range(0, len(trace["x"]), 5):
        yield tuple(trace["x"][start : start + 4]), tuple(trace["y"][start : start + 4])
