"""Do the rows fall apart into groups by themselves? Three questions, the first that is answered counts.

1. Crowds and shapes: HDBSCAN with little noise, and Genie's tree at the largest number of clusters, each only
   if all its clusters come back when a third of the rows is missing; of the two the finer division.
2. Clouds: the Gaussian mixture of the best integrated likelihood (ICL); one cloud is no structure.

The first needs rows that are crowded somewhere, so it is asked up to `MAX_COLUMNS` columns. Beyond, a mixture
says whether there is structure, and k-means at the largest number of clusters that all come back divides it.

References
----------
.. [1] Hennig (2007). Cluster-wise assessment of cluster stability. Comput. Stat. Data Anal. 52, 258-271.
.. [2] Biernacki, Celeux, Govaert (2000). Assessing a mixture model for clustering with the integrated
   completed likelihood. IEEE TPAMI 22(7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from coterie.assessment import best_jaccards
from coterie.selection.clustering import Attempt, Clustering, Verdict
from coterie.selection.refits import SUBSAMPLE_SHARE

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]
Cut: TypeAlias = Callable[[int], Labels]
"""Labels at a number of clusters."""

STABLE = 0.75
"""Jaccard similarity that the least recovered cluster keeps on average: "valid and stable" in [1]."""

N_REFITS = 6
MAX_NOISE_SHARE = 1 / 3
MAX_COLUMNS = 5
"""With more, no place is crowded enough for crowds or shapes to be told from chance."""

MAX_CLUSTERS, MAX_CLUSTERS_WIDE = 20, 12
"""The most that are asked for, up to MAX_COLUMNS columns and beyond."""

MAX_CLOUDS_WIDE = 8
"""The most clouds that are asked for beyond MAX_COLUMNS columns, where one more costs most."""


def natural_groups(X: Floats, *, random_state: int) -> Clustering:
    """The groups the rows fall into, if they do.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    random_state : int

    Returns
    -------
    Clustering
        With a single group and the verdict "no natural segments" where nothing speaks for more.
    """
    gate = _Gate(X, random_state)
    return gate.wide() if X.shape[1] > MAX_COLUMNS else gate.narrow()


class _Gate:
    """The rows, the parts of them that refits see, and what was tried on the way."""

    def __init__(self, X: Floats, random_state: int) -> None:
        self.X, self.random_state = X, random_state
        self.tried: list[Attempt] = []
        random = np.random.default_rng(random_state)
        size = round(SUBSAMPLE_SHARE * len(X))
        self.parts = [np.sort(random.choice(len(X), size, replace=False)) for _ in range(N_REFITS)]

    def narrow(self) -> Clustering:
        """Few columns: crowds and shapes, then clouds."""
        from coterie.segmentation import Genie

        def cuts(X: Floats) -> Cut:
            tree = Genie(2).fit(X)
            return lambda k: tree.cut(k).labels_

        stable = [
            labels
            for labels in (self._crowds(), self._largest_stable("Genie", cuts, most=MAX_CLUSTERS))
            if labels is not None
        ]
        if stable:
            return self._answer(max(stable, key=lambda labels: int(labels.max())), "natural")
        labels = self._mixture()
        return self._answer(labels, "constructive") if labels.any() else self._nothing()

    def wide(self) -> Clustering:
        """Many columns: a mixture says whether, k-means says into what."""
        from coterie.segmentation.kmeans import sweep

        def cuts(X: Floats) -> Cut:
            at = sweep(X, self.random_state)
            return lambda k: at(k).labels_

        clouds = self._mixture()
        if not clouds.any():
            return self._nothing()
        stable = self._largest_stable("K-Means", cuts, most=MAX_CLUSTERS_WIDE)
        if stable is not None:
            return self._answer(stable, "natural")
        return self._answer(clouds, "constructive")

    def _crowds(self) -> Labels | None:
        """HDBSCAN's crowds with noise given to its nearest member, if they come back."""
        from coterie.segmentation import HDBSCAN
        from coterie.segmentation.members import with_noise_assigned

        whole = HDBSCAN().fit(self.X)
        if whole.n_clusters_ < 2:
            self._note("HDBSCAN", 1, judged="there are no two crowds")
            return None
        least = self._recovered(whole.labels_, [HDBSCAN().fit(self.X[part]).labels_ for part in self.parts])
        noise = whole.noise_share_
        self._note(
            "HDBSCAN",
            whole.n_clusters_,
            judged=f"{noise:.0%} noise, the least stable crowd keeps {least:.0%}",
        )
        if noise > MAX_NOISE_SHARE or least < STABLE:
            return None
        return with_noise_assigned(self.X, whole.labels_)

    def _largest_stable(self, method: str, cuts: Callable[[Floats], Cut], *, most: int) -> Labels | None:
        """The labels at the largest number of clusters that all come back."""
        whole, refits = cuts(self.X), [cuts(self.X[part]) for part in self.parts]
        for k in range(self._most(most), 1, -1):
            labels = whole(k)
            least = self._recovered(labels, [refit(k) for refit in refits])
            if least >= STABLE:
                self._note(
                    method, k, judged=f"the least stable cluster keeps {least:.0%}; with more it keeps less"
                )
                return labels
        self._note(method, 1, judged=f"no number of clusters up to {self._most(most)} comes back")
        return None

    def _mixture(self) -> Labels:
        """Labels of the mixture of the best ICL, full or diagonal; all 0 if that is one cloud."""
        from coterie.segmentation.gmm import GaussianMixture, sweep

        is_narrow = self.X.shape[1] <= MAX_COLUMNS
        kinds: tuple[Literal["full", "diag"], ...] = ("full", "diag") if is_narrow else ("full",)
        best: GaussianMixture | None = None
        for kind in kinds:
            at = sweep(self.X, self.random_state, covariance_type=kind)
            for k in range(1, self._most(MAX_CLUSTERS if is_narrow else MAX_CLOUDS_WIDE) + 1):
                mixture = at(k)
                if best is None or mixture.icl_ < best.icl_:
                    best = mixture
        assert best is not None
        judged = "the integrated likelihood is highest" + ("" if best.n_clusters_ > 1 else " for one cloud")
        self._note(f"Gaussian mixture, {best.covariance_type}", best.n_clusters_, judged=judged)
        return best.labels_

    def _most(self, wanted: int) -> int:
        """No more clusters than half of the rows that a refit sees."""
        return max(1, min(wanted, len(self.parts[0]) // 2))

    def _recovered(self, labels: Labels, refits: list[Labels]) -> float:
        """Mean over the refits of the Jaccard similarity of the least recovered cluster."""
        k = int(labels.max()) + 1
        least = [
            best_jaccards(labels[part], refit, n_segments=k).min()
            for part, refit in zip(self.parts, refits, strict=True)
        ]
        return float(np.mean(least))

    def _note(self, method: str, n_clusters: int, *, judged: str) -> None:
        self.tried.append(Attempt(method, n_clusters, judged))

    def _answer(self, labels: Labels, verdict: Verdict) -> Clustering:
        return Clustering(labels, verdict, _WHY[verdict], tuple(self.tried))

    def _nothing(self) -> Clustering:
        return self._answer(np.zeros(len(self.X), dtype=np.int32), "no natural segments")


_WHY: dict[Verdict, str] = {
    "natural": "These groups come back, all of them, when a third of the rows is missing; finer ones do not.",
    "constructive": "The rows overlap like clouds: groups can be told apart, but their borders are soft.",
    "no natural segments": "One cloud explains the rows best, and no division of them comes back.",
}
