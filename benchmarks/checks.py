"""Are two results as good? Each check takes ours and the peer's, says what it saw and if it is so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.comparison import score_gap

Found = dict[str, Any]
Check = Callable[[Found, Found], tuple[str, bool]]

SAME_HEIGHT, SAME_VALUE = 1e-9, 1e-6
INERTIA_RISE = 0.001
LIKELIHOOD_LOSS = 1e-3
"""Per row: what scikit-learn's EM itself takes for standing still."""
SAME_LABELS = 0.999


def heights(ours: Found, theirs: Found) -> tuple[str, bool]:
    """The largest relative difference of the heights of two trees."""
    one, other = np.sort(ours["heights"]), np.sort(theirs["heights"])
    gap = float(np.max(np.abs(one - other) / np.maximum(other, 1e-12 * other[-1])))
    return f"heights differ by {gap:.0e}", gap <= SAME_HEIGHT


def inertia(ours: Found, theirs: Found) -> tuple[str, bool]:
    """How much larger our sum of squared distances is."""
    rise = float(ours["inertia"] / theirs["inertia"] - 1)
    return f"inertia {rise:+.3%}", rise <= INERTIA_RISE


def likelihood(ours: Found, theirs: Found) -> tuple[str, bool]:
    """How much larger our log likelihood is, per row."""
    gain = float(ours["likelihood"] - theirs["likelihood"])
    return f"log likelihood {gain:+.4f} a row", gain >= -LIKELIHOOD_LOSS


def value(ours: Found, theirs: Found) -> tuple[str, bool]:
    """The difference of one score, relative where it is above 1."""
    gap = abs(ours["value"] - theirs["value"]) / max(1.0, abs(theirs["value"]))
    return f"differs by {gap:.0e}", gap <= SAME_VALUE


def labels(ours: Found, theirs: Found) -> tuple[str, bool]:
    """The adjusted Rand index of two labellings."""
    from sklearn.metrics import adjusted_rand_score

    ari = float(adjusted_rand_score(theirs["labels"], ours["labels"]))
    return f"ARI {ari:.4f}", ari >= SAME_LABELS


def scores(ours: Found, theirs: Found) -> tuple[str, bool]:
    """The largest difference of the scores of the same labellings, and the sum of the inertias."""
    gap = score_gap(theirs)
    said, is_low = inertia(ours, theirs)
    return f"scores of the same labels differ by {gap:.0e}, {said}", gap <= SAME_VALUE and is_low
