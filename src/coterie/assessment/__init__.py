"""How good is a partition? Pure functions from (X, labels) to Score.

- of the distances within X: `INTERNAL_SCORES`, called as f(X, labels); noise (-1) is left out; who judges
  several labellings of one X makes it a `Space` first;
- of the density within X: `DENSITY_SCORES`, called alike, but noise lowers them;
- of the labels alone: `DESCRIPTIONS`, called as f(labels);
- against another grouping: `EXTERNAL_SCORES`, called as f(labels, truth); noise is a group of its own;
- against a number per customer: `eta_squared(labels, y)`;
- cluster by cluster against another grouping: `jaccards`, `best_jaccards`, numbers rather than a Score.

`SCORES` holds them all by name. A score that is undefined has the value None and a reason.
"""

from collections.abc import Callable

from coterie.assessment.density import dbcv
from coterie.assessment.external import (
    ari,
    ari_of_counts,
    best_jaccards,
    eta_squared,
    jaccards,
    largest_share,
    nmi,
    noise_share,
    smallest_share,
)
from coterie.assessment.gaps import dunn
from coterie.assessment.internal import calinski_harabasz, davies_bouldin, silhouette
from coterie.assessment.partition import Space
from coterie.assessment.score import Score

INTERNAL_SCORES: dict[str, Callable[..., Score]] = {
    "silhouette": silhouette,
    "davies_bouldin": davies_bouldin,
    "dunn": dunn,
    "calinski_harabasz": calinski_harabasz,
}
DENSITY_SCORES: dict[str, Callable[..., Score]] = {"dbcv": dbcv}
DESCRIPTIONS: dict[str, Callable[..., Score]] = {
    "noise_share": noise_share,
    "largest_share": largest_share,
    "smallest_share": smallest_share,
}
EXTERNAL_SCORES: dict[str, Callable[..., Score]] = {"ari": ari, "nmi": nmi}
SCORES: dict[str, Callable[..., Score]] = {
    **INTERNAL_SCORES,
    **DENSITY_SCORES,
    **DESCRIPTIONS,
    **EXTERNAL_SCORES,
    "eta_squared": eta_squared,
}

__all__ = [
    "DENSITY_SCORES",
    "DESCRIPTIONS",
    "EXTERNAL_SCORES",
    "INTERNAL_SCORES",
    "SCORES",
    "Score",
    "Space",
    "ari",
    "ari_of_counts",
    "best_jaccards",
    "calinski_harabasz",
    "davies_bouldin",
    "dbcv",
    "dunn",
    "eta_squared",
    "jaccards",
    "largest_share",
    "nmi",
    "noise_share",
    "silhouette",
    "smallest_share",
]
