"""What `find_clusters` answers: labels, what kind of groups they are, and what was tried."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Verdict: TypeAlias = Literal["natural", "constructive", "no natural segments"]
"""Groups that are there and come back; groups that are of use though the rows do not fall apart; neither."""


@dataclass(frozen=True)
class Attempt:
    """One way of dividing the rows that was looked at.

    `judged` says in a few words what spoke for or against it, with the evidence.
    """

    method: str
    n_clusters: int
    judged: str


@dataclass(frozen=True, eq=False)
class Clustering:
    """Groups of rows, and why these.

    Attributes
    ----------
    labels : ndarray of shape (n,), int32
        0 to n_clusters - 1; every row is in a group.
    verdict : {"natural", "constructive", "no natural segments"}
    why : str
        One sentence.
    tried : tuple of Attempt
        In the order in which they were looked at.
    warnings : tuple of str
        What should make a reader doubt the groups, with the evidence.
    """

    labels: npt.NDArray[np.int32]
    verdict: Verdict
    why: str
    tried: tuple[Attempt, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def n_clusters(self) -> int:
        """How many groups there are."""
        return int(self.labels.max(initial=-1)) + 1

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.labels, dtype=dtype, copy=True if copy is None else copy)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(a.method)}</td><td>{a.n_clusters}</td><td>{escape(a.judged)}</td></tr>"
            for a in self.tried
        )
        doubts = "".join(f"<p><strong>{escape(doubt)}</strong></p>" for doubt in self.warnings)
        head = "<tr><th>tried</th><th>groups</th><th>judged</th></tr>"
        title = f"<p>{self.n_clusters} groups, {self.verdict}: {escape(self.why)}</p>"
        return f"{title}{doubts}<table>{head}{rows}</table>"
